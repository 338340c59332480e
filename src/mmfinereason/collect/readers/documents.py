"""JSON documents of any size: an array of rows, an object of rows, or an object that holds an array of rows.

A publisher's `train.json` may be one array of many gigabytes, so it is parsed as a stream. Files called `.json` that
hold JSON lines are common, and are read as such.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import IO, Any

import ijson
import orjson

from mmfinereason.collect.readers.files import File
from mmfinereason.collect.readers.lines import BYTE_ORDER_MARK, read_json_lines
from mmfinereason.collect.readers.rows import Cursor, Item, RawRow, too_deep, unreadable

LONGEST_FIRST_LINE = 16 << 20
"""Bytes looked at to tell JSON lines from one document."""

_LONGEST_INTEGER = 1024
"""Bits; no later step could turn a much longer one into text."""


def read_json(file: File, cursor: Cursor) -> Iterator[Item]:
    """Rows of a JSON file: `[row, ...]`, `{"data": [row, ...]}`, `{"id 1": row, ...}` (the key becomes `__key__`)."""
    if _is_lines(file):
        yield from read_json_lines(file, cursor)
        return
    with _numbers_of_any_length():
        yield from _rows(file, cursor)


def _rows(file: File, cursor: Cursor) -> Iterator[Item]:
    for row, value in enumerate(_values(file)):
        if cursor.passes():
            continue
        if too_deep(value):
            yield unreadable(file, row, "lists or objects are nested too deep")
        elif isinstance(value, dict):
            yield RawRow(_plain(value), file.origin(row))
        else:
            yield unreadable(file, row, f"not an object: {str(value)[:80]}")


def _is_lines(file: File) -> bool:
    with _open(file) as stream:
        first = stream.readline(LONGEST_FIRST_LINE)
        if not first.startswith(b"{"):
            return False
        try:
            return isinstance(orjson.loads(first), dict) and bool(stream.read(64).strip())
        except orjson.JSONDecodeError:
            return False


def _open(file: File) -> IO[bytes]:
    """The file from its first character on."""
    stream = file.open()
    if stream.read(len(BYTE_ORDER_MARK)) == BYTE_ORDER_MARK:
        return stream
    stream.close()
    return file.open()


@contextmanager
def _numbers_of_any_length() -> Iterator[None]:
    """Python refuses to convert numbers of more than 4,300 digits, and the parser crashes on that refusal."""
    most = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(most)


def _values(file: File) -> Iterator[Any]:
    key = _key_of_rows(file)
    with _open(file) as stream:
        if key is not None:
            yield from ijson.items(stream, key)
            return
        for name, value in ijson.kvitems(stream, ""):
            yield {"__key__": name, **value} if isinstance(value, dict) else value


def _key_of_rows(file: File) -> str | None:
    """Where the rows are, in the parser's words: the first array at the top; None if the top is an object of rows."""
    with _open(file) as stream:
        for prefix, event, _ in ijson.parse(stream):
            if event == "start_array":
                return f"{prefix}.item" if prefix else "item"
            if event == "start_map" and prefix:
                return None
    return None


def _plain(value: Any) -> Any:
    """Decimals as floats: the parser keeps their digits, nobody downstream does. Endless integers as text."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, int) and value.bit_length() > _LONGEST_INTEGER:
        return str(value)
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value
