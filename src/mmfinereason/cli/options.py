"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mmfinereason.errors import MmfrError

RecipeFile = Annotated[Path, typer.Argument(help="The recipe, a YAML file.", show_default=False)]
RunFolder = Annotated[str, typer.Argument(help="The run folder, a path or a URL.", show_default=False)]
Overrides = Annotated[
    list[str] | None, typer.Option("--set", help="Override a setting: `section.key=value`. May be repeated.")
]
Shards = Annotated[
    str | None, typer.Option(help="Work on these shards only, `0-99`: for many machines on one run folder.")
]
Workers = Annotated[int | None, typer.Option(help="Worker processes for CPU work (default: the machine's cores).")]


def shard_range(text: str | None) -> range | None:
    """`0-99` or `7` as a range. Raises MmfrError for anything else."""
    if text is None:
        return None
    first, dash, last = text.partition("-")
    if not first.isdigit() or (dash and not last.isdigit()):
        raise MmfrError(f"--shards {text}: not a range of shards", "write --shards 0-99")
    return range(int(first), int(last if dash else first) + 1)
