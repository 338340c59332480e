"""Group commit: lines are written at once, synced together, and count when they are synced.

A line is handed to the system within milliseconds, where it survives a killed process; only a power cut can take those
that were not yet synced, and nobody was told that they count. All disk work is done in one thread of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from mmfinereason.errors import StoreError
from mmfinereason.store.appending import Appending

_GATHER_SECONDS = 0.005
"""A hand-over to the thread costs more than a line: those that come this close together share one."""

_T = TypeVar("_T")
_Durable = asyncio.Future[None]


class GroupCommit:
    """Writes lines to one file. Made and used inside one event loop."""

    def __init__(self, file: Appending, name: str) -> None:
        self._file = file
        self._name = name
        self._thread = ThreadPoolExecutor(1, "journal")
        self._pending: list[tuple[bytes, _Durable]] = []
        self._unsynced: list[_Durable] = []
        self._size = 0
        self._sync_at = 0.0
        self._wake = asyncio.Event()
        self._closing = False
        self._broken: OSError | None = None
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> list[bytes]:
        """Open the file; the whole lines it holds."""
        lines = await self._in_thread(self._file.open)
        self._task = asyncio.create_task(self._run())
        return lines

    async def put(self, line: bytes) -> None:
        """Append a line; returns when it is durable. Raises StoreError when it cannot be written."""
        self.check()
        durable: _Durable = asyncio.get_running_loop().create_future()
        self._pending.append((line, durable))
        self._wake.set()
        await durable

    def check(self) -> None:
        """Raise StoreError when nothing can be written any more."""
        if self._task is None or self._closing or self._broken:
            raise self._error()

    async def close(self) -> None:
        """Write and sync what is pending, then close the file."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task
        await self._in_thread(self._file.close)
        self._thread.shutdown()

    async def _run(self) -> None:
        try:
            while self._pending or self._unsynced or not self._closing:
                await self._wake.wait()
                await asyncio.sleep(_GATHER_SECONDS)
                self._wake.clear()
                await self._write()
                if self._unsynced and self._due():
                    await self._sync()
        except OSError as error:
            self._broken = error
            for durable in [*self._unsynced, *(durable for _, durable in self._pending)]:
                if not durable.done():
                    durable.set_exception(self._error())

    async def _write(self) -> None:
        if not self._pending:
            return
        batch, self._pending = self._pending, []
        if not self._unsynced:
            loop = asyncio.get_running_loop()
            self._sync_at = loop.time() + self._file.sync_seconds
            loop.call_at(self._sync_at, self._wake.set)
        self._unsynced += [durable for _, durable in batch]
        data = b"".join(line for line, _ in batch)
        self._size += len(data)
        await self._in_thread(lambda: self._file.write(data))

    def _due(self) -> bool:
        enough = self._size >= self._file.sync_bytes
        return enough or self._closing or asyncio.get_running_loop().time() >= self._sync_at

    async def _sync(self) -> None:
        await self._in_thread(self._file.sync)
        for durable in self._unsynced:
            if not durable.done():
                durable.set_result(None)
        self._unsynced, self._size = [], 0

    async def _in_thread(self, work: Callable[[], _T]) -> _T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _error(self) -> StoreError:
        if self._broken:
            return StoreError(
                f"the journal {self._name} cannot be written: {self._broken}",
                "make room or mend the disk, then run the same command again; what is journalled is kept",
            )
        return StoreError(f"the journal {self._name} is not open")
