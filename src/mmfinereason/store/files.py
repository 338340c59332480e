"""A folder that may be local, in memory or in an object store, with writes that are whole or not there.

Local files are written aside, synced and renamed into place. Object stores and `memory://` make an object visible only
when its upload ends, so there the bytes are put in one piece. Nothing else in the package opens a run's files.
"""

from __future__ import annotations

import io
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

import fsspec
from fsspec.implementations.arrow import ArrowFSWrapper
from pyarrow import fs as arrow_fs

TEMPORARY = ".tmp-"
"""Prefix of files still being written; a reader never takes them for whole."""
LONGEST_WRITE = 3600.0
"""Seconds after its last byte in which the writer of such a file, on another machine, may still be at work."""


def _filesystem(url: str) -> tuple[Any, str]:
    """The filesystem of `url` and the path in it; `s3://` and `gs://` go through Arrow's own clients."""
    scheme = url.split("://", 1)[0] if "://" in url else "file"
    if scheme in {"s3", "gs", "hdfs"}:
        filesystem, path = arrow_fs.FileSystem.from_uri(url)
        return ArrowFSWrapper(filesystem), path
    filesystem, path = fsspec.core.url_to_fs(url)
    return filesystem, path


class Folder:
    """Files under one root; every path given to it is relative, with `/`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.filesystem, self.root = _filesystem(self.url)
        protocol = self.filesystem.protocol
        names = (protocol,) if isinstance(protocol, str) else tuple(protocol)
        self.local = "file" in names or "local" in names
        self.shared = "memory" not in names
        """False when other processes cannot see what is written here."""

    def __reduce__(self) -> tuple[type[Folder], tuple[str]]:
        return Folder, (self.url,)

    def path(self, relative: str) -> str:
        """The path of a file as the filesystem spells it."""
        return f"{self.root.rstrip('/')}/{relative}" if relative else self.root

    def exists(self, relative: str) -> bool:
        return bool(self.filesystem.exists(self.path(relative)))

    def names(self, relative: str = "") -> list[str]:
        """Names of the whole files and folders in a folder, sorted; empty when it does not exist."""
        path = self.path(relative)
        if not self.filesystem.exists(path):
            return []
        entries = self.filesystem.ls(path, detail=False)
        names = {str(entry).rstrip("/").rsplit("/", 1)[-1] for entry in entries}
        return sorted(name for name in names if not name.startswith(TEMPORARY))

    def read(self, relative: str) -> bytes:
        """The bytes of a file. Raises FileNotFoundError."""
        with self.open(relative) as file:
            return file.read()

    def open(self, relative: str) -> IO[bytes]:
        return cast("IO[bytes]", self.filesystem.open(self.path(relative), "rb"))

    def size(self, relative: str) -> int:
        return int(self.filesystem.size(self.path(relative)))

    def write(self, relative: str, data: bytes) -> None:
        """Put a whole file in place, replacing one that is there."""
        with self.writer(relative) as file:
            file.write(data)

    @contextmanager
    def writer(self, relative: str) -> Iterator[IO[bytes]]:
        """A file that appears under its name when the block ends well, and not at all otherwise."""
        if self.local:
            with self._local_writer(Path(self.path(relative))) as file:
                yield file
        else:
            buffer = io.BytesIO()
            yield buffer
            self.filesystem.makedirs(self.path(relative).rsplit("/", 1)[0], exist_ok=True)
            self.filesystem.pipe_file(self.path(relative), buffer.getvalue())

    @contextmanager
    def _local_writer(self, path: Path) -> Iterator[IO[bytes]]:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_name(f"{TEMPORARY}{os.getpid()}@{platform.node()}@{path.name}")
        try:
            with aside.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        finally:
            aside.unlink(missing_ok=True)

    def move(self, old: str, new: str) -> None:
        """Rename a file. On a local disk nobody ever sees half of it; elsewhere it is a copy and a delete."""
        if self.local:
            target = Path(self.path(new))
            target.parent.mkdir(parents=True, exist_ok=True)
            Path(self.path(old)).replace(target)
        else:
            self.write(new, self.read(old))
            self.remove(old)

    def remove(self, relative: str) -> None:
        """Delete a file or a folder with all in it; nothing happens when it is not there."""
        if self.exists(relative):
            self.filesystem.rm(self.path(relative), recursive=True)

    def sweep(self, relative: str) -> None:
        """Delete what interrupted writers left behind in a folder and in the folders below it."""
        path = self.path(relative)
        if not self.local or not self.filesystem.exists(path):
            return
        for file in map(Path, self.filesystem.find(path)):
            if file.name.startswith(TEMPORARY) and not _being_written(file):
                file.unlink(missing_ok=True)


def _being_written(aside: Path) -> bool:
    """Whether the process that began a file may still be at it: several processes share a run folder."""
    process, _, rest = aside.name.removeprefix(TEMPORARY).partition("@")
    if rest.partition("@")[0] == platform.node():
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass  # another user's, and alive
        return True
    return aside.exists() and time.time() - aside.stat().st_mtime < LONGEST_WRITE
