"""What the backends share: the launch script, the environment, paths, and who may split a batch."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path

from mmfinereason.errors import TrainError

HEAD = """\
#!/usr/bin/env bash
# Starts the training from its own folder; the run folder may be moved as a whole. PYTHON names the interpreter of the
# environment that environment.txt describes. Further arguments go to the framework.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
python="$(command -v "${PYTHON:-python}")"
"""


def script(*lines: str) -> bytes:
    """A launch script."""
    return (HEAD + "\n".join(lines) + "\n").encode()


def environment(backend: str) -> bytes:
    """The pinned requirements of a backend on machines with GPUs."""
    return files("mmfinereason.train.frameworks").joinpath(f"{backend}.txt").read_bytes()


def located(model: str) -> str:
    """A model as a file in another folder must name it: paths whole, names of the hub as they are."""
    return str(Path(model).resolve()) if Path(model).exists() else model


def refuse_split(extra: Iterable[str], splits: tuple[str, ...], section: str) -> None:
    """Keep further keys from changing the batch behind the recipe's back. Raises TrainError."""
    if taken := [key for key in extra if key.lstrip("+") in splits]:
        raise TrainError(
            f"{section} must not set {', '.join(taken)}: the batch would not be what the recipe asks for",
            "set the batch in the recipe and the machines in train.hardware",
        )
