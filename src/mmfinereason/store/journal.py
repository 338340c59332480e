"""The journal of one shard: every outcome of a paid request is on disk before it counts.

Append-only JSON lines, known by the key of their request; the last of several lines for one key holds. A line torn by a
crash is cut off when the journal is opened: its request is owed again. Failures are outcomes too. Each line carries the
running tally of what this journal's requests have cost, so that its last line alone tells what is spent.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import orjson
from fsspec import AbstractFileSystem

from mmfinereason.schema import Reason
from mmfinereason.store.appending import appending, last_line
from mmfinereason.store.commit import GroupCommit

OK = "ok"
OWED = frozenset({Reason.CONNECTION, Reason.TIMEOUT, Reason.RATE_LIMITED, Reason.SERVER_ERROR, Reason.BAD_REPLY})
"""Failures that say nothing about the row: they are owed again the next time the journal is opened."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One outcome: `ok` or the Reason it failed with, and what its writer needs to build it again (JSON values)."""

    key: str
    outcome: str
    body: Mapping[str, Any]


class Journal:
    """Journal of one shard of one table: an async context manager.

    `redo` names outcomes that are owed again although they were journalled. Raises StoreError when another process has
    the journal open, or when it cannot be written.
    """

    def __init__(self, fs: AbstractFileSystem, path: str, *, redo: Set[Reason] = frozenset()) -> None:
        self._commit = GroupCommit(appending(fs, path), path)
        self._owed = {reason.value for reason in OWED | redo}
        self._known: dict[str, bytes] = {}
        self._tally: Counter[str] = Counter()
        self._guests: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        for line in await self._commit.open():
            self._learn(line)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the requests on their way, write what they bring, close."""
        try:
            if self._guests:
                await asyncio.wait(self._guests)
        finally:
            await self._commit.close()

    def __len__(self) -> int:
        """Outcomes known and not owed again."""
        return len(self._known)

    @property
    def tally(self) -> Mapping[str, float]:
        """What this journal's requests have cost since it was begun."""
        return self._tally

    def lookup(self, key: str) -> Entry | None:
        """The outcome known for a key, or None when it is owed."""
        line = self._known.get(key)
        if line is None:
            return None
        record = orjson.loads(line)
        return Entry(key, record["outcome"], record["body"])

    def check(self) -> None:
        """Raise StoreError when nothing can be written any more: what is asked for now could not be kept."""
        self._commit.check()

    def expect(self, task: asyncio.Task[Any]) -> None:
        """Stay open until a task that may still append is done."""
        self._guests.add(task)
        task.add_done_callback(self._guests.discard)

    async def append(self, entry: Entry, tally: Mapping[str, float] | None = None) -> None:
        """Write an outcome and what it has cost; returns when it is durable."""
        self._tally.update(tally or {})
        record = {"key": entry.key, "outcome": entry.outcome, "body": entry.body, "tally": self._tally}
        line = orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)
        await self._commit.put(line)
        self._known[entry.key] = line

    def _learn(self, line: bytes) -> None:
        """Take in a line; one that is no journal line (a damaged disk) is as if it had never been written."""
        try:
            record = orjson.loads(line)
            key, outcome, tally = record["key"], record["outcome"], record["tally"]
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return
        self._tally = Counter(tally)
        if outcome in self._owed:
            self._known.pop(key, None)
        else:
            self._known[key] = line


def tally_of(fs: AbstractFileSystem, path: str) -> dict[str, float]:
    """What a journal's requests have cost, read off its last line; empty when there is none.

    Where a damaged disk has spoilt that line, the whole journal is read: the last sound one tells.
    """
    line = last_line(fs, path)
    if line is None:
        return {}
    found = _tally(line)
    if found is not None:
        return found
    file = appending(fs, path)
    try:
        tallies = [tally for one in file.open() if (tally := _tally(one)) is not None]
    finally:
        file.close()
    return tallies[-1] if tallies else {}


def _tally(line: bytes) -> dict[str, float] | None:
    try:
        return dict(orjson.loads(line)["tally"])
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return None
