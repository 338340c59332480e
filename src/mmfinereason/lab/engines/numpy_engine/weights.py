"""Weights from safetensors files in 32 bits: eight bytes of header length, the header as JSON, the numbers."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mmfinereason.errors import TrainError

Floats = NDArray[np.float32]

_TYPES = {"F32": np.float32, "F16": np.float16, "F64": np.float64}


class Weights:
    """The arrays of a checkpoint by name."""

    def __init__(self, arrays: Mapping[str, Floats], prefix: str = "") -> None:
        self._arrays = arrays
        self._prefix = prefix

    def __getitem__(self, name: str) -> Floats:
        try:
            return self._arrays[self._prefix + name]
        except KeyError as error:
            raise TrainError(f"the checkpoint has no weights {self._prefix + name}") from error

    def under(self, prefix: str) -> Weights:
        """The weights of a part, by their names within it."""
        return Weights(self._arrays, f"{self._prefix}{prefix}.")

    def linear(self, name: str) -> Floats:
        """A linear layer's matrix as (inputs, outputs)."""
        return np.ascontiguousarray(self[f"{name}.weight"].T)


def read(folder: Path) -> Weights:
    """All weights of a checkpoint.

    Raises:
        TrainError: there are none, or not in safetensors files.
    """
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise TrainError(f"{folder} has no safetensors file")
    return Weights({name: array for path in files for name, array in _arrays(path)})


def parameters(folder: Path) -> int:
    """How many numbers a checkpoint has, by the headers of its files."""
    return sum(math.prod(entry["shape"]) for path in folder.glob("*.safetensors") for _, entry in _header(path)[1])


def _arrays(path: Path) -> Iterator[tuple[str, Floats]]:
    start, entries = _header(path)
    data = np.memmap(path, np.uint8, "r", start)
    for name, entry in entries:
        first, last = entry["data_offsets"]
        yield name, _floats(data[first:last].tobytes(), entry["dtype"]).reshape(entry["shape"])


def _header(path: Path) -> tuple[int, list[tuple[str, dict[str, Any]]]]:
    """Where the numbers begin, and what is said of each array."""
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
    return 8 + length, [(name, entry) for name, entry in header.items() if name != "__metadata__"]


def _floats(data: bytes, kind: str) -> Floats:
    if kind == "BF16":  # the upper half of a float
        return (np.frombuffer(data, "<u2").astype(np.uint32) << 16).view(np.float32)
    if kind not in _TYPES:
        raise TrainError(f"weights of type {kind} cannot be read here", "take the engine transformers (extra `train`)")
    return np.frombuffer(data, _TYPES[kind]).astype(np.float32)
