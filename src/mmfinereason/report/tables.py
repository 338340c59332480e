"""The paper's Tables 5, 6 and 7 for a run of one's own, with the paper's figures beside those of its sources.

Table 5 is the composition of the consistent rows, Table 6 what each filter removed, Table 7 difficulty and consistency.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from mmfinereason.report.grid import Column, Grid, Value
from mmfinereason.report.paper_sources import PaperSource, paper_sources
from mmfinereason.store import Run
from mmfinereason.store.query import connect

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

Pick = Callable[[PaperSource], Value]

NOTE = "(paper): arXiv 2601.21821, the same source. The paper probed all rows, consistent or not."


def run_tables(run: Run) -> list[Grid]:
    """All three tables."""
    with connect(run) as connection:
        return [composition(connection), cleaning(connection), difficulty(connection)]


def composition(connection: DuckDBPyConnection) -> Grid:
    """Table 5: consistent rows of each source, their share and the mean length of their traces."""
    columns = [Column("rows", ","), Column("share", ".1%"), Column("mean tokens", ",.0f")]
    total = sum(source.final_thousands for source in paper_sources().values())
    paper: list[tuple[Column, Pick]] = [
        (Column("rows (paper)", ","), lambda source: round(source.final_thousands * 1000)),
        (Column("share (paper)", ".1%"), lambda source: source.final_thousands / total),
    ]
    rows = connection.execute(_COMPOSITION).fetchall()
    title = "Table 5. Composition: consistent rows by source"
    return _beside(title, [Column("source"), Column("domain"), *columns], rows, paper)


def cleaning(connection: DuckDBPyConnection) -> Grid:
    """Table 6: rows of each source before and after every filter, and the tokens of the traces that are left."""
    names = ("read", "collected", "length", "template", "repetition", "other", "rows", "tokens")
    paper: list[tuple[Column, Pick]] = [
        (Column("original (paper)", ","), lambda source: source.original),
        (Column("length (paper)", ","), lambda source: source.too_short),
        (Column("template (paper)", ","), lambda source: source.template),
        (Column("rows (paper)", ","), lambda source: source.rows),
        (Column("tokens (paper)", ","), lambda source: source.tokens),
    ]
    rows = connection.execute(_CLEANING).fetchall()
    title = "Table 6. Cleaning: rows by source before and after each filter"
    return _beside(title, [Column("source"), *(Column(name, ",") for name in names)], rows, paper)


def difficulty(connection: DuckDBPyConnection) -> Grid:
    """Table 7: pass rates of the prober and consistent rows of each source."""
    columns = [
        Column("rows", ","),
        Column("probed", ","),
        Column("mean", ".4f"),
        Column("median", ".2f"),
        Column("consistent", ","),
        Column("share", ".1%"),
    ]
    paper: list[tuple[Column, Pick]] = [
        (Column("mean (paper)", ".4f"), lambda source: source.mean),
        (Column("median (paper)", ".2f"), lambda source: source.median),
        (Column("consistent (paper)", ","), lambda source: source.consistent),
        (Column("share (paper)", ".1%"), lambda source: source.consistent / source.rows),
    ]
    rows = connection.execute(_DIFFICULTY).fetchall()
    return _beside("Table 7. Difficulty and consistency by source", [Column("source"), *columns], rows, paper)


def _beside(
    title: str, own: Sequence[Column], rows: Sequence[Sequence[Value]], paper: Sequence[tuple[Column, Pick]]
) -> Grid:
    """The run's own columns, then the paper's where the source is one of the paper's."""
    known = paper_sources()
    whole = []
    for row in rows:
        source = known.get(str(row[0]))
        whole.append([*row, *(pick(source) if source else None for _, pick in paper)])
    return Grid(title, [*own, *(column for column, _ in paper)], whole, NOTE)


_COMPOSITION = """
WITH consistent AS (
    SELECT samples.source AS source, samples.domain AS domain, traces.tokens AS tokens
    FROM samples JOIN verdicts ON verdicts.id = samples.id AND verdicts.chosen AND verdicts.is_consistent
    LEFT JOIN traces ON traces.id = verdicts.id AND traces.candidate = verdicts.candidate AND traces.last
)
SELECT CASE WHEN grouping(source) = 1 THEN 'total' ELSE source END, domain, count(*),
    count(*) / nullif((SELECT count(*) FROM consistent), 0), avg(tokens)
FROM consistent GROUP BY GROUPING SETS ((source, domain), ())
ORDER BY grouping(source), count(*) DESC, source
"""

_CLEANING = """
WITH tried AS (
    SELECT id, bool_or(status = 'ok') AS ok, arg_min(status, candidate) AS status,
        arg_min(tokens, candidate) FILTER (status = 'ok') AS tokens
    FROM traces WHERE last GROUP BY id
), all_rows AS (
    SELECT source, samples.id IS NOT NULL AS here, ok, status, tokens FROM samples LEFT JOIN tried USING (id)
    UNION ALL
    SELECT source, false, NULL, NULL, NULL FROM rejects WHERE stage = 'collect'
)
SELECT CASE WHEN grouping(source) = 1 THEN 'total' ELSE source END, count(*), count(*) FILTER (here),
    count(*) FILTER (NOT ok AND status IN ('too_short', 'too_long')), count(*) FILTER (NOT ok AND status = 'template'),
    count(*) FILTER (NOT ok AND status = 'repetition'),
    count(*) FILTER (NOT ok AND status NOT IN ('too_short', 'too_long', 'template', 'repetition')),
    count(*) FILTER (ok), CAST(coalesce(sum(tokens), 0) AS BIGINT)
FROM all_rows GROUP BY GROUPING SETS ((source), ())
ORDER BY grouping(source), count(*) DESC, source
"""

_DIFFICULTY = """
WITH judged AS (
    SELECT source, pass_rate, is_consistent
    FROM samples JOIN verdicts ON verdicts.id = samples.id AND verdicts.chosen
    LEFT JOIN rollouts ON rollouts.id = samples.id
)
SELECT CASE WHEN grouping(source) = 1 THEN 'total' ELSE source END, count(*), count(pass_rate), avg(pass_rate),
    median(pass_rate), count(*) FILTER (is_consistent), count(*) FILTER (is_consistent) / nullif(count(*), 0)
FROM judged GROUP BY GROUPING SETS ((source), ())
ORDER BY grouping(source), count(*) DESC, source
"""
