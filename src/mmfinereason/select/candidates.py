"""The traces of a shard beside the questions they answer, and which of a row's traces stands for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from mmfinereason.schema import Stage
from mmfinereason.select.rulings import Asked, Published, Ruling
from mmfinereason.store import Run

_SAMPLES = ("id", "question", "answer", "options", "fixed_answer")
_TRACES = ("id", "candidate", "last", "status", "answer_text", "tokens")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One trace of a row, as its last attempt left it."""

    id: str
    candidate: int
    status: str
    """`ok`, or why there is no trace."""
    answer_text: str
    """What follows the thoughts."""
    tokens: int
    asked: Asked
    published: Published | None = None


def candidates(run: Run, shard: int, *, published: bool = False) -> list[Candidate]:
    """The candidates of a shard in the order of the traces table; with the published verdicts when asked for."""
    samples = run.table(Stage.COLLECT).read(shard, [*_SAMPLES, *(["published"] if published else [])])
    asked = {row["id"]: row for row in samples.to_pylist()}
    traces = run.table(Stage.DISTILL).read(shard, _TRACES).to_pylist()
    return [_candidate(trace, asked[trace["id"]]) for trace in traces if trace["last"]]


def asked(sample: dict[str, Any]) -> Asked:
    """The side of the question, from a row of the samples table."""
    fixed = sample["fixed_answer"] is not False
    return Asked(sample["question"], sample["answer"], tuple(sample["options"] or ()), fixed)


def choose(
    rows: Sequence[Candidate], rulings: Sequence[Ruling], prefer: Literal["shortest", "longest", "first"]
) -> set[int]:
    """Positions of the candidates that stand for their rows: consistent, else undecided, else wrong; then `prefer`."""
    best: dict[str, tuple[tuple[int, int, int], int]] = {}
    for position, (row, ruling) in enumerate(zip(rows, rulings, strict=True)):
        if ruling.outcome == "no_trace":
            continue
        verdict = {True: 0, None: 1, False: 2}[ruling.is_consistent]
        length = {"shortest": row.tokens, "longest": -row.tokens, "first": 0}[prefer]
        rank = (verdict, length, row.candidate)
        if row.id not in best or rank < best[row.id][0]:
            best[row.id] = (rank, position)
    return {position for _, position in best.values()}


def _candidate(trace: dict[str, Any], sample: dict[str, Any]) -> Candidate:
    known = sample.get("published")
    published = (
        Published(known["is_consistent"], known["consistency_analysis"] or "", known["trace"] or "") if known else None
    )
    return Candidate(
        trace["id"],
        trace["candidate"],
        trace["status"],
        trace["answer_text"] or "",
        trace["tokens"] or 0,
        asked(sample),
        published,
    )
