"""Rows whose reference looks wrong, with the evidence, for a person to review."""

from __future__ import annotations

from dataclasses import dataclass

from mmfinereason.store import Run
from mmfinereason.store.query import connect


@dataclass(frozen=True, slots=True)
class Suspect:
    """One row to look at."""

    id: str
    question: str
    reference: str
    evidence: str


def suspects(run: Run, limit: int | None = None) -> list[Suspect]:
    """Rows that the gold audit marked, in the order of their ids."""
    query = """
        SELECT samples.id, question, coalesce(answer, ''), suspect_evidence
        FROM rollouts JOIN samples USING (id) WHERE reference_suspect ORDER BY samples.id
    """
    with connect(run) as connection:
        rows = connection.execute(query if limit is None else f"{query} LIMIT {limit}").fetchall()
    return [Suspect(*row) for row in rows]
