"""What subset rules see: one row a sample, with the columns of all stage tables, a batch of shards at a time.

Tables are aligned by shard, so a join never needs more than the batch; of each table only the columns in use are read,
and images never.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from mmfinereason.recipe.rules import COLUMNS
from mmfinereason.schema import TABLES, Stage
from mmfinereason.store import Run

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SQL: dict[str, str] = {
    "published_pass_rate": "samples.published.pass_rate",
    "published_consistent": "samples.published.is_consistent",
    "extra": "CAST(samples.extra AS JSON)",
    "caption_words": "captions.words",
    "teacher": "traces.model",
    "candidates": "counts.candidates",
    "consistent_candidates": "counts.consistent",
}
"""Columns that are not simply the table's column of that name."""

_READS: dict[str, tuple[str, ...]] = {
    "published_pass_rate": ("published.pass_rate",),
    "published_consistent": ("published.is_consistent",),
    "caption_words": ("words",),
    "teacher": ("model",),
    "candidates": ("outcome",),
    "consistent_candidates": ("is_consistent",),
}
_ALWAYS: dict[Stage, tuple[str, ...]] = {
    Stage.COLLECT: ("id",),
    Stage.CAPTION: ("id",),
    Stage.DISTILL: ("id", "candidate", "last", "status"),
    Stage.VERIFY: ("id", "candidate", "chosen", "outcome", "method", "detail", "is_consistent"),
    Stage.PROBE: ("id", "reference_suspect", "suspect_evidence", "image_not_needed", "blind_pass_rate"),
}
"""Columns that joins and reasons need, whatever the rules."""

FACTS = ("is_consistent", "outcome", "reference_suspect", "image_not_needed")
"""Columns that reasons need."""


def features(
    connection: DuckDBPyConnection, run: Run, shards: Sequence[int], columns: Iterable[str], stages: Iterable[Stage]
) -> None:
    """Make the table `features` of some shards: `shard`, `has_trace`, `verdict`, `evidence`, `attempts` and `columns`.

    A column of a stage that is not among `stages` is null. Rows keep the order of the samples.
    """
    wanted = dict.fromkeys([*columns, *FACTS, "id"])
    present = set(stages)
    for stage in TABLES:
        if stage is Stage.SELECT:
            continue
        table = _read(run, stage, shards, wanted) if stage in present else TABLES[stage].empty_table()
        connection.register(stage.value, table)
    selected = ",\n".join(f'{_expression(name, present)} AS "{name}"' for name in wanted)
    connection.execute(_JOIN.format(columns=selected))


def _expression(name: str, present: set[Stage]) -> str:
    column = COLUMNS[name]
    if column.stage not in present:
        return f"CAST(NULL AS {column.type})"
    return SQL.get(name, f'{column.stage.value}."{name}"')


def _read(run: Run, stage: Stage, shards: Sequence[int], wanted: Iterable[str]) -> pa.Table:
    """The needed columns of some shards of a stage, with the number of the shard and the row's position in all."""
    own = [path for name in wanted if COLUMNS[name].stage is stage for path in _READS.get(name, (name,))]
    columns = list(dict.fromkeys([*_ALWAYS[stage], *own]))
    table = run.table(stage)
    parts = []
    for shard in shards:
        part = table.read(shard, columns)
        parts.append(part.append_column("shard", pa.repeat(pa.scalar(shard, pa.int32()), part.num_rows)))
    whole = pa.concat_tables(parts)
    return whole.append_column("position", pa.array(np.arange(whole.num_rows)))


_JOIN = """
CREATE OR REPLACE TEMP TABLE features AS
SELECT
    samples.shard AS shard,
    verdicts.id IS NOT NULL AS has_trace,
    concat_ws(': ', verdicts.method, nullif(verdicts.detail, '')) AS verdict,
    rollouts.suspect_evidence AS evidence,
    rollouts.blind_pass_rate AS blind_rate,
    attempts.statuses AS attempts,
    {columns}
FROM samples
LEFT JOIN captions ON captions.id = samples.id
LEFT JOIN (SELECT * FROM verdicts WHERE chosen) AS verdicts ON verdicts.id = samples.id
LEFT JOIN (SELECT * FROM traces WHERE last) AS traces
    ON traces.id = verdicts.id AND traces.candidate = verdicts.candidate
LEFT JOIN rollouts ON rollouts.id = samples.id
LEFT JOIN (
    SELECT id, count(*) FILTER (outcome <> 'no_trace') AS candidates, count(*) FILTER (is_consistent) AS consistent
    FROM verdicts GROUP BY id
) AS counts ON counts.id = samples.id
LEFT JOIN (
    SELECT id, string_agg(DISTINCT status, ', ' ORDER BY status) AS statuses FROM traces WHERE last GROUP BY id
) AS attempts ON attempts.id = samples.id
ORDER BY samples.position
"""
