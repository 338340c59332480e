"""Raw rows cut into shards: bounded by count and by bytes, the same cut every time.

One shard holds rows of one source; images that rows only name weigh as much as their files, for they are in the shard
later. The cut depends on the sources and the bounds alone, so that a second start finds
the same shards and reads past those that are done.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmfinereason.collect.readers import BadRow, RawRow, read, root_of
from mmfinereason.recipe.sources import SourceSettings

USUAL_IMAGE = 256 << 10
"""Bytes that an image at a URL or in an object store is taken for."""

_IMAGE_NAME = re.compile(r"\.(?:png|jpe?g|webp|gif|bmp|tiff?|avif|jp2)\Z", re.IGNORECASE)


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
        for items in _cut(read(settings, skip=skip), rows, size, root_of(settings)):
            if shard not in finished:
                yield Batch(shard, number, items)
            shard += 1


def _cut(items: Iterator[RawRow | BadRow], rows: int, size: int, root: str | None) -> Iterator[list[RawRow | BadRow]]:
    batch: list[RawRow | BadRow] = []
    held = 0
    for item in items:
        weight = _weight(item.values, _folders(item, root)) if isinstance(item, RawRow) else 0
        if batch and (len(batch) >= rows or held + weight > size):
            yield batch
            batch, held = [], 0
        batch.append(item)
        held += weight
    if batch:
        yield batch


def _folders(row: RawRow, root: str | None) -> list[str]:
    """Where the row's images may lie: beside its file, and below the root."""
    beside = row.origin.rpartition("#")[0].rpartition("/")[0]
    return [] if root is None else [f"{root}/{beside}", root] if beside else [root]


def _weight(value: Any, folders: Sequence[str]) -> int:
    """About how many bytes a raw value takes, with the image that it names."""
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, str):
        return len(value) + (_image_size(value, folders) if _IMAGE_NAME.search(value, max(0, len(value) - 5)) else 0)
    if isinstance(value, dict):
        return sum(_weight(one, folders) for one in value.values())
    if isinstance(value, list | tuple):
        return sum(_weight(one, folders) for one in value)
    return 8


def _image_size(name: str, folders: Sequence[str]) -> int:
    """Bytes of an image file; a usual size where asking would cost a request, and none where there is no such file."""
    if "://" in name or any("://" in folder for folder in folders):
        return USUAL_IMAGE
    for folder in folders:
        with suppress(OSError, ValueError):
            return Path(folder, name).stat().st_size
    return 0
