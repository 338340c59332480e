"""`mmfr lab paper`: the paper's whole way with tiny models that really see, really err and really learn, on a CPU.

It drives the ordinary stages by an ordinary recipe, which it leaves in the folder, so that every step can be repeated
alone. What the page says of each finding is decided by rules written down in `findings` before any number is known.
"""
