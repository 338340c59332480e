"""How many threads numpy's matrix products take in this process.

On matrices as small as these, OpenBLAS's threads mostly wait for one another: on a busy machine two of them are ten
times as slow as one. OpenBLAS reads its environment before anyone here can set it, so it is told by its own function.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

import numpy as np

_SET = "scipy_openblas_set_num_threads64_"


def limit(threads: int) -> None:
    """Take so many; a numpy that was built with another library keeps its own number."""
    for path in (Path(np.__file__).parent.parent / "numpy.libs").glob("*openblas*"):
        library = ctypes.CDLL(str(path))
        if hasattr(library, _SET):
            getattr(library, _SET)(threads)
