"""One answer of the small model, and what several of them say about a row.

Only an answer that was read and differs from the reference counts as wrong. A reply that was cut off, did not come,
could not be read or could not be judged says nothing about the row's difficulty and stays out of the pass rate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mmfinereason.answers import Tolerance, extract_answer
from mmfinereason.models import Failure, Reply
from mmfinereason.schema import Reason
from mmfinereason.select.rulings import Asked, Ruling, compare
from mmfinereason.select.wilson import wilson

OUTCOMES = ("correct", "wrong", "truncated", "error", "unparsable", "undecided")
_FROM_RULING = {"equal": "correct", "different": "wrong", "undecided": "undecided"}


@dataclass(frozen=True, slots=True)
class Rollout:
    """One answer with its verdict: a row of schema.ROLLOUT."""

    index: int
    blind: bool
    outcome: str
    answer: str | None
    method: str
    detail: str
    finish_reason: str
    completion_tokens: int
    cost: float
    seed: int | None
    model: str
    request_key: str
    text: str


@dataclass(frozen=True, slots=True)
class Tally:
    """Rollouts of one kind, counted."""

    counts: Counter[str]

    @classmethod
    def of(cls, rollouts: Sequence[Rollout], *, blind: bool = False) -> Tally:
        return cls(Counter(one.outcome for one in rollouts if one.blind == blind))

    @property
    def counted(self) -> int:
        """Rollouts that say something: correct and wrong ones."""
        return self.counts["correct"] + self.counts["wrong"]

    @property
    def pass_rate(self) -> float | None:
        return self.counts["correct"] / self.counted if self.counted else None

    def record(self) -> dict[str, Any]:
        """The columns of schema.ROLLOUTS that come from counting."""
        low, high = wilson(self.counts["correct"], self.counted) if self.counted else (None, None)
        rates = {"pass_rate": self.pass_rate, "pass_low": low, "pass_high": high}
        return rates | {name: self.counts[name] for name in OUTCOMES}


def read(said: Reply | Failure, asked: Asked, tolerance: Tolerance) -> Ruling:
    """The rules' word on a reply; its outcome is that of a rollout."""
    if isinstance(said, Failure):
        outcome = "truncated" if said.reason is Reason.TRUNCATED else "error"
        return Ruling(outcome, "none", f"{said.reason}: {said.detail}")
    if said.finish_reason == "length":
        return Ruling("truncated", "none", f"cut off after {said.completion_tokens} tokens")
    found = extract_answer(said.answer_text)
    if found is None:
        return Ruling("unparsable", "none", "no final answer stands out" if said.answer_text else "an empty reply")
    verdict = compare(asked, found.text, tolerance)
    return Ruling(_FROM_RULING[verdict.outcome], verdict.method, verdict.detail, found.text, found.method)


def rollout(said: Reply | Failure, ruling: Ruling, *, index: int, blind: bool) -> Rollout:
    """A reply and its verdict as one record."""
    return Rollout(
        index=index,
        blind=blind,
        outcome=_FROM_RULING.get(ruling.outcome, ruling.outcome),
        answer=ruling.answer,
        method=ruling.method,
        detail=ruling.detail,
        finish_reason=said.finish_reason if isinstance(said, Reply) else "",
        completion_tokens=said.completion_tokens if isinstance(said, Reply) else 0,
        cost=said.cost + ruling.cost,
        seed=said.seed,
        model=said.model,
        request_key=said.key,
        text=said.answer_text if isinstance(said, Reply) else "",
    )


def as_records(rollouts: Sequence[Rollout]) -> list[dict[str, Any]]:
    """Rollouts as the table holds them."""
    return [asdict(one) for one in rollouts]
