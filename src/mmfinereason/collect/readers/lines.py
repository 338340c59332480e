"""JSON lines: one object a line. A line that is not one is a bad row, and the next line is read all the same."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

import orjson

from mmfinereason.collect.readers.files import File
from mmfinereason.collect.readers.rows import Cursor, Item, RawRow, too_deep, unreadable

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LONGEST_LINE = 512 << 20
"""Bytes; a longer line is no row but a file without line ends, and would not fit into memory."""


def read_json_lines(file: File, cursor: Cursor) -> Iterator[Item]:
    """Rows of a JSON-lines file; empty lines do not count."""
    with file.open() as stream:
        row = -1
        for line in _lines(stream):
            row += 1
            if cursor.passes():
                continue
            if line is None:
                yield unreadable(file, row, f"line longer than {LONGEST_LINE} bytes")
            else:
                yield _row(file, line, row)


def _row(file: File, line: bytes, row: int) -> Item:
    try:
        values = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        return unreadable(file, row, f"not JSON ({error}): {line[:80].decode(errors='replace')}")
    if not isinstance(values, dict):
        return unreadable(file, row, f"not an object: {line[:80].decode(errors='replace')}")
    if too_deep(values):
        return unreadable(file, row, "lists or objects are nested too deep")
    return RawRow(values, file.origin(row))


def _lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Lines that are not blank; None stands for one that is too long."""
    first = True
    while chunk := stream.readline(LONGEST_LINE):
        if first:
            chunk, first = chunk.removeprefix(BYTE_ORDER_MARK), False
        if len(chunk) == LONGEST_LINE and not chunk.endswith(b"\n"):
            while chunk and not chunk.endswith(b"\n"):
                chunk = stream.readline(LONGEST_LINE)
            yield None
        elif stripped := chunk.strip():
            yield stripped
