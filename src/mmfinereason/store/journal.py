"""The journal of one shard: every reply is on disk before it counts."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from fsspec import AbstractFileSystem

from mmfinereason.schema import Reason


@dataclass(frozen=True, slots=True)
class Entry:
    """One journalled outcome: `ok`, or the Reason it failed with, and what the writer needs to build it again."""

    key: str
    outcome: str
    body: dict[str, Any]


class Journal:
    """Journal of one shard of one table: an async context manager."""

    def __init__(self, fs: AbstractFileSystem, path: str, *, redo: Set[Reason] = frozenset()) -> None: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def lookup(self, key: str) -> Entry | None:
        """What is known of a key, unless it is owed again."""

    async def append(self, entry: Entry, tally: Mapping[str, float] | None = None) -> None:
        """Write an entry; returns when it is durable."""
