"""Does a trace run in circles? Any run of `n` words that occurs `times` times says so (paper, section 3: 50 and 3).

Comparing runs of words one by one costs 20 times the splitting of the text. Here every word becomes a 64-bit number and
every run the polynomial hash of its words, read off one cumulative sum (mod 2**64, where odd numbers can be inverted).
Equal runs always have equal hashes; whatever looks repeated is then compared word by word, so that the verdict is that
of the slow way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_BASE = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1

Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Repeat:
    """The first run of words that occurs often enough."""

    start: int
    """Index of the word it first begins with."""
    count: int
    """How often it occurs, overlaps included."""
    text: str


def repetition(text: str, n: int = 50, times: int = 3) -> Repeat | None:
    """The first run of `n` words that occurs at least `times` times in the text, or None."""
    words = text.split()
    if len(words) < n + times - 1:
        return None
    hashes = _window_hashes(words, n)
    ordered = np.sort(hashes)
    repeated = ordered[times - 1 :][ordered[times - 1 :] == ordered[: ordered.size - times + 1]]
    if repeated.size == 0:
        return None
    return _confirm(words, np.flatnonzero(np.isin(hashes, repeated)), n, times)


def _window_hashes(words: list[str], n: int) -> Hashes:
    """One hash for each run of `n` words, shape (words - n + 1,)."""
    powers, inverses = _powers(1 << len(words).bit_length())
    numbers = np.fromiter(map(hash, words), dtype=np.int64, count=len(words)).view(np.uint64)
    sums = np.zeros(len(words) + 1, dtype=np.uint64)
    np.cumsum(numbers * powers[: len(words)], out=sums[1:])
    windows = sums.size - n
    return (sums[n:] - sums[:windows]) * inverses[:windows]


@lru_cache(maxsize=8)
def _powers(size: int) -> tuple[Hashes, Hashes]:
    """Powers 0..size-1 of the base and of its inverse, mod 2**64."""
    return tuple(  # type: ignore[return-value]
        np.concatenate(([np.uint64(1)], np.full(size - 1, factor, dtype=np.uint64))).cumprod(dtype=np.uint64)
        for factor in (_BASE, pow(_BASE, -1, _MASK + 1))
    )


def _confirm(words: list[str], starts: NDArray[np.intp], n: int, times: int) -> Repeat | None:
    """Count the suspected runs themselves: two different runs may share a hash."""
    found: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for start in starts.tolist():
        found[tuple(words[start : start + n])].append(start)
    for run, places in found.items():
        if len(places) >= times:
            return Repeat(places[0], len(places), " ".join(run))
    return None
