"""Looks at a run: its books, its rows, its tables as Arrow, DuckDB or `datasets`, its report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mmfinereason import inspect
from mmfinereason.errors import MmfrError
from mmfinereason.inspect import Diff, Life, Suspect
from mmfinereason.recipe import Recipe, parse
from mmfinereason.report import compare, report
from mmfinereason.report.grid import Grid
from mmfinereason.report.tables import run_tables
from mmfinereason.schema import TABLES, Stage
from mmfinereason.store import Run, StageStatus, overview
from mmfinereason.store.query import connect, dataset

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation


class OpenRun(Run):
    """A run folder whose tables open in three ways. Table names: samples, captions, traces, verdicts, rollouts,
    selection; SQL also knows `rejects`.
    """

    def arrow(self, table: str = "samples") -> Any:
        """The whole table as a lazy `pyarrow.dataset.Dataset`: nothing is read before it is asked for."""
        return dataset(self, _stage(table))

    def sql(self, query: str) -> DuckDBPyRelation:
        """A DuckDB relation over the run's tables, `run.sql("SELECT reason, count(*) FROM rejects GROUP BY 1")`."""
        return connect(self).sql(query)

    def datasets(self, table: str = "samples") -> Any:
        """The table as a `datasets.Dataset` with real images (`hub` extra). It is copied into that library's cache."""
        from datasets import Dataset, Features, Image

        stage = _stage(table)
        features = Features.from_arrow_schema(TABLES[stage])
        if "image" in features:
            features["image"] = Image()
        shards = self.table(stage)
        files = [f"{self.url}/{shards.path(shard)}" for shard in shards.shards()]
        return Dataset.from_parquet(files, features=features)

    def recipe(self) -> Recipe:
        """The recipe the run was made with, every default filled in and every source pinned."""
        return parse(self.recipe_text(), "recipe.yaml")


def open_run(url: str) -> OpenRun:
    """A run by its folder or URL. Raises StoreError when there is none."""
    return OpenRun.open(url)


def status(run: str | Run) -> list[StageStatus]:
    """Every stage of a run with its state, shards, rows, rejects by reason and time."""
    return overview(_run(run))


def explain(run: str | Run, id: str) -> Life:
    """The life of one row: by its id, its id in the source, or the beginning of one. Raises MmfrError."""
    return inspect.explain(_run(run), id)


def diff(before: str | Run, after: str | Run, limit: int = 20) -> Diff:
    """Which rows entered subsets, left them or moved between two runs, and why; at most `limit` rows are listed."""
    return inspect.diff(_run(before), _run(after), limit)


def suspects(run: str | Run) -> list[Suspect]:
    """Rows whose reference itself looks wrong: the small model agrees with itself and not with the reference."""
    return inspect.suspects(_run(run))


def tables(run: str | Run) -> list[Grid]:
    """The paper's Tables 5 to 7 for a run; `grid.render("text" | "csv" | "markdown")` writes one."""
    return run_tables(_run(run))


def write_report(run: str | Run, other: str | Run | None = None) -> str:
    """Write the report of a run as far as it has come, or one that compares it with another; returns its path."""
    return report(_run(run)) if other is None else compare(_run(run), _run(other))


def _run(run: str | Run) -> Run:
    return run if isinstance(run, Run) else Run.open(run)


def _stage(table: str) -> Stage:
    if table not in list(Stage):
        raise MmfrError(f"a run has no table {table!r}", f"tables are {', '.join(Stage)}")
    return Stage(table)
