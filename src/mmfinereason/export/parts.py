"""Parquet files of bounded size, filled row by row, the same bytes every time."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from mmfinereason.store import Folder, write_parquet


class Parts:
    """Files `{stem}-00000.parquet`, `{stem}-00001.parquet`, ... below one folder of an export."""

    def __init__(self, folder: Folder, stem: str, schema: pa.Schema, part_bytes: int) -> None:
        self.folder = folder
        self.stem = stem
        self.schema = schema
        self.part_bytes = part_bytes
        self.files: list[str] = []
        self.rows = 0
        self._held: list[dict[str, Any]] = []
        self._bytes = 0

    def add(self, row: dict[str, Any], size: int) -> None:
        """Take a row of about `size` bytes; a full part is written at once."""
        self._held.append(row)
        self._bytes += size
        self.rows += 1
        if self._bytes >= self.part_bytes:
            self._flush()

    def close(self) -> list[str]:
        """Write what is left; returns the paths of all files. An export without rows has one empty file."""
        if self._held or not self.files:
            self._flush()
        return self.files

    def _flush(self) -> None:
        path = f"{self.stem}-{len(self.files):05d}.parquet"
        write_parquet(self.folder, path, pa.Table.from_pylist(self._held, schema=self.schema))
        self.files.append(path)
        self._held, self._bytes = [], 0
