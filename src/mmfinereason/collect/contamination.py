"""Rows whose image or question is a benchmark's item."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from mmfinereason.collect.duplicates import Drop
from mmfinereason.recipe.clean import ContaminationSettings


@dataclass(frozen=True, slots=True)
class BenchmarkItem:
    """One test item; `image` is the encoded file, None where the item has none."""

    benchmark: str
    id: str
    question: str
    image: bytes | None


@dataclass(frozen=True, slots=True)
class Match:
    """The evidence: which item, by `image` or `question`, and how alike (bits that differ, or share of n-grams)."""

    benchmark: str
    item: str
    by: str
    score: float
    text: str


class Index:
    """All items of all benchmarks, ready to be asked."""

    def find(self, question: str, phash: str, sha256: str) -> Match | None:
        """The item this row is a copy of, if any."""
        raise NotImplementedError


def build_index(items: Iterable[BenchmarkItem], settings: ContaminationSettings) -> Index:
    """Read the benchmark items once."""
    raise NotImplementedError


def find_contamination(keys: pa.Table, index: Index) -> list[Drop]:
    """`keys` as for `find_duplicates`; each Drop's detail carries the pair as evidence."""
    raise NotImplementedError
