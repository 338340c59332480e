"""What a reader yields, and what it is given: the types all readers share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from mmfinereason.collect.readers.files import File
from mmfinereason.schema import Reason

DEEPEST = 100
"""Levels of lists and objects in a row; what nests deeper was made to break readers."""


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as its publisher laid it out.

    `origin` is `folder/file.jsonl#17`: the file below the source's root, and the row's number in it, counted from 0.
    """

    values: dict[str, Any]
    origin: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be parsed. It is data, not an exception: it ends among the rejects."""

    reason: Reason
    detail: str
    origin: str


Item = RawRow | BadRow


def unreadable(file: File, row: int, why: object) -> BadRow:
    """Row `row` of `file` as a reject."""
    return BadRow(Reason.UNREADABLE_ROW, f"{file.name}: {why}", file.origin(row))


def too_deep(value: Any, levels: int = DEEPEST) -> bool:
    """Whether lists and objects are nested deeper than any row is, so that walking through them is not safe."""
    if not isinstance(value, dict | list):
        return False
    inner = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(too_deep(one, levels - 1) for one in inner)


@dataclass(slots=True)
class Cursor:
    """How many leading rows are still to be passed over; shared by all files of a source."""

    left: int = 0

    def passes(self, rows: int = 1) -> bool:
        """Whether all of the next `rows` rows are to be passed over; counts them off if so."""
        if rows > self.left:
            return False
        self.left -= rows
        return True


class Reader(Protocol):
    """Yields the rows of one file that the cursor does not pass over, without holding the file in memory."""

    def __call__(self, file: File, cursor: Cursor, /) -> Iterator[Item]: ...
