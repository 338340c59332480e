"""Parquet, in batches bounded by bytes; what is passed over costs no more than the file's footer.

Images come as `{bytes, path}`, plain bytes or paths: all are plain values here, and `collect.locate` tells them apart.
"""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from mmfinereason.collect.readers.files import File
from mmfinereason.collect.readers.rows import Cursor, Item, RawRow, unreadable

BATCH_BYTES = 8 << 20
BATCH_ROWS = 1024
READ_AHEAD = 1 << 20
"""Bytes read of a column at a time: without a bound pyarrow fetches a whole row group."""

_NO_VALUE = (ValueError, OverflowError)
"""Text that is not UTF-8, a date beyond the calendar: Arrow does not look into cells when it reads them."""


def read_parquet(file: File, cursor: Cursor) -> Iterator[Item]:
    """Rows of a Parquet file, row group by row group."""
    with file.open() as stream:
        try:
            parquet = pq.ParquetFile(stream, buffer_size=READ_AHEAD, pre_buffer=False)
        except OSError as error:
            raise _as_data(error) from error
        first = 0
        for group in range(parquet.num_row_groups):
            rows = parquet.metadata.row_group(group).num_rows
            if not cursor.passes(rows):
                yield from _row_group(file, parquet, group, first, cursor)
            first += rows


def _row_group(file: File, parquet: pq.ParquetFile, group: int, first: int, cursor: Cursor) -> Iterator[Item]:
    """Rows of one row group; if it breaks off, each row lost is a bad row, and the next group is read."""
    facts = parquet.metadata.row_group(group)
    per_row = max(1, facts.total_byte_size // max(1, facts.num_rows))
    row, end = first, first + facts.num_rows
    try:
        for batch in parquet.iter_batches(max(1, min(BATCH_ROWS, BATCH_BYTES // per_row)), row_groups=[group]):
            yield from batch_rows(file, batch, row, cursor)
            row += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        why = error if isinstance(error, pa.ArrowException) else _as_data(error)
        for lost in range(row, end):
            if not cursor.passes():
                yield unreadable(file, lost, f"row group {group} cannot be read ({why})")


def batch_rows(file: File, batch: pa.RecordBatch, first: int, cursor: Cursor) -> Iterator[Item]:
    """Rows of an Arrow batch whose first row has number `first` in its file."""
    if cursor.passes(batch.num_rows):
        return
    passed = cursor.left
    cursor.left = 0
    rest = batch.slice(passed)
    try:
        rows = rest.to_pylist()
    except _NO_VALUE:
        yield from (_row(file, rest.slice(place, 1), first + passed + place) for place in range(rest.num_rows))
        return
    for number, values in enumerate(rows, first + passed):
        yield RawRow(values, file.origin(number))


def _row(file: File, one: pa.RecordBatch, number: int) -> Item:
    try:
        return RawRow(one.to_pylist()[0], file.origin(number))
    except _NO_VALUE as error:
        return unreadable(file, number, f"a cell that is no value ({error})")


def _as_data(error: OSError) -> pa.ArrowInvalid:
    """Damaged data, which pyarrow often reports as a bare OSError. A fault of disk or network has a type of its own."""
    if type(error) is not OSError or error.errno is not None:
        raise error
    return pa.ArrowInvalid(str(error))
