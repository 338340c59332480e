"""Near duplicates without comparing all with all.

Each row leaves a sketch: its perceptual hash, the MinHash of its question (Broder 1997; 64 permutations, one byte
each), and a digest of the numbers, names and content words in it. The digest must agree, for however alike two long
texts read, with 3 in place of 4 or `minimum` in place of `maximum` they ask something else. Rows are compared only if
they share the digest, one band of the perceptual hash and one band of the MinHash; within such a group each row meets
the group's first and the one before it, so the work grows with the rows, not with their square.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from mmfinereason.recipe.clean import DuplicateSettings

_PERMUTATIONS, _BANDS, _PIECE = 64, 8, 5
_FACTS = re.compile(r"\d+(?:\.\d+)?|\b[A-Z]{2,}\b|\b[B-Zb-z]\b")
_CONTENT = re.compile(r"[^\W\d_]{4,}")
_EMPTY = frozenset(
    {"this", "that", "these", "those", "shown", "given", "below", "above", "following", "figure", "image", "picture"}
    | {"diagram", "with", "from"}
)
_FLAT = "0" * 16
_SPACES = re.compile(r"\s+")
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class Sketches:
    """What near duplicates are found by, some 150 bytes a row."""

    def __init__(self) -> None:
        self._looks: list[NDArray[np.uint64]] = []
        self._facts: list[NDArray[np.uint64]] = []
        self._words: list[NDArray[np.uint8]] = []
        draw = np.random.default_rng(0)  # any fixed numbers do
        self._factors = draw.integers(1, 2**63, _PERMUTATIONS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
        self._offsets = draw.integers(0, 2**63, _PERMUTATIONS, dtype=np.uint64)

    def add(self, questions: Sequence[str], phashes: Sequence[str | None]) -> None:
        """The next rows, in the order of the run."""
        self._looks.append(np.array([int(phash or _FLAT, 16) for phash in phashes], dtype=np.uint64))
        self._facts.append(np.array([_facts(question) for question in questions], dtype=np.uint64))
        signatures = b"".join(self._minhash(question) for question in questions)
        self._words.append(np.frombuffer(signatures, dtype=np.uint8).reshape(-1, _PERMUTATIONS))

    def twins(self, rows: NDArray[np.int64], settings: DuplicateSettings) -> NDArray[np.int64]:
        """For each row of the run the earliest one of `rows` that it nearly duplicates; itself where there is none."""
        looks, facts, words = np.concatenate(self._looks), np.concatenate(self._facts), np.concatenate(self._words)
        rows = rows[looks[rows] != 0]  # pictures of one colour all look alike
        twin = np.arange(len(looks))
        for look, word in product(_bands(looks, settings.image_distance + 1), _word_bands(words)):
            for early, late in _pairs(rows, _mixed(look, word, facts)):
                alike = _distance(looks[early], looks[late]) <= settings.image_distance
                alike &= (words[early] == words[late]).mean(axis=1) >= settings.question_similarity
                np.minimum.at(twin, late[alike], early[alike])
        return _settled(twin)

    def _minhash(self, question: str) -> bytes:
        text = _SPACES.sub(" ", question).lower().encode("utf-8", "surrogatepass").ljust(_PIECE)
        letters = np.frombuffer(text, dtype=np.uint8).astype(np.uint64)
        pieces = np.zeros(len(letters) - _PIECE + 1, dtype=np.uint64)
        for i in range(_PIECE):
            pieces |= letters[i : i + len(pieces)] << np.uint64(8 * i)
        smallest = (np.unique(pieces)[:, None] * self._factors + self._offsets).min(axis=0)
        signature: NDArray[np.uint8] = ((smallest >> np.uint64(8)) * _GOLDEN >> np.uint64(56)).astype(np.uint8)
        return signature.tobytes()


def _facts(question: str) -> int:
    words = sorted(set(_CONTENT.findall(question.lower())) - _EMPTY)
    found = "\n".join([*_FACTS.findall(question), *words])
    return int.from_bytes(hashlib.blake2b(found.encode(), digest_size=8).digest(), "little")


def _bands(looks: NDArray[np.uint64], count: int) -> list[NDArray[np.uint64]]:
    """`count` slices of the 64 bits: hashes that differ in fewer bits than there are slices agree in one."""
    edges = [64 * i // count for i in range(count + 1)]
    return [(looks >> np.uint64(low)) & np.uint64((1 << (high - low)) - 1) for low, high in pairwise(edges)]


def _word_bands(words: NDArray[np.uint8]) -> list[NDArray[np.uint64]]:
    return [np.ascontiguousarray(band).view(np.uint64).ravel() for band in np.split(words, _BANDS, axis=1)]


def _mixed(*parts: NDArray[np.uint64]) -> NDArray[np.uint64]:
    key = np.zeros_like(parts[0])
    for part in parts:
        key = (key ^ part) * _GOLDEN
        key ^= key >> np.uint64(31)
    return key


def _pairs(rows: NDArray[np.int64], key: NDArray[np.uint64]) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Each row with the first of its group, and with the one before it."""
    order = rows[np.argsort(key[rows], kind="stable")]
    same = np.zeros(len(order), dtype=bool)
    same[1:] = key[order[1:]] == key[order[:-1]]
    leaders = order[np.maximum.accumulate(np.where(same, 0, np.arange(len(order))))] if len(order) else order
    return [(leaders[same], order[same]), (order[np.flatnonzero(same) - 1], order[same])]


def _distance(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> NDArray[np.int64]:
    bits = np.unpackbits((a ^ b).view(np.uint8).reshape(-1, 8), axis=1)
    return np.asarray(bits.sum(axis=1), dtype=np.int64)


def _settled(twin: NDArray[np.int64]) -> NDArray[np.int64]:
    """A twin must stay itself: what only resembles a dropped row is kept."""
    settled = twin.copy()
    for row in np.flatnonzero(twin != np.arange(len(twin))):
        if settled[twin[row]] != twin[row]:
            settled[row] = row
    return settled
