"""What changed between two runs: which rows entered subsets, left them or moved, and why.

Why a row changed is the earliest stage at which the two runs know different things of it; where all stages agree, only
the selection itself can differ. Runs that have no selection yet are compared by the rows they hold.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from mmfinereason.schema import Stage
from mmfinereason.store import Run
from mmfinereason.store.manifest import changed_keys
from mmfinereason.store.query import connect


@dataclass(frozen=True, slots=True)
class Change:
    """One row that is not where it was."""

    id: str
    kind: str  # entered, left, moved
    before: tuple[str, ...]  # subsets in the first run
    after: tuple[str, ...]
    why: str  # the first thing that differs
    detail: str


@dataclass(frozen=True, slots=True)
class Cause:
    """How many rows changed for one cause."""

    kind: str
    why: str
    rows: int


@dataclass(frozen=True, slots=True)
class Membership:
    """The size of one subset in both runs."""

    subset: str
    before: int
    after: int
    entered: int
    left: int


@dataclass(frozen=True, slots=True)
class Diff:
    """Two runs compared."""

    rows: tuple[int, int]
    """Rows of the samples tables."""
    subsets: tuple[Membership, ...]
    causes: tuple[Cause, ...]
    """Most rows first."""
    settings: tuple[str, ...]
    """Changed settings by stage, `select.subsets (... → ...)`."""
    changes: tuple[Change, ...]
    """The first of the changed rows, in the order of their ids."""


def diff(before: Run, after: Run, limit: int = 20) -> Diff:
    """Compare two runs; at most `limit` changed rows are listed, all are counted."""
    import duckdb

    selected = all(run.table(Stage.SELECT).shards() for run in (before, after))
    with duckdb.connect() as connection:
        for name, run in (("a", before), ("b", after)):
            connection.register(name, _facts(run, selected))
        connection.execute(_CHANGES)
        rows = connection.execute("SELECT (SELECT count(*) FROM a WHERE here), (SELECT count(*) FROM b WHERE here)")
        counts = rows.fetchone()
        assert counts is not None
        causes = connection.execute("SELECT kind, why, count(*) FROM changes GROUP BY ALL ORDER BY 3 DESC, 1, 2")
        found = [Cause(*cause) for cause in causes.fetchall()]
        subsets = [Membership(*subset) for subset in connection.execute(_SUBSETS).fetchall()]
        listed = connection.execute(f"SELECT * FROM changes ORDER BY id LIMIT {limit}").fetchall()
    changes = [Change(id, kind, tuple(old), tuple(new), why, detail) for id, kind, old, new, why, detail in listed]
    return Diff((counts[0], counts[1]), tuple(subsets), tuple(found), _settings(before, after), tuple(changes))


def _settings(before: Run, after: Run) -> tuple[str, ...]:
    changed: list[str] = []
    for stage in Stage:
        old, new = before.table(stage).plan(), after.table(stage).plan()
        if old is not None and new is not None:
            changed += [f"{stage.command}.{key}" for key in changed_keys(old.settings, new.settings)]
    return tuple(changed)


def _facts(run: Run, selected: bool) -> pa.Table:
    """One row an id: where it is, and what the stages know of it."""
    where = "coalesce(selection.subsets, [])"
    if not selected:
        where = "CASE WHEN samples.id IS NULL THEN [] ELSE ['samples'] END"
    with connect(run) as connection:
        return connection.sql(_FACTS.format(subsets=where)).to_arrow_table()


_FACTS = """
SELECT
    coalesce(samples.id, rejected.id) AS id,
    samples.id IS NOT NULL AS here,
    {subsets} AS subsets,
    coalesce(rejected.said, 'not among the sources') AS absent,
    samples.question || chr(10) || coalesce(samples.answer, '') AS text,
    samples.image_sha256 AS image,
    coalesce(traced.statuses, 'none') AS traces,
    coalesce(chosen.outcome || ' by ' || chosen.method, 'none') AS verdict,
    coalesce(chosen.extracted_answer, '') AS answer,
    coalesce(CAST(rollouts.pass_rate AS VARCHAR), 'unknown') AS pass_rate,
    concat_ws(' ', CASE WHEN rollouts.reference_suspect THEN 'reference_suspect' END,
        CASE WHEN rollouts.image_not_needed THEN 'image_not_needed' END) AS marks,
    concat_ws(': ', selection.reason, selection.detail) AS reason
FROM samples
FULL JOIN (SELECT id, first(stage || ': ' || reason) AS said FROM rejects WHERE id IS NOT NULL GROUP BY id) AS rejected
    ON rejected.id = samples.id
LEFT JOIN (SELECT id, string_agg(DISTINCT status, ', ' ORDER BY status) AS statuses FROM traces WHERE last GROUP BY id)
    AS traced ON traced.id = samples.id
LEFT JOIN (SELECT * FROM verdicts WHERE chosen) AS chosen ON chosen.id = samples.id
LEFT JOIN rollouts ON rollouts.id = samples.id
LEFT JOIN selection ON selection.id = samples.id
"""

_CHANGES = """
CREATE TEMP TABLE changes AS
WITH pairs AS (
    SELECT coalesce(a.id, b.id) AS id, list_sort(coalesce(a.subsets, [])) AS before,
        list_sort(coalesce(b.subsets, [])) AS after, a, b
    FROM a FULL JOIN b ON a.id = b.id
), changed AS (
    SELECT *, CASE WHEN len(before) = 0 THEN 'entered' WHEN len(after) = 0 THEN 'left' ELSE 'moved' END AS kind,
        coalesce(a.here, false) AS in_a, coalesce(b.here, false) AS in_b
    FROM pairs WHERE before <> after
)
SELECT id, kind, before, after,
    CASE
        WHEN in_b AND NOT in_a THEN 'new: ' || coalesce(a.absent, 'not among the sources') || ' before'
        WHEN in_a AND NOT in_b THEN 'gone: ' || coalesce(b.absent, 'not among the sources')
        WHEN a.text <> b.text THEN 'question or reference changed'
        WHEN a.image IS DISTINCT FROM b.image THEN 'image changed'
        WHEN a.traces <> b.traces THEN 'trace: ' || a.traces || ' → ' || b.traces
        WHEN a.verdict <> b.verdict THEN 'verdict: ' || a.verdict || ' → ' || b.verdict
        WHEN a.marks <> b.marks THEN 'marks: ' || coalesce(nullif(a.marks, ''), 'none')
            || ' → ' || coalesce(nullif(b.marks, ''), 'none')
        WHEN a.pass_rate <> b.pass_rate THEN 'pass rate: ' || a.pass_rate || ' → ' || b.pass_rate
        ELSE 'the subsets are drawn otherwise'
    END AS why,
    concat_ws('; ', CASE WHEN a.answer <> b.answer THEN 'answer ' || a.answer || ' → ' || b.answer END,
        nullif(CASE kind WHEN 'entered' THEN a.reason WHEN 'left' THEN b.reason END, '')) AS detail
FROM changed
"""

_SUBSETS = """
SELECT subset, count(*) FILTER (in_a), count(*) FILTER (in_b), count(*) FILTER (in_b AND NOT in_a),
    count(*) FILTER (in_a AND NOT in_b)
FROM (
    SELECT subset, id, bool_or(side = 'a') AS in_a, bool_or(side = 'b') AS in_b
    FROM (SELECT unnest(subsets) AS subset, id, 'a' AS side FROM a UNION ALL
        SELECT unnest(subsets), id, 'b' FROM b)
    GROUP BY subset, id
) GROUP BY subset ORDER BY subset
"""
