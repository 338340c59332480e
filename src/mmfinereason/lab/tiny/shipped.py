"""Where the models of the package lie: made by `mmfr lab train-teacher`, bf16, a megabyte or two each."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from mmfinereason.recipe.lab import BUILT_IN


def shipped() -> Path:
    """The folder with `tiny-base`, `tiny-prober` and `tiny-teacher`."""
    return Path(str(resources.files(__package__))) / "models"


def folder_of(checkpoint: str) -> Path:
    """The folder that `builtin:NAME` or a path means; whether it is there is not looked at."""
    if checkpoint.startswith(BUILT_IN):
        return shipped() / checkpoint.removeprefix(BUILT_IN)
    return Path(checkpoint).expanduser()
