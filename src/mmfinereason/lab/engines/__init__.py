"""What runs a local checkpoint: numpy alone for small dense ones on a CPU, transformers for the rest."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from mmfinereason.lab.engines.base import Engine
from mmfinereason.recipe.lab import EngineName
from mmfinereason.train.local import checkpoint

SMALL = 50_000_000
"""Parameters up to which numpy is taken where transformers is there too."""


def load(path: str, name: EngineName = "auto", device: str = "auto", threads: int | None = None) -> Engine:
    """A checkpoint ready to write. Unless `threads` are given, numpy takes one and PyTorch decides for itself.

    Raises:
        TrainError: there is no Qwen3-VL at `path`, or nothing to run it with.
    """
    folder = checkpoint.locate(path)
    if (chosen(folder, device) if name == "auto" else name) == "numpy":
        from mmfinereason.lab.engines.numpy_engine.engine import NumpyEngine

        return NumpyEngine(folder, threads or 1)
    from mmfinereason.lab.engines.transformers_engine.engine import TransformersEngine

    return TransformersEngine(folder, device, threads)


def chosen(folder: Path, device: str = "auto") -> EngineName:
    """The engine that `auto` takes: numpy for a small dense model on the CPU, and where torch is missing."""
    from mmfinereason.lab.engines.numpy_engine import weights

    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("transformers") is None:
        return "numpy"
    small = 0 < weights.parameters(folder) < SMALL and checkpoint.dense(folder)
    return "numpy" if small and checkpoint.device_of(device) == "cpu" else "transformers"
