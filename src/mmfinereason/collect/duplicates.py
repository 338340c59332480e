"""Duplicates over the whole run: the same id, the same image and question, and on request nearly the same.

The keys of all rows pass through once, batch by batch, and leave 32 bytes each (and some 150 more for near duplicates),
so that millions of rows fit. In whatever order shards were finished, the first row in the order of the run stays.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmfinereason.collect.near_duplicates import Sketches
from mmfinereason.collect.text.marker import without_marker
from mmfinereason.recipe.clean import DuplicateSettings
from mmfinereason.schema import Reason

_SPACES = re.compile(r"\s+")
_WORD = re.compile(r"[^\W\d_]*[a-z][^\W\d_]+")
_END = re.compile(r"[.?!:;。？！：；]+\Z")


@dataclass(frozen=True, slots=True)
class Drop:
    """A row to reject: its position in the order of the run, and why; `detail` names the twin that stays."""

    index: int
    reason: Reason
    detail: str


def find_duplicates(keys: pa.Table | Iterable[pa.RecordBatch], settings: DuplicateSettings) -> list[Drop]:
    """Rows to drop, by position. `keys` has the columns id, question, image_sha256, image_phash, in run order."""
    ids, names, contents, sketches = [], [], [], Sketches()
    for batch in keys.to_batches() if isinstance(keys, pa.Table) else keys:
        ids.append(batch["id"])
        questions = [without_marker(question or "") for question in batch["question"].to_pylist()]
        hashes = batch["image_sha256"].to_pylist()
        names.append(_digests(batch["id"].to_pylist()))
        contents.append(_digests(f"{h}\n{same_wording(q)}" for h, q in zip(hashes, questions, strict=True)))
        if settings.near:
            sketches.add(questions, batch["image_phash"].to_pylist())
    if not ids:
        return []
    books = _Books(pa.chunked_array(ids), np.arange(sum(map(len, ids))))
    books.drop(_firsts(names), Reason.DUPLICATE_ID, "the same id stands in an earlier row of the run: {}")
    if settings.exact:
        books.drop(_firsts(contents), Reason.DUPLICATE, "same image and question as {}")
    if settings.near:
        twins = sketches.twins(books.kept(), settings)
        books.drop(twins, Reason.NEAR_DUPLICATE, "nearly the same image and question as {}")
    return books.drops


def same_wording(question: str) -> str:
    """The question without what does not change its meaning: spaces, capitals in words, the last full stop.

    Single letters and words in capitals are names of points and sides and stay: `Find a` is not `Find A`.
    """
    lowered = _WORD.sub(lambda match: match[0].lower(), question)
    return _END.sub("", _SPACES.sub("", lowered))


class _Books:
    """Who is dropped so far; a dropped row is nobody's twin."""

    def __init__(self, ids: pa.ChunkedArray, rows: NDArray[np.int64]) -> None:
        self.ids = ids
        self.rows = rows
        self.drops: list[Drop] = []

    def kept(self) -> NDArray[np.int64]:
        """Positions of the rows that stay so far."""
        return np.delete(self.rows, [drop.index for drop in self.drops])

    def drop(self, first: NDArray[np.int64], reason: Reason, detail: str) -> None:
        """Drop each kept row i whose `first[i]`, the first kept row of its kind, is another."""
        kept = self.kept()
        standing = np.full(len(self.rows), -1)
        standing[first[kept[::-1]]] = kept[::-1]  # the smallest kept row of each kind is written last
        twins = standing[first[kept]]
        found = [
            Drop(int(row), reason, detail.format(self.ids[int(twin)].as_py()))
            for row, twin in zip(kept, twins, strict=True)
            if row != twin
        ]
        self.drops = sorted([*self.drops, *found], key=lambda drop: drop.index)


def _digests(texts: Iterable[str]) -> NDArray[np.uint64]:
    """128 bits a text, as two columns."""
    joined = b"".join(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest() for text in texts)
    return np.frombuffer(joined, dtype=np.uint64).reshape(-1, 2)


def _firsts(chunks: list[NDArray[np.uint64]]) -> NDArray[np.int64]:
    """For each row the position of the first row with the same digest."""
    digests = np.concatenate(chunks)
    order = np.lexsort((digests[:, 1], digests[:, 0]))  # stable: equal digests stay in the order of the run
    ordered = digests[order]
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    first = np.empty(len(order), dtype=np.int64)
    first[order] = order[starts][np.cumsum(starts) - 1]
    return first
