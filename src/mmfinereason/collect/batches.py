"""Raw rows cut into shards: bounded by count and by bytes, the same cut every time.

One shard holds rows of one source. The cut depends on the sources and the bounds alone, so that a second start finds
the same shards and reads past those that are done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mmfinereason.collect.readers import BadRow, RawRow, read
from mmfinereason.recipe.sources import SourceSettings


@dataclass(frozen=True, slots=True)
class Batch:
    """The raw rows of one shard."""

    shard: int
    source: int
    """Position of the source in the recipe."""
    items: list[RawRow | BadRow]

    def __str__(self) -> str:
        return f"shard {self.shard} ({self.items[0].origin} and the {len(self.items) - 1} rows after it)"


@dataclass(frozen=True, slots=True)
class Finished:
    """A shard done by an earlier start: which source it came from and how many raw rows it took."""

    source: int
    raw_rows: int


def batches(
    sources: Sequence[SourceSettings], *, rows: int, size: int, finished: dict[int, Finished]
) -> Iterator[Batch]:
    """The batches that are owed, in order; `rows` and `size` (bytes) bound each.

    Raises SourceError when a source cannot be opened.
    """
    shard = 0
    for number, settings in enumerate(sources):
        skip = 0
        while shard in finished and finished[shard].source == number:
            skip += finished[shard].raw_rows
            shard += 1
        for items in _cut(read(settings, skip=skip), rows, size):
            if shard not in finished:
                yield Batch(shard, number, items)
            shard += 1


def _cut(items: Iterator[RawRow | BadRow], rows: int, size: int) -> Iterator[list[RawRow | BadRow]]:
    batch: list[RawRow | BadRow] = []
    held = 0
    for item in items:
        weight = _weight(item.values) if isinstance(item, RawRow) else 0
        if batch and (len(batch) >= rows or held + weight > size):
            yield batch
            batch, held = [], 0
        batch.append(item)
        held += weight
    if batch:
        yield batch


def _weight(value: Any) -> int:
    """About how many bytes a raw value takes."""
    if isinstance(value, bytes | str):
        return len(value)
    if isinstance(value, dict):
        return sum(map(_weight, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(_weight, value))
    return 8
