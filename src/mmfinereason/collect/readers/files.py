"""Files of a source, wherever they lie: local folders, object stores, hub repositories, compressed or not."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, Any, cast

import zstandard
from fsspec.core import url_to_fs

from mmfinereason.errors import SourceError

COMPRESSED = (".gz", ".zst")
GLOB = frozenset("*?[")
EVERYTHING = "**"


@dataclass(frozen=True, slots=True)
class File:
    """One file: `name` is its path below the source's root, with forward slashes."""

    system: Any
    path: str
    name: str

    @property
    def suffix(self) -> str:
        """The ending that tells the format, compression taken off: `.jsonl` for `a.jsonl.gz`."""
        return PurePosixPath(self.name.removesuffix(self._packing)).suffix.lower()

    @property
    def _packing(self) -> str:
        ending = PurePosixPath(self.name).suffix
        return ending if ending.lower() in COMPRESSED else ""

    def origin(self, row: int) -> str:
        """Where row `row` of this file is, for a person to find it."""
        return f"{self.name}#{row}"

    def open(self) -> IO[bytes]:
        """The decompressed bytes, as a stream."""
        raw = self.system.open(self.path, "rb")
        if self._packing.lower() == ".gz":
            return cast("IO[bytes]", gzip.GzipFile(fileobj=raw))
        if self._packing.lower() == ".zst":
            stream = zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True, closefd=True)
            return cast("IO[bytes]", io.BufferedReader(cast("io.RawIOBase", stream)))
        return cast("IO[bytes]", raw)


@dataclass(frozen=True, slots=True)
class Place:
    """A file system, the folder in it that a source's names are relative to, and a pattern below that folder."""

    system: Any
    root: str
    pattern: str

    @property
    def url(self) -> str:
        """The root as `locate` takes it: a plain path where it is local, else a URL."""
        local = "file" in (self.system.protocol, *self.system.protocol)
        return self.root if local else cast("str", self.system.unstrip_protocol(self.root))

    def files(self) -> Iterator[File]:
        """The files of this place in a fixed order, by name; hidden ones are left out, symlinks to files are not."""
        found = self._found()
        for path in sorted(found):
            name = path[len(self.root) :].lstrip("/")
            hidden = any(part.startswith(".") for part in name.split("/"))
            kind = found[path]["type"]
            if not hidden and (kind == "file" or (kind != "directory" and self.system.isfile(path))):
                yield File(self.system, path, name)

    def _found(self) -> dict[str, Any]:
        if self.pattern == EVERYTHING:
            return cast("dict[str, Any]", self.system.find(self.root, detail=True))
        whole = f"{self.root}/{self.pattern}"
        if not GLOB & set(self.pattern):
            return {whole: {"type": "file"}}
        return cast("dict[str, Any]", self.system.glob(whole, detail=True))


def place(path: str) -> Place:
    """Split a user's path into root folder and pattern: a folder is read whole, a file's folder is its root.

    Raises SourceError if nothing is there.
    """
    try:
        system, full = url_to_fs(path)
    except (ValueError, ImportError) as error:
        raise SourceError(f"cannot open {path!r}: {error}", "check `path` of this source") from error
    if GLOB & set(full) and not system.exists(full):
        parts = full.split("/")
        fixed = next(index for index, part in enumerate(parts) if GLOB & set(part))
        return Place(system, "/".join(parts[:fixed]), "/".join(parts[fixed:]))
    if system.isdir(full):
        return Place(system, full.rstrip("/"), EVERYTHING)
    if system.exists(full):
        folder, _, name = full.rpartition("/")
        return Place(system, folder, name)
    raise SourceError(f"there is no file or folder at {path!r}", "check `path` of this source")
