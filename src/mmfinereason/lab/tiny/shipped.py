"""Where the models of the package lie: made by `mmfr lab train-teacher`, bf16, a megabyte or two each."""

from __future__ import annotations

from importlib import resources
from pathlib import Path


def shipped() -> Path:
    """The folder with `base`, `prober` and `teacher`."""
    return Path(str(resources.files(__package__))) / "models"
