"""What this stage reads of a sample: never the reference answer, so that it cannot reach the teacher."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mmfinereason.store import Table

_COLUMNS = ("id", "source", "origin", "question", "options", "fixed_answer", "image", "image_sha256")
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Row:
    """One sample as the models get it."""

    id: str
    source: str
    origin: str
    question: str
    options: tuple[str, ...]
    fixed_answer: bool
    image: bytes
    image_sha256: str


def rows(samples: Table, shard: int) -> Iterator[Row]:
    """The samples of a shard in order, a few in memory at a time."""
    for batch in samples.batches(shard, _BATCH, _COLUMNS):
        for row in batch.to_pylist():
            image = row.pop("image")["bytes"]
            options, fixed_answer = tuple(row.pop("options") or ()), row.pop("fixed_answer") is not False
            yield Row(**row, image=image, options=options, fixed_answer=fixed_answer)
