"""A stage's table: Parquet shards aligned with `samples`, rejects beside them, books that survive a crash.

A shard is done when `part-NNNNN.parquet` has its name; its rejects and books are in place before. The image column is
neither compressed nor dictionary-encoded (images already are compressed), and row groups are bounded by bytes, since
the hub's viewer refuses groups above about 286 MB and a reader should not need a whole shard in memory.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mmfinereason.errors import SettingsChanged, StoreError
from mmfinereason.schema import REJECTS, SCHEMA_VERSION, TABLES, Reason, Stage

from .files import Folder
from .manifest import Manifest, Plan, ShardStats, changed_keys, total

ROW_GROUP_BYTES = 64 << 20
"""Target size of a row group, in bytes of its in-memory form."""

PAGE_ROWS = 16
"""Rows in a data page of a table with images. A page is the least a reader can read; Arrow's 1,024 rows are 100 MB."""

_NAMED = 3
"""Missing files that an error names."""

_VERSION_KEY = b"mmfinereason.schema_version"


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that leaves, and what a person needs to know about it."""

    id: str
    reason: Reason
    detail: str
    source: str = ""
    origin: str = ""
    question: str = ""


def shard_name(shard: int) -> str:
    return f"part-{shard:05d}.parquet"


def write_parquet(folder: Folder, path: str, table: pa.Table, row_group_bytes: int = ROW_GROUP_BYTES) -> None:
    """Write a table as one whole Parquet file with row groups of about `row_group_bytes`."""
    metadata = {**(table.schema.metadata or {}), _VERSION_KEY: str(SCHEMA_VERSION).encode()}
    schema = table.schema.with_metadata(metadata)
    paths = _leaf_paths(schema)
    compact = [path for path in paths if not path.endswith(".bytes")]
    with (
        folder.writer(path) as file,
        pq.ParquetWriter(
            file,
            schema,
            compression=dict.fromkeys(compact, "zstd"),
            use_dictionary=compact,
            write_batch_size=PAGE_ROWS if len(compact) < len(paths) else None,
        ) as writer,
    ):
        for group in _row_groups(table.cast(schema), row_group_bytes):
            writer.write_table(group, row_group_size=max(1, group.num_rows))


def read_parquet(folder: Folder, path: str, columns: Sequence[str] | None = None) -> pa.Table:
    """A whole Parquet file of a run. Raises StoreError when another schema version wrote it."""
    with folder.open(path) as file:
        parquet = pq.ParquetFile(file)
        check_version(parquet.schema_arrow.metadata, f"{folder.url}/{path}")
        return parquet.read(columns=list(columns) if columns is not None else None)


def _leaf_paths(schema: pa.Schema) -> list[str]:
    """Columns as Parquet spells them (`options.list.element`): that is how settings are given per column."""
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, schema):
        pass
    leaves = pq.ParquetFile(pa.BufferReader(sink.getvalue())).schema
    return [leaves.column(index).path for index in range(len(leaves.names))]


def _row_groups(table: pa.Table, limit: int) -> Iterator[pa.Table]:
    if table.num_rows == 0:
        yield table
        return
    average = max(1, table.nbytes // table.num_rows)
    rows = max(1, limit // average)
    for start in range(0, table.num_rows, rows):
        yield table.slice(start, rows)


def rejects_table(stage: Stage, rejects: Iterable[Reject]) -> pa.Table:
    rows = [
        {
            "id": one.id,
            "stage": stage.command,
            "reason": one.reason.value,
            "detail": one.detail,
            "source": one.source,
            "origin": one.origin,
            "question": one.question,
        }
        for one in rejects
    ]
    return pa.Table.from_pylist(rows, schema=REJECTS)


class Table:
    """The table of one stage in one run."""

    def __init__(self, folder: Folder, stage: Stage, name: str | None = None) -> None:
        self.folder = folder
        self.stage = stage
        self.name = name or stage.value
        self.schema = TABLES[stage]

    # --- shards -----------------------------------------------------------------------------------------------------

    def shards(self) -> list[int]:
        """Numbers of the shards that are done, in order."""
        names = self.folder.names(self.name)
        return [int(name[5:-8]) for name in names if name.startswith("part-") and name.endswith(".parquet")]

    def path(self, shard: int) -> str:
        return f"{self.name}/{shard_name(shard)}"

    def rejects_path(self, shard: int) -> str:
        return f"{self.name}/rejects/{shard_name(shard)}"

    def done(self, shard: int) -> bool:
        return self.folder.exists(self.path(shard))

    def read(self, shard: int, columns: Sequence[str] | None = None) -> pa.Table:
        """One shard's rows. Raises StoreError when it was written by another schema version."""
        return read_parquet(self.folder, self.path(shard), columns)

    def rejects(self, shard: int) -> pa.Table:
        """One shard's rejects; an empty table when it has none."""
        path = self.rejects_path(shard)
        return read_parquet(self.folder, path) if self.folder.exists(path) else REJECTS.empty_table()

    def batches(self, shard: int, rows: int = 256, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """One shard's rows in small batches, for tables with images."""
        with self.folder.open(self.path(shard)) as file:
            parquet = pq.ParquetFile(file)
            check_version(parquet.schema_arrow.metadata, f"{self.folder.url}/{self.path(shard)}")
            yield from parquet.iter_batches(batch_size=rows, columns=list(columns) if columns is not None else None)

    def write(
        self,
        shard: int,
        rows: pa.Table | Sequence[Mapping[str, Any]],
        rejects: Sequence[Reject] = (),
        *,
        seconds: float = 0.0,
        figures: Mapping[str, float] | None = None,
    ) -> ShardStats:
        """Put a shard in place: its rejects and its books first, then the rows, which makes it done."""
        table = rows if isinstance(rows, pa.Table) else pa.Table.from_pylist(list(rows), schema=self.schema)
        stats = ShardStats(
            rows=table.num_rows,
            rejects=dict(sorted(Counter(one.reason.value for one in rejects).items())),
            seconds=seconds,
            figures=dict(figures or {}),
        )
        if rejects:
            write_parquet(self.folder, self.rejects_path(shard), rejects_table(self.stage, rejects))
        else:
            self.folder.remove(self.rejects_path(shard))
        self.folder.write(self._stats_path(shard), stats.to_json())
        write_parquet(self.folder, self.path(shard), table.cast(self.schema))
        return stats

    def stats(self, shard: int) -> ShardStats:
        return ShardStats.from_json(self.folder.read(self._stats_path(shard)))

    def _stats_path(self, shard: int) -> str:
        return f"{self.name}/stats/part-{shard:05d}.json"

    # --- books ------------------------------------------------------------------------------------------------------

    def begin(self, plan: Plan, redo_command: str) -> None:
        """Open the table for work under `plan`.

        Raises SettingsChanged when what is there was made under another plan; the error names the changed keys.
        """
        known = self.plan()
        if known is not None and known.fingerprint != plan.fingerprint:
            changed = changed_keys(known.settings, plan.settings)
            changed += [f"table {name}" for name in changed_keys(known.upstream, plan.upstream)]
            if known.schema_version != plan.schema_version:
                changed.append(f"schema version ({known.schema_version} → {plan.schema_version})")
            raise SettingsChanged(self.stage.command, changed, redo_command)
        self.folder.sweep(self.name)
        if known is None:
            self.folder.write(f"{self.name}/stage.json", plan.to_json())

    def amend(self, plan: Plan) -> None:
        """Give a finished table another plan, because parts of it are being redone; it is unfinished from here on."""
        self.folder.write(f"{self.name}/stage.json", plan.to_json())
        self.folder.remove(f"{self.name}/manifest.json")

    def finish(self, plan: Plan) -> Manifest:
        """Write the manifest over all shards: the table is complete."""
        stats = [self.stats(shard) for shard in self.shards()]
        books = total(stats)
        manifest = Manifest(
            stage=self.stage.command,
            fingerprint=plan.fingerprint,
            shards=len(stats),
            rows=books.rows,
            rejects=books.rejects,
            seconds=round(books.seconds, 3),
            figures=books.figures,
            finished=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        )
        self.folder.write(f"{self.name}/manifest.json", manifest.to_json())
        return manifest

    def plan(self) -> Plan | None:
        path = f"{self.name}/stage.json"
        return Plan.from_json(self.folder.read(path)) if self.folder.exists(path) else None

    def manifest(self) -> Manifest | None:
        """The books of the finished table, or None while it is unfinished.

        Raises StoreError when a file of the finished table is gone.
        """
        path = f"{self.name}/manifest.json"
        if not self.folder.exists(path):
            return None
        manifest = Manifest.from_json(self.folder.read(path))
        there = self.shards()
        if len(there) < manifest.shards:
            raise self._incomplete(manifest.shards, set(there))
        return manifest

    def _incomplete(self, shards: int, there: set[int]) -> StoreError:
        """Shards are numbered without gaps, so what is missing has a name."""
        missing = [self.path(shard) for shard in range(shards) if shard not in there]
        more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
        return StoreError(
            f"{self.folder.url} lacks {', '.join(missing[:_NAMED])}{more} of the finished table {self.name}",
            f"put the file back, or make it again: mmfr run RECIPE --redo {self.stage.command}   (what depends on it is"
            " made again too; replies in journals are not paid for twice)",
        )

    def clear(self) -> None:
        """Forget the table so that the stage runs anew. Journals stay: replies that still fit are not paid twice."""
        for name in self.folder.names(self.name):
            if name != "journal":
                self.folder.remove(f"{self.name}/{name}")


def check_version(metadata: Mapping[bytes, bytes] | None, where: str) -> None:
    """Raise StoreError unless a file was written by this schema version."""
    found = (metadata or {}).get(_VERSION_KEY)
    if found is None or int(found) != SCHEMA_VERSION:
        written = "no version" if found is None else f"version {found.decode()}"
        raise StoreError(
            f"{where} has {written} of the table schema; this program reads version {SCHEMA_VERSION}",
            "use the mmfinereason release that made this run, or collect it again into a new folder",
        )
