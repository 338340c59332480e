"""Single rows for a person to look at: a few of each source, and a few for each reason to leave.

Rows are drawn by the hash of their id, so the same run shows the same rows. How much of a text is shown is bounded, so
that the page stays small whatever the data holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from mmfinereason.report.facts import TWINS
from mmfinereason.report.pictures import thumbnails
from mmfinereason.schema import Reason
from mmfinereason.store import Run
from mmfinereason.store.query import connect

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_GROUPS = 60
"""Sources, and reasons, that are shown with rows; the largest ones."""
MOST_ROWS = 240
"""Rows shown for sources, and again for reasons."""
PICTURE_CHARACTERS = 3_600_000
"""Of all thumbnails together."""
LARGEST_PICTURE = 32_000
"""Characters of one thumbnail."""

_TWIN = re.compile(r"(?:same image and question as|stands in an earlier row of the run:) (.+)\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rollout:
    """One answer of the small model."""

    outcome: str
    answer: str


@dataclass(frozen=True, slots=True)
class Example:
    """One row with all that the stages found out; fields are None or empty where a stage has not seen it."""

    id: str
    source: str = ""
    question: str = ""
    original_question: str = ""
    options: Sequence[str] = ()
    answer: str | None = None
    edits: Sequence[str] = ()
    licence: str | None = None
    image: str | None = None
    """A data URI."""
    caption: str | None = None
    category: str | None = None
    status: str | None = None
    """Of the trace: `ok`, or why there is none."""
    reasoning: str | None = None
    answer_text: str | None = None
    teacher: str | None = None
    tokens: int | None = None
    extracted: str | None = None
    outcome: str | None = None
    method: str | None = None
    verdict: str | None = None
    """The verdict's detail and analysis."""
    consistent: bool | None = None
    pass_rate: float | None = None
    suspect: str | None = None
    rollouts: Sequence[Rollout] = ()
    subsets: Sequence[str] = ()
    why: str | None = None
    """Why it left: the reject's or the selection's detail."""
    twin: Example | None = None
    """The row it duplicates."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together on the page."""

    name: str
    stage: str
    """Where they left; empty for sources."""
    rows: int
    """How many there are in the run."""
    examples: list[Example] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Examples:
    """All rows that the page shows."""

    sources: list[Group]
    reasons: list[Group]
    twins: list[Group]
    """Duplicates and contamination."""


def gather_examples(run: Run, few: int) -> Examples:
    """Rows to show, `few` for each source and reason."""
    if few == 0:
        return Examples([], [], [])
    with connect(run) as ask:
        return _gathered(run, ask, few)


