"""Files that grow: appended to on a local disk, kept as numbered segments where nothing can be appended.

Opening gives back the whole lines written so far and cuts off what a crash tore. All methods but `write` block:
call them in a thread.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Protocol

from fsspec import AbstractFileSystem

from mmfinereason.errors import StoreError

_TAIL = 1 << 16


class Appending(Protocol):
    """A file of lines that only grows."""

    sync_seconds: float
    """How long a line may wait for others to be synced with."""
    sync_bytes: int
    """How much may gather before it is synced."""

    def open(self) -> list[bytes]:
        """Open for writing; the whole lines so far. Raises StoreError when another process writes it."""

    def write(self, line: bytes) -> None:
        """Add a whole line; quick, for an event loop to call, also while another thread is in `sync`."""

    def sync(self) -> None:
        """Make everything written durable."""

    def close(self) -> None:
        """Release the file; unsynced data is not waited for."""


def appending(fs: AbstractFileSystem, path: str) -> Appending:
    """The way lines are appended on a filesystem."""
    return _LocalFile(Path(path)) if _is_local(fs) else _Segments(fs, path)


def last_line(fs: AbstractFileSystem, path: str) -> bytes | None:
    """The last whole line of what `appending` wrote, read from its end."""
    if not fs.exists(path):
        return None
    if not _is_local(fs):
        segments = _segments(fs, path)
        return fs.cat_file(segments[-1]).splitlines()[-1] if segments else None
    with Path(path).open("rb") as file:
        end = file.seek(0, os.SEEK_END)
        size = _TAIL
        while True:
            file.seek(max(0, end - size))
            lines = file.read(size).split(b"\n")[:-1]  # behind the last newline stands a torn line or nothing
            if len(lines) > 1 or size >= end:
                return lines[-1] if lines else None
            size *= 4


class _LocalFile:
    sync_seconds = 0.05
    sync_bytes = 1 << 20

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = -1

    def open(self) -> list[bytes]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise StoreError(
                f"another process is writing {self._path}", "wait until the other run ends, or stop it"
            ) from None
        lines = self._path.read_bytes().split(b"\n")
        torn = lines.pop()
        if torn:
            os.ftruncate(self._descriptor, os.fstat(self._descriptor).st_size - len(torn))
        _sync_folder(self._path.parent)
        return lines

    def write(self, line: bytes) -> None:
        view = memoryview(line)
        while view:
            view = view[os.write(self._descriptor, view) :]

    def sync(self) -> None:
        os.fsync(self._descriptor)

    def close(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class _Segments:
    """Each sync puts one object, which is there whole or not at all."""

    sync_seconds = 2.0
    sync_bytes = 8 << 20

    def __init__(self, fs: AbstractFileSystem, path: str) -> None:
        self._fs = fs
        self._path = path
        self._next = 0
        self._lines: list[bytes] = []

    def open(self) -> list[bytes]:
        segments = _segments(self._fs, self._path)
        if segments:
            self._next = int(segments[-1].rsplit("/", 1)[-1].partition(".")[0]) + 1
        return [line for segment in segments for line in self._fs.cat_file(segment).splitlines()]

    def write(self, line: bytes) -> None:
        self._lines.append(line)

    def sync(self) -> None:
        lines = self._lines.copy()
        if lines:
            self._fs.makedirs(self._path, exist_ok=True)
            self._fs.pipe_file(f"{self._path}/{self._next:06d}.jsonl", b"".join(lines))
            self._next += 1
            del self._lines[: len(lines)]  # what was written meanwhile stands behind them

    def close(self) -> None:
        self._lines.clear()


def _segments(fs: AbstractFileSystem, path: str) -> list[str]:
    if not fs.exists(path):
        return []
    return sorted(str(entry) for entry in fs.ls(path, detail=False))


def _is_local(fs: AbstractFileSystem) -> bool:
    names = (fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol
    return "file" in names or "local" in names


def _sync_folder(folder: Path) -> None:
    """A new file's name is durable only when its folder is."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
