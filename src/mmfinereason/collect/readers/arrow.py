"""A folder saved with `datasets.save_to_disk`: Arrow shards, read without the `datasets` library."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from mmfinereason.collect.readers.files import File
from mmfinereason.collect.readers.parquet import batch_rows
from mmfinereason.collect.readers.rows import Cursor, Item


def read_arrow(file: File, cursor: Cursor) -> Iterator[Item]:
    """Rows of one `data-00000-of-00004.arrow`, which is an Arrow stream."""
    row = 0
    with file.open() as stream:
        for batch in pa.ipc.open_stream(stream):
            yield from batch_rows(file, batch, row, cursor)
            row += batch.num_rows
