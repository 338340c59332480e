"""What a reader yields, and what it is given: the three types every reader shares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from mmfinereason.collect.readers.files import File
from mmfinereason.schema import Reason


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as its publisher laid it out. `origin` is `folder/file.jsonl#17`: file below the source's root, and row number."""

    values: dict[str, Any]
    origin: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be parsed. It is data, not an exception: it ends among the rejects."""

    reason: Reason
    detail: str
    origin: str


@dataclass(slots=True)
class Cursor:
    """How many leading rows are still to be passed over. Shared by all files of a source, so whole files can be skipped."""

    left: int = 0

    def passes(self, rows: int = 1) -> bool:
        """Whether all of the next `rows` rows are to be passed over; counts them off if so."""
        if rows > self.left:
            return False
        self.left -= rows
        return True


class Reader(Protocol):
    """Yields the rows of one file that the cursor does not pass over, without holding the file in memory."""

    def __call__(self, file: File, cursor: Cursor) -> Iterator[RawRow | BadRow]: ...
