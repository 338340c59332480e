"""Tiny vision-language models of the small world: Qwen3-VL's own architecture, taught on the spot (extra `train`).

`checkpoint` writes an untaught one, `lessons` are what it is taught, `school` teaches it, `curriculum` makes the three
that a re-enactment needs. `models/` holds those that come with the package, named by `shipped`.
"""
