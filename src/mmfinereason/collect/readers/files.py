"""Files of a source, wherever they lie: local folders, object stores, hub repositories, compressed or not."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any, cast

import fsspec
from fsspec.core import url_to_fs

from mmfinereason.errors import SourceError

COMPRESSED = {".gz": "gzip", ".zst": "zstd"}
GLOB = frozenset("*?[")


@dataclass(frozen=True, slots=True)
class File:
    """One file: `name` is its path below the source's root, with forward slashes."""

    system: Any
    path: str
    name: str

    @property
    def suffix(self) -> str:
        """The ending that tells the format, compression taken off: `.jsonl` for `a.jsonl.gz`."""
        return PurePosixPath(self.plain_name).suffix.lower()

    @property
    def plain_name(self) -> str:
        """The name without its compression ending."""
        ending = PurePosixPath(self.name).suffix.lower()
        return self.name[: -len(ending)] if ending in COMPRESSED else self.name

    def origin(self, row: int) -> str:
        """Where row `row` of this file is, for a person to find it."""
        return f"{self.name}#{row}"

    def open(self) -> IO[bytes]:
        """The decompressed bytes, as a stream."""
        raw = self.system.open(self.path, "rb")
        ending = PurePosixPath(self.name).suffix.lower()
        if ending == ".gz":
            import gzip

            return cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
        if ending == ".zst":
            import zstandard

            reader = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True, closefd=True)
            return cast("IO[bytes]", io.BufferedReader(cast("io.RawIOBase", reader)))
        return cast("IO[bytes]", raw)


@dataclass(frozen=True, slots=True)
class Place:
    """A file system and the folder in it that a source's names are relative to."""

    system: Any
    root: str
    pattern: str

    @property
    def url(self) -> str:
        """The root as `locate` takes it: a plain path if local, else with its protocol."""
        return cast("str", self.root if is_local(self.system) else self.system.unstrip_protocol(self.root))


def is_local(system: Any) -> bool:
    """Whether paths of this file system are paths of this machine."""
    return bool(system.protocol == "file" or "file" in system.protocol)


def place(path: str) -> Place:
    """Split a user's path into root folder and pattern: a folder is read whole, a file's folder is its root.

    Raises `SourceError` if nothing is there.
    """
    try:
        system, full = url_to_fs(path)
    except (ValueError, ImportError) as error:
        raise SourceError(f"cannot open {path!r}: {error}", "check `path` of this source") from error
    if GLOB & set(full):
        parts = full.split("/")
        fixed = next(index for index, part in enumerate(parts) if GLOB & set(part))
        return Place(system, "/".join(parts[:fixed]), "/".join(parts[fixed:]))
    if system.isdir(full):
        return Place(system, full.rstrip("/"), "**")
    if system.exists(full):
        folder, _, name = full.rpartition("/")
        return Place(system, folder, name)
    raise SourceError(f"there is no file or folder at {path!r}", "check `path` of this source")


def files(at: Place) -> Iterator[File]:
    """All files of a place in a fixed order: by name."""
    whole = f"{at.root}/{at.pattern}"
    found = at.system.glob(whole) if GLOB & set(at.pattern) else [whole]
    for path in sorted(found):
        if GLOB & set(at.pattern) and not at.system.isfile(path):
            continue
        yield File(at.system, path, path[len(at.root) :].lstrip("/"))
