"""A text as an array of its code points: what makes looking at every character of a long trace cheap."""

from __future__ import annotations

import sys

import numpy as np
from numpy.typing import NDArray

_UTF32 = "utf-32-le" if sys.byteorder == "little" else "utf-32-be"

CodePoints = NDArray[np.uint32]


def code_points(text: str) -> CodePoints:
    """One number a character, shape (len(text),); lone surrogates included."""
    return np.frombuffer(text.encode(_UTF32, "surrogatepass"), dtype=np.uint32)
