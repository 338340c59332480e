"""Does a trace run in circles? Any run of `n` words that occurs `times` times says so (paper, stage 3: 50 and 3).

Comparing runs of words one by one costs some twenty times the splitting of the text. Here the text becomes an array of
characters, and every run of words the polynomial hash of its characters without the blanks, read off one cumulative
sum (mod 2**32, where odd numbers can be inverted). Equal runs always have equal hashes; whatever looks repeated is then
compared word by word, so that the verdict is that of the slow way.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mmfinereason.trace.codes import code_points

_BASE = 0x9E3779B1
_MODULUS = 1 << 32
_LAST_BLANK = 0x3000

Hashes = NDArray[np.uint32]


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
    hashes = _run_hashes(text, n)
    if hashes.size < times:
        return None
    ordered = np.sort(hashes)
    last = ordered[times - 1 :]
    repeated = last[last == ordered[: last.size]]
    if repeated.size == 0:
        return None
    return _confirm(text.split(), hashes, np.flatnonzero(np.isin(hashes, repeated)), n, times)


def _run_hashes(text: str, n: int) -> Hashes:
    """One hash for each run of `n` words, shape (words - n + 1,)."""
    codes = code_points(text)
    filled = _filled().take(codes, mode="clip")
    edges = np.flatnonzero(filled[1:] != filled[:-1]) + 1
    if codes.size and filled[0]:
        edges = np.concatenate(([0], edges))
    starts, ends = edges[::2], edges[1::2]
    if starts.size > ends.size:
        ends = np.concatenate((ends, [codes.size]))
    if starts.size < n:
        return np.empty(0, dtype=np.uint32)
    letters = codes[filled]
    bounds = np.concatenate(([0], np.cumsum(ends - starts)))
    powers, inverses = _powers(1 << letters.size.bit_length())
    sums = np.zeros(letters.size + 1, dtype=np.uint32)
    np.cumsum(letters * powers[: letters.size], out=sums[1:])
    first, last = bounds[:-n], bounds[n:]
    hashes: Hashes = (sums[last] - sums[first]) * inverses[first]
    return hashes


@lru_cache(maxsize=1)
def _filled() -> NDArray[np.bool_]:
    """For each code point up to the last blank, and once for all beyond: is it no blank to `str.split`?"""
    return np.array([not chr(code).isspace() for code in range(_LAST_BLANK + 2)])


@lru_cache(maxsize=4)
def _powers(size: int) -> tuple[Hashes, Hashes]:
    """Powers 0..size-1 of the base and of its inverse, mod 2**32."""
    factors = np.full((2, size), [[_BASE], [pow(_BASE, -1, _MODULUS)]], dtype=np.uint32)
    factors[:, 0] = 1
    powers, inverses = np.cumprod(factors, axis=1, dtype=np.uint32)
    return powers, inverses


def _confirm(words: list[str], hashes: Hashes, suspects: NDArray[np.intp], n: int, times: int) -> Repeat | None:
    """Count the suspected runs themselves, earliest first: two different runs may share a hash."""
    groups: dict[int, list[int]] = defaultdict(list)
    for start, value in zip(suspects.tolist(), hashes[suspects].tolist(), strict=True):
        groups[value].append(start)
    best: Repeat | None = None
    for starts in groups.values():
        if best is not None and best.start < starts[0]:
            break
        for run, places in _alike(words, starts, n).items():
            if len(places) >= times and (best is None or places[0] < best.start):
                best = Repeat(places[0], len(places), " ".join(run))
    return best


def _alike(words: list[str], starts: list[int], n: int) -> dict[tuple[str, ...], list[int]]:
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for start in starts:
        places[tuple(words[start : start + n])].append(start)
    return places
