"""The last step of collect: what only all rows together can tell, and the final shards.

Duplicates and contamination are decided once over all staged rows and written down before any shard is finished, so
that a start after a crash goes on with the same decisions. The staging folder goes when the manifest is written.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mmfinereason.collect import consulted
from mmfinereason.collect.benchmarks import benchmark_items
from mmfinereason.collect.consulted import Change
from mmfinereason.collect.contamination import build_index, find_contamination
from mmfinereason.collect.duplicates import Drop, find_duplicates
from mmfinereason.collect.gather import QUESTION_IN_REJECTS, STAGED, staged_table
from mmfinereason.context import Context
from mmfinereason.execute import Attempt, map_tasks
from mmfinereason.recipe.collect import CollectSettings
from mmfinereason.schema import SAMPLES, Reason, Stage
from mmfinereason.store import Folder, Reject, Run, ShardStats, write_parquet
from mmfinereason.store.table import read_parquet

DECISIONS = f"{STAGED}/decisions.parquet"

_KEYS = ("id", "question", "image_sha256", "image_phash")
_DECISIONS = pa.schema([("shard", pa.int32()), ("row", pa.int32()), ("reason", pa.string()), ("detail", pa.string())])


def settle(context: Context) -> Iterator[ShardStats]:
    """Decide over all staged rows and put the final shards in place; yields the books of each."""
    folder = context.run.folder
    shards = staged_table(context.run).shards()
    if not decided(context):
        write_parquet(folder, DECISIONS, _decide(context, shards))
    owed = context.owed(context.table(Stage.COLLECT), shards)
    work = _Settle(context.run.url)
    for _, stats in map_tasks(work, owed, workers=context.workers, name=lambda shard: f"settling shard {shard}"):
        yield stats


def decided(context: Context) -> bool:
    """Whether it is written down which rows leave: then nothing about them may change any more."""
    return context.run.folder.exists(DECISIONS)


def _decide(context: Context, shards: Sequence[int]) -> pa.Table:
    """Which staged rows must leave, as a table of shard, row, reason and detail."""
    keys = _Keys(context.run, shards)
    settings: CollectSettings = context.recipe.collect
    drops = {drop.index: drop for drop in _contaminated(keys.batches(), settings)}
    for drop in find_duplicates(keys.batches(), settings.duplicates):
        drops.setdefault(drop.index, drop)
    positions = sorted(drops)
    rows = [_decision(place, drops[at]) for place, at in zip(keys.places(positions), positions, strict=True)]
    return pa.Table.from_pylist(rows, schema=_DECISIONS)


def _contaminated(keys: Iterator[pa.RecordBatch], settings: CollectSettings) -> list[Drop]:
    if not settings.benchmarks:
        return []
    items = chain.from_iterable(map(benchmark_items, settings.benchmarks))
    return find_contamination(keys, build_index(items, settings.contamination))


def _decision(place: tuple[int, int], drop: Drop) -> dict[str, Any]:
    return {"shard": place[0], "row": place[1], "reason": drop.reason.value, "detail": drop.detail}


class _Keys:
    """What rows are compared by, as they will be after the model's changes, read a shard at a time."""

    def __init__(self, run: Run, shards: Sequence[int]) -> None:
        self.run = run
        self.shards = shards
        self._rows: list[npt.NDArray[np.int32]] = []
        """For each shard the staged rows that are still in; filled while the batches are read."""

    def batches(self) -> Iterator[pa.RecordBatch]:
        staged = staged_table(self.run)
        self._rows = []
        for shard in self.shards:
            changes = {change.row: change for change in consulted.read(self.run.folder, shard)}
            rows = staged.read(shard, _KEYS)
            leaves = [row for row, change in changes.items() if change.reason is not None]
            stays = np.setdiff1d(np.arange(rows.num_rows, dtype=np.int32), np.array(leaves, dtype=np.int32))
            self._rows.append(stays)
            yield from _with_questions(rows, changes).take(stays).combine_chunks().to_batches()

    def places(self, positions: Sequence[int]) -> list[tuple[int, int]]:
        """Shard and row of each position in the order of the run."""
        ends = np.cumsum([len(rows) for rows in self._rows])
        which = np.searchsorted(ends, positions, side="right")
        return [
            (self.shards[number], int(self._rows[number][position - ends[number]]))
            for number, position in zip(which, positions, strict=True)
        ]


def _with_questions(rows: pa.Table, changes: dict[int, Change]) -> pa.Table:
    if not any(change.question for change in changes.values()):
        return rows
    questions = rows["question"].to_pylist()
    for row, change in changes.items():
        questions[row] = change.question or questions[row]
    return rows.set_column(rows.schema.get_field_index("question"), "question", pa.array(questions, pa.string()))


@dataclass(frozen=True)
class _Settle:
    """The work on one shard: staged rows, less the dropped ones, with the model's changes in place."""

    run_url: str

    def __call__(self, shard: int, attempt: Attempt) -> ShardStats:
        started = time.perf_counter()
        run = Run(self.run_url)
        staged = staged_table(run)
        rows = staged.read(shard)
        gathered = staged.stats(shard)
        changes = consulted.read(run.folder, shard)
        decided = read_parquet(run.folder, DECISIONS)
        mine = decided.filter(pc.equal(decided["shard"], shard)).to_pylist()
        leaving = {one["row"]: (Reason(one["reason"]), one["detail"]) for one in mine}
        leaving |= {one.row: (Reason(one.reason), one.detail) for one in changes if one.reason}
        rejects = [_reject(rows, row, *why) for row, why in sorted(leaving.items())]
        stays = pa.array([row not in leaving for row in range(rows.num_rows)], pa.bool_())
        kept = _apply(rows, changes).filter(stays)  # `take` would join the images into one array, of 2 GiB at most
        return run.table(Stage.COLLECT).write(
            shard,
            kept,
            [*_rejects_of(staged.rejects(shard)), *rejects],
            seconds=gathered.seconds + time.perf_counter() - started,
            figures={"raw_rows": gathered.figures["raw_rows"]},
        )


def _apply(rows: pa.Table, changes: Sequence[Change]) -> pa.Table:
    """The rows with questions, answers and edits as the model left them."""
    if not changes:
        return rows
    values = {name: rows[name].to_pylist() for name in ("question", "answer", "edits", "needs")}
    for change in changes:
        row = change.row
        values["question"][row] = change.question or values["question"][row]
        values["answer"][row] = change.answer or values["answer"][row]
        values["edits"][row] = [*values["edits"][row], *change.edits]
        values["needs"][row] = []
    for name, column in values.items():
        field = SAMPLES.field(name)
        rows = rows.set_column(rows.schema.get_field_index(name), field, pa.array(column, field.type))
    return rows


def _reject(rows: pa.Table, row: int, reason: Reason, detail: str) -> Reject:
    def value(name: str) -> str:
        return str(rows[name][row].as_py())

    question = value("original_question")[:QUESTION_IN_REJECTS]
    return Reject(value("id"), reason, detail, value("source"), value("origin"), question)


def _rejects_of(table: pa.Table) -> Iterator[Reject]:
    for row in table.to_pylist():
        yield Reject(row["id"], Reason(row["reason"]), row["detail"], row["source"], row["origin"], row["question"])


def clear_staging(folder: Folder) -> None:
    """Drop the staged shards once every final shard is in place."""
    folder.remove(STAGED)
