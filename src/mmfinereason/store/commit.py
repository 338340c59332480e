"""Group commit: lines are written at once, synced together, and count when they are synced.

A line is handed to the system the moment it comes, where it survives a killed process; only a power cut can take lines
that were not yet synced, and nobody was told that those count. Handing over is a copy in memory and done in place; what
waits for a disk or a network is the sync, and that is done in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from mmfinereason.errors import StoreError
from mmfinereason.store.appending import Appending

_T = TypeVar("_T")


class GroupCommit:
    """Writes lines to one file. Made and used inside one event loop."""

    def __init__(self, file: Appending, name: str) -> None:
        self._file = file
        self._name = name
        self._thread = ThreadPoolExecutor(1, "journal")
        self._unsynced: list[asyncio.Future[None]] = []
        self._size = 0
        self._due = asyncio.Event()
        self._closing = False
        self._broken: OSError | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> list[bytes]:
        """Open the file; the whole lines it holds."""
        lines = await self._in_thread(self._file.open)
        self._task = asyncio.create_task(self._sync_when_due())
        return lines

    async def put(self, line: bytes) -> None:
        """Append a line; returns when it is durable. Raises StoreError when it cannot be written."""
        self.check()
        try:
            self._file.write(line)
        except OSError as error:
            self._break(error)
            raise self._error() from error
        loop = asyncio.get_running_loop()
        durable: asyncio.Future[None] = loop.create_future()
        if not self._unsynced:
            loop.call_later(self._file.sync_seconds, self._due.set)
        self._unsynced.append(durable)
        self._size += len(line)
        if self._size >= self._file.sync_bytes:
            self._due.set()
        await durable

    def check(self) -> None:
        """Raise StoreError when nothing can be written any more."""
        if self._task is None or self._closing or self._broken:
            raise self._error()

    async def close(self) -> None:
        """Sync what was written, then close the file."""
        self._closing = True
        self._due.set()
        if self._task is not None:
            await self._task
        await self._in_thread(self._file.close)
        self._thread.shutdown()

    async def _sync_when_due(self) -> None:
        while self._unsynced or not self._closing:
            await self._due.wait()
            self._due.clear()
            batch, self._unsynced, self._size = self._unsynced, [], 0
            if not batch:
                continue
            try:
                await self._in_thread(self._file.sync)
            except OSError as error:
                self._unsynced = batch + self._unsynced
                self._break(error)
                return
            for durable in batch:
                if not durable.done():
                    durable.set_result(None)
            if self._closing:
                self._due.set()

    def _break(self, error: OSError) -> None:
        """Everyone who waits learns that the file takes nothing more."""
        self._broken = error
        waiting, self._unsynced = self._unsynced, []
        for durable in waiting:
            if not durable.done():
                durable.set_exception(self._error())

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _error(self) -> StoreError:
        if self._broken:
            return StoreError(
                f"the journal {self._name} cannot be written: {self._broken}",
                "make room or mend the disk, then run the same command again; what is journalled is kept",
            )
        return StoreError(f"the journal {self._name} is not open")