def _gathered(run: Run, ask: DuckDBPyConnection, few: int) -> Examples:
    by_source, left = (_bounded(_drawn(ask, query.format(few=few))) for query in (_BY_SOURCE, _BY_REASON))
    ids = {row["id"] for row in [*by_source, *left]} | {twin for row in left if (twin := _twin_id(row))}
    details = {row["id"]: row for row in _drawn(ask, _DETAILS, [sorted(ids)])}
    limit = min(LARGEST_PICTURE, PICTURE_CHARACTERS // max(1, len(details)))
    seen = {id: _example(row) for id, row in details.items()}
    pictures = thumbnails(run, seen, limit)
    shown = _Shown(seen, pictures)
    groups = _groups(left, shown)
    about_twins = {*TWINS, Reason.CONTAMINATED}
    return Examples(
        sources=_groups(by_source, shown),
        reasons=[one for one in groups if one.name not in about_twins],
        twins=[one for one in groups if one.name in about_twins],
    )


_BY_SOURCE = f"""
WITH sized AS (SELECT source AS name, count(*) AS rows FROM samples GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_GROUPS})
SELECT name, '' AS stage, rows, id, NULL AS why, NULL AS source, NULL AS question
FROM samples JOIN sized ON samples.source = sized.name
QUALIFY row_number() OVER (PARTITION BY name ORDER BY hash(id), id) <= {{few}} ORDER BY rows DESC, name, hash(id), id
"""

_BY_REASON = f"""
WITH gone AS (
    SELECT reason AS name, stage, id, detail AS why, source, question FROM rejects
    UNION ALL
    SELECT reason, 'select', id, detail, NULL, NULL FROM selection WHERE reason IS NOT NULL AND reason <> 'no_trace'
),
sized AS (SELECT name, stage, count(*) AS rows FROM gone GROUP BY ALL ORDER BY 3 DESC, 1, 2 LIMIT {MOST_GROUPS})
SELECT name, stage, rows, id, why, source, question FROM gone JOIN sized USING (name, stage)
QUALIFY row_number() OVER (PARTITION BY name, stage ORDER BY hash(id), id, why) <= {{few}}
ORDER BY rows DESC, name, stage, hash(id), id, why
"""

_DETAILS = """
WITH wanted AS (SELECT unnest($1) AS id),
standing AS (
    SELECT t.*, v.extracted_answer, v.outcome, v.method, v.is_consistent,
        concat_ws(chr(10), nullif(v.detail, ''), nullif(v.consistency_analysis, '')) AS verdict
    FROM (SELECT id, candidate, status, reasoning, answer_text, model, tokens FROM traces
          WHERE last AND id IN (SELECT id FROM wanted)) t
    LEFT JOIN (SELECT * FROM verdicts WHERE id IN (SELECT id FROM wanted)) v
        ON v.id = t.id AND v.candidate = t.candidate
    QUALIFY row_number() OVER (PARTITION BY t.id ORDER BY coalesce(v.chosen, false) DESC, t.candidate) = 1
)
SELECT s.id, s.source, s.question, s.original_question, s.options, s.answer, s.edits, s.licence,
    c.caption, c.category, t.status, t.reasoning, t.answer_text, t.model AS teacher, t.tokens,
    t.extracted_answer AS extracted, t.outcome, t.method, t.verdict, t.is_consistent AS consistent,
    r.pass_rate, r.suspect_evidence AS suspect, n.subsets,
    list_transform(r.rollouts, lambda one: {'outcome': one.outcome, 'answer': one.answer, 'blind': one.blind})
        AS rollouts
FROM (SELECT id, source, question, original_question, options, answer, edits, licence FROM samples
      WHERE id IN (SELECT id FROM wanted)) s
LEFT JOIN standing t USING (id)
LEFT JOIN (SELECT id, any_value(caption) AS caption, any_value(category) AS category FROM captions
           WHERE id IN (SELECT id FROM wanted) GROUP BY 1) c USING (id)
LEFT JOIN (SELECT * FROM rollouts WHERE id IN (SELECT id FROM wanted)) r USING (id)
LEFT JOIN (SELECT * FROM selection WHERE id IN (SELECT id FROM wanted)) n USING (id)
ORDER BY s.id
"""


def _drawn(ask: DuckDBPyConnection, query: str, parameters: list[Any] | None = None) -> list[dict[str, Any]]:
    result = ask.execute(query, parameters) if parameters else ask.execute(query)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _bounded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """At most `MOST_ROWS`: where there are too many groups each shows fewer."""
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["name"], row["stage"]), []).append(row)
    each = max(1, MOST_ROWS // max(1, len(groups)))
    return [row for group in groups.values() for row in group[:each]]


@dataclass(frozen=True, slots=True)
class _Shown:
    """Rows and pictures by id."""

    rows: dict[str, Example]
    pictures: dict[str, str]

    def example(self, row: dict[str, Any]) -> Example:
        """A drawn row; one that is not among the samples is told as its reject told it."""
        known = self.rows.get(row["id"])
        if known is not None and row["name"] not in (*TWINS, Reason.CONTAMINATED):
            return replace(known, image=self.pictures.get(row["id"]), why=row["why"])
        told = Example(row["id"], row["source"] or "", _bare(row["question"] or ""), why=row["why"])
        twin = self.rows.get(_twin_id(row) or "")
        if twin is None:
            return told
        picture = self.pictures.get(twin.id)
        same = picture if row["name"] == Reason.DUPLICATE else None  # exact duplicates have the same image file
        return replace(told, image=same, twin=replace(twin, image=picture))


def _groups(rows: Iterable[dict[str, Any]], shown: _Shown) -> list[Group]:
    groups: dict[tuple[str, str], Group] = {}
    for row in rows:
        key = (row["name"], row["stage"])
        if key not in groups:
            groups[key] = Group(row["name"], row["stage"], row["rows"])
        groups[key].examples.append(shown.example(row))
    return list(groups.values())


def _twin_id(row: dict[str, Any]) -> str | None:
    """The row that stayed, as the reject's detail names it."""
    if row["name"] not in TWINS:
        return None
    found = _TWIN.search(row["why"] or "")
    return found[1] if found else None


def _example(row: dict[str, Any]) -> Example:
    rollouts = [one for one in row["rollouts"] or () if not one["blind"]]
    values = {name: value for name, value in row.items() if value is not None}
    values["rollouts"] = [Rollout(one["outcome"] or "", one["answer"] or "") for one in rollouts]
    values["original_question"] = _changed(row["original_question"] or "", row["question"] or "")
    values["question"] = question = _bare(row["question"] or "")
    values["options"] = [] if all(one in question for one in row["options"] or ()) else row["options"]
    return Example(**values)


def _bare(question: str) -> str:
    """The question without the mark where trainers put the image."""
    return question.replace("<image>", "", 1).strip()


def _changed(original: str, question: str) -> str:
    """The original question where cleaning changed more than spaces and the image marker."""

    def bare(text: str) -> str:
        return "".join(_bare(text).split())

    return original if bare(original) != bare(question) else ""
