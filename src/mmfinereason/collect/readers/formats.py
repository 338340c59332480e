"""The formats by name, and the file endings that go with them."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from mmfinereason.collect.readers.arrow import read_arrow
from mmfinereason.collect.readers.delimited import read_csv, read_tsv
from mmfinereason.collect.readers.documents import read_json
from mmfinereason.collect.readers.files import File
from mmfinereason.collect.readers.lines import read_json_lines
from mmfinereason.collect.readers.parquet import read_parquet
from mmfinereason.collect.readers.rows import Cursor, Item, Reader
from mmfinereason.collect.readers.vlmevalkit import read_vlmevalkit
from mmfinereason.collect.readers.webdataset import read_webdataset
from mmfinereason.errors import SourceError


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


def reader(format: str) -> Reader:
    """The reader of a format. Raises SourceError, with "did you mean", for an unknown one."""
    if format in READERS:
        return READERS[format]
    near = get_close_matches(format, READERS, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise SourceError(f"unknown format {format!r}{hint}", f"use one of: {', '.join(READERS)}")
