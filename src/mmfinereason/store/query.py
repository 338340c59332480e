"""Questions asked of a run in SQL: every table is a view, and so are all rejects together.

A run is plain Parquet, so on a local disk `duckdb` needs no help at all; this also serves runs in object stores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from mmfinereason.schema import REJECTS, TABLES, Stage
from mmfinereason.store.run import Run

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def connect(run: Run) -> DuckDBPyConnection:
    """A DuckDB connection with one view a table (`samples`, `captions`, `traces`, ...) and the view `rejects`.

    A table the run does not have yet is an empty view with the right columns.
    """
    import duckdb

    connection = duckdb.connect()
    rejects = []
    for stage in Stage:
        table = run.table(stage)
        shards = table.shards()
        _view(connection, run, stage.value, [table.path(shard) for shard in shards], TABLES[stage])
        rejects += [path for shard in shards if run.folder.exists(path := table.rejects_path(shard))]
    _view(connection, run, "rejects", rejects, REJECTS)
    return connection


def dataset(run: Run, stage: Stage) -> Any:
    """A stage's whole table as a lazy `pyarrow.dataset.Dataset`."""
    table = run.table(stage)
    return _dataset(run, [table.path(shard) for shard in table.shards()], TABLES[stage])


def _view(connection: DuckDBPyConnection, run: Run, name: str, paths: list[str], schema: pa.Schema) -> None:
    if not paths:
        connection.register(name, schema.empty_table())
    elif run.folder.local:
        files = ", ".join(_quoted(run.folder.path(path)) for path in paths)
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{files}])")
    else:
        connection.register(name, _dataset(run, paths, schema))


def _dataset(run: Run, paths: list[str], schema: pa.Schema) -> Any:
    import pyarrow.dataset as datasets

    files = [run.folder.path(path) for path in paths]
    return datasets.dataset(files, schema=schema, format="parquet", filesystem=run.folder.filesystem)


def _quoted(path: str) -> str:
    escaped = path.replace("'", "''")
    return f"'{escaped}'"
