"""Readers: any file format becomes a stream of raw rows.

Why streams: a source may be larger than memory, so no reader holds more than a bounded batch; and a resumed run passes
over what it has already seen without decoding it.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from fnmatch import fnmatch
from itertools import count, islice
from pathlib import PurePosixPath

import ijson
import pyarrow as pa
import zstandard

from mmfinereason.collect.readers.arrow import read_arrow
from mmfinereason.collect.readers.delimited import read_csv, read_tsv
from mmfinereason.collect.readers.documents import read_json
from mmfinereason.collect.readers.files import EVERYTHING, File, Place, place
from mmfinereason.collect.readers.hub import belongs, failures, hub_place
from mmfinereason.collect.readers.lines import read_json_lines
from mmfinereason.collect.readers.parquet import read_parquet
from mmfinereason.collect.readers.rows import BadRow, Cursor, Item, RawRow, Reader, unreadable
from mmfinereason.collect.readers.vlmevalkit import read_vlmevalkit
from mmfinereason.collect.readers.webdataset import read_webdataset
from mmfinereason.errors import SourceError
from mmfinereason.recipe.sources import PUZZLES, PuzzleSettings, SourceSettings

__all__ = ["READERS", "BadRow", "RawRow", "Reader", "read", "reader", "root_of"]


DAMAGE = (
    csv.Error,
    gzip.BadGzipFile,
    zlib.error,
    zstandard.ZstdError,
    tarfile.TarError,
    pa.ArrowException,
    ijson.JSONError,
    EOFError,
)
"""What the parsers raise where a file is damaged or is not what its name says."""


def read_auto(file: File, cursor: Cursor) -> Iterator[Item]:
    """Rows of a file whose name tells its format."""
    return BY_SUFFIX[file.suffix](file, cursor)


def read_sharegpt(file: File, cursor: Cursor) -> Iterator[Item]:
    """Conversations: one JSON document, or JSON lines."""
    return BY_SUFFIX.get(file.suffix, read_json)(file, cursor)


READERS: dict[str, Reader] = {
    "auto": read_auto,
    "parquet": read_parquet,
    "jsonl": read_json_lines,
    "json": read_json,
    "csv": read_csv,
    "tsv": read_tsv,
    "sharegpt": read_sharegpt,
    "vlmevalkit": read_vlmevalkit,
    "webdataset": read_webdataset,
    "datasets": read_arrow,
}

BY_SUFFIX: dict[str, Reader] = {
    ".parquet": read_parquet,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json,
    ".csv": read_csv,
    ".tsv": read_tsv,
    ".tar": read_webdataset,
    ".arrow": read_arrow,
}

ENDINGS: dict[str, tuple[str, ...]] = {
    "auto": tuple(BY_SUFFIX),
    "parquet": (".parquet",),
    "jsonl": (".jsonl", ".ndjson", ".json"),
    "json": (".json",),
    "csv": (".csv",),
    "tsv": (".tsv",),
    "sharegpt": (".json", ".jsonl"),
    "vlmevalkit": (".tsv",),
    "webdataset": (".tar",),
    "datasets": (".arrow",),
}
"""Which files of a folder each format reads; a file or glob that is named outright is read whatever its ending."""

BESIDES = {"state.json", "dataset_info.json", "dataset_dict.json", "dataset_infos.json"}
"""Files beside the data in folders that `datasets` wrote."""


def reader(format: str) -> Reader:
    """The reader of a format. Raises SourceError, with "did you mean", for an unknown one."""
    if format in READERS:
        return READERS[format]
    near = get_close_matches(format, READERS, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise SourceError(f"unknown format {format!r}{hint}", f"use one of: {', '.join(READERS)}")


def read(settings: SourceSettings, *, skip: int = 0) -> Iterator[RawRow | BadRow]:
    """The raw rows of a source in a fixed order, without the first `skip`.

    Raises SourceError if the source cannot be opened at all; a row that cannot be read is a `BadRow`. A known source
    without a `path` must have been through `sources.pin`.
    """
    rest = None if settings.limit is None else max(0, settings.limit - skip)
    if settings.sample is None:
        return islice(_items(settings, Cursor(skip)), rest)
    drawn = _draw(settings.sample, settings.seed)
    position = next(islice((i for i in count() if drawn(i)), skip, None))
    items = enumerate(_items(settings, Cursor(position)), position)
    return islice((item for i, item in items if drawn(i)), rest)


def root_of(settings: SourceSettings) -> str | None:
    """The folder that image paths of this source are relative to, for `locate`; None for the built-in puzzles."""
    if settings.use == PUZZLES:
        return None
    return (place(settings.images) if settings.images else _place(settings)).url


def _draw(share: float, seed: int) -> Callable[[int], bool]:
    """Whether row i belongs to the sample: fixed by seed and position, so that a resumed run draws the same."""
    bound = int(share * 2**64)

    def drawn(i: int) -> bool:
        digest = hashlib.blake2b(f"{seed}/{i}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") < bound

    return drawn


def _items(settings: SourceSettings, cursor: Cursor) -> Iterator[Item]:
    if settings.use == PUZZLES:
        number = (settings.puzzles or PuzzleSettings()).count
        return (RawRow({"index": i}, f"{PUZZLES}#{i}") for i in range(cursor.left, number))
    return (item for file in _files(settings) for item in _guarded(reader(settings.format), file, cursor))


def _place(settings: SourceSettings) -> Place:
    if settings.path:
        return place(settings.path)
    if settings.hub:
        return hub_place(settings.hub)
    raise SourceError(f"source {settings.use!r} says neither `path` nor `hub`", "give `path`, the folder of its files")


def _files(settings: SourceSettings) -> list[File]:
    at = _place(settings)
    try:
        found = list(at.files())
    except failures() as error:
        raise SourceError(
            f"cannot list the files at {at.url}: {error}", "check `path` or `hub` of this source"
        ) from error
    if at.pattern == EVERYTHING or settings.format == "auto":
        found = [file for file in found if file.suffix in ENDINGS[settings.format] and _is_data(file)]
    if at.pattern == EVERYTHING and settings.files:
        found = [file for file in found if any(_is_named(file, name) for name in settings.files)]
    if settings.hub:
        found = [file for file in found if belongs(file, settings.hub)]
    if not found:
        wanted = ", ".join(settings.files or ENDINGS[settings.format])
        raise SourceError(
            f"no file to read at {at.url}/{at.pattern}", f"looked for {wanted}: check `path` or name a file"
        )
    return found


def _is_data(file: File) -> bool:
    name = PurePosixPath(file.name).name
    return name not in BESIDES and not name.startswith(("cache-", "indices"))


def _is_named(file: File, name: str) -> bool:
    return fnmatch(file.name, name) or fnmatch(PurePosixPath(file.name).name, name)


def _guarded(read_file: Reader, file: File, cursor: Cursor) -> Iterator[Item]:
    """The rows of one file; data that breaks off costs the rest of this file, not the run."""
    left, yielded = cursor.left, 0
    try:
        for item in read_file(file, cursor):
            yielded += 1
            yield item
    except DAMAGE as error:
        row = left - cursor.left + yielded
        if not cursor.passes():
            yield unreadable(file, row, f"not readable from here on ({type(error).__name__}: {error})")
    except failures() as error:
        raise SourceError(
            f"{file.name} cannot be read: {error}", "run the command again: it goes on from here"
        ) from error
