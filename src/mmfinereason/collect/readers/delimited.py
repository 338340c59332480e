"""CSV and TSV with cells of any size, such as images in base64."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from mmfinereason.collect.readers.files import File
from mmfinereason.collect.readers.rows import Cursor, Item, RawRow, unreadable

LARGEST_CELL = 256 << 20
"""Characters; a larger cell is an unclosed quote that has swallowed rows."""


def read_csv(file: File, cursor: Cursor) -> Iterator[Item]:
    """Rows of a CSV file with a header line."""
    return _read(file, cursor, ",")


def read_tsv(file: File, cursor: Cursor) -> Iterator[Item]:
    """Rows of a TSV file with a header line."""
    return _read(file, cursor, "\t")


def _read(file: File, cursor: Cursor, delimiter: str) -> Iterator[Item]:
    csv.field_size_limit(LARGEST_CELL)
    with io.TextIOWrapper(file.open(), encoding="utf-8-sig", errors="replace", newline="") as stream:
        cells = csv.reader(stream, delimiter=delimiter)
        header = next(cells, [])
        for row, values in enumerate(filter(None, cells)):
            if not cursor.passes():
                yield _row(file, header, values, row)


def _row(file: File, header: list[str], values: list[str], row: int) -> Item:
    if len(values) != len(header):
        return unreadable(file, row, f"{len(values)} cells under a header of {len(header)}")
    return RawRow(dict(zip(header, values, strict=True)), file.origin(row))
