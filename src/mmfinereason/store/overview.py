"""How far a run is: every stage with its shards, rows, rejects by reason and time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mmfinereason.schema import Stage
from mmfinereason.store.manifest import ShardStats, total
from mmfinereason.store.run import Run
from mmfinereason.store.table import Table

State = Literal["not started", "unfinished", "done"]


@dataclass(frozen=True, slots=True)
class StageStatus:
    """The books of one stage as they stand."""

    stage: Stage
    state: State
    shards: int
    expected_shards: int | None
    """Shards of the samples table; None while that is not known."""
    books: ShardStats


def overview(run: Run) -> list[StageStatus]:
    """One entry a stage, in order, also for stages that have not started."""
    samples = run.table(Stage.COLLECT)
    expected = len(samples.shards()) if samples.manifest() else None
    return [_status(run.table(stage), expected) for stage in Stage]


def _status(table: Table, expected: int | None) -> StageStatus:
    shards = table.shards()
    books = total([table.stats(shard) for shard in shards])
    started = table.plan() is not None
    state: State = "done" if table.manifest() else "unfinished" if started else "not started"
    if table.stage is Stage.COLLECT and state == "unfinished" and not shards:
        staged = Table(table.folder, table.stage, f"{table.name}/staged")
        books = total([staged.stats(shard) for shard in staged.shards()])
        shards = staged.shards()
    return StageStatus(table.stage, state, len(shards), expected, books)
