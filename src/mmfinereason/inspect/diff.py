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
            connection.register(f"places_{name}", _places(run, selected))
        connection.execute(_CHANGED)
        ids = connection.sql("SELECT id FROM changed").to_arrow_table()
        for name, run in (("a", before), ("b", after)):
            connection.register(name, _facts(run, ids))
        connection.execute(_CHANGES)
        counts = connection.execute("SELECT (SELECT count(*) FROM places_a), (SELECT count(*) FROM places_b)")
        rows = counts.fetchone() or (0, 0)
        causes = connection.execute("SELECT kind, why, count(*) FROM changes GROUP BY ALL ORDER BY 3 DESC, 1, 2")
        found = [Cause(*cause) for cause in causes.fetchall()]
        subsets = [Membership(*subset) for subset in connection.execute(_SUBSETS).fetchall()]
        listed = connection.execute(f"SELECT * FROM changes ORDER BY id LIMIT {limit}").fetchall()
    changes = [Change(id, kind, tuple(old), tuple(new), why, detail) for id, kind, old, new, why, detail in listed]
    return Diff((rows[0], rows[1]), tuple(subsets), tuple(found), _settings(before, after), tuple(changes))


def _settings(before: Run, after: Run) -> tuple[str, ...]:
    changed: list[str] = []
    for stage in Stage:
        old, new = before.table(stage).plan(), after.table(stage).plan()
        if old is not None and new is not None:
            changed += [f"{stage.command}.{key}" for key in changed_keys(old.settings, new.settings)]
    return tuple(changed)


def _places(run: Run, selected: bool) -> pa.Table:
    """The subsets of every row."""
    query = "SELECT id, list_sort(subsets) AS subsets FROM selection"
    if not selected:
        query = "SELECT id, ['samples'] AS subsets FROM samples"
    with connect(run) as connection:
        return connection.sql(query).to_arrow_table()


def _facts(run: Run, ids: pa.Table) -> pa.Table:
    """What the stages know of some rows, one row an id that was ever seen."""
    with connect(run) as connection:
        connection.register("wanted", ids)
        return connection.sql(_FACTS).to_arrow_table()


_CHANGED = """
CREATE TEMP TABLE changed AS
SELECT coalesce(a.id, b.id) AS id, coalesce(a.subsets, []) AS before, coalesce(b.subsets, []) AS after
FROM places_a AS a FULL JOIN places_b AS b ON a.id = b.id
WHERE coalesce(a.subsets, []) <> coalesce(b.subsets, [])
"""

_FACTS = """
SELECT
    wanted.id AS id,
    samples.id IS NOT NULL AS here,
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
FROM wanted
LEFT JOIN samples ON samples.id = wanted.id
LEFT JOIN (SELECT id, first(stage || ': ' || reason) AS said FROM rejects WHERE id IN (FROM wanted) GROUP BY id)
    AS rejected ON rejected.id = wanted.id
LEFT JOIN (
    SELECT id, string_agg(DISTINCT status, ', ' ORDER BY status) AS statuses
    FROM traces WHERE last AND id IN (FROM wanted) GROUP BY id
) AS traced ON traced.id = wanted.id
LEFT JOIN (SELECT * FROM verdicts WHERE chosen) AS chosen ON chosen.id = wanted.id
LEFT JOIN rollouts ON rollouts.id = wanted.id
LEFT JOIN selection ON selection.id = wanted.id
"""

_CHANGES = """
CREATE TEMP TABLE changes AS
SELECT changed.id AS id,
    CASE WHEN len(before) = 0 THEN 'entered' WHEN len(after) = 0 THEN 'left' ELSE 'moved' END AS kind,
    before, after,
    CASE
        WHEN b.here AND NOT a.here THEN 'new: ' || a.absent || ' before'
        WHEN a.here AND NOT b.here THEN 'gone: ' || b.absent
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
        CASE WHEN len(before) = 0 THEN nullif(a.reason, '') WHEN len(after) = 0 THEN nullif(b.reason, '') END) AS detail
FROM changed JOIN a ON a.id = changed.id JOIN b ON b.id = changed.id
"""

_SUBSETS = """
WITH sizes AS (
    SELECT unnest(subsets) AS subset, 1 AS before, 0 AS after, 0 AS entered, 0 AS gone FROM places_a
    UNION ALL SELECT unnest(subsets), 0, 1, 0, 0 FROM places_b
    UNION ALL SELECT unnest(list_filter(after, lambda one: NOT list_contains(before, one))), 0, 0, 1, 0 FROM changed
    UNION ALL SELECT unnest(list_filter(before, lambda one: NOT list_contains(after, one))), 0, 0, 0, 1 FROM changed
)
SELECT subset, CAST(sum(before) AS BIGINT), CAST(sum(after) AS BIGINT), CAST(sum(entered) AS BIGINT),
    CAST(sum(gone) AS BIGINT)
FROM sizes GROUP BY subset ORDER BY subset
"""
