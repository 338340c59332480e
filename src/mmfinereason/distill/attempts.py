"""One try at a trace, good or not: what a row of the traces table holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mmfinereason.models import Failure, Reply
from mmfinereason.recipe.distill import DistillSettings
from mmfinereason.schema import Reason
from mmfinereason.store import Reject
from mmfinereason.trace import count_tokens, parse, screen

OK = "ok"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A row of the traces table; its fields are the columns."""

    id: str
    candidate: int
    attempt: int
    status: str
    detail: str
    model: str
    endpoint: str
    prompt: str
    temperature: float | None
    max_tokens: int | None
    seed: int | None
    cost: float
    request_key: str
    last: bool = False
    flags: tuple[str, ...] = ()
    reasoning: str | None = None
    answer_text: str | None = None
    finish_reason: str | None = None
    words: int | None = None
    tokens: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    latency: float | None = None
    raw: str | None = None

    @property
    def good(self) -> bool:
        return self.status == OK

    def as_row(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _COLUMNS}


_COLUMNS = Attempt.__slots__
"""`dataclasses.asdict` copies deeply, which costs a third of a millisecond an attempt."""


@dataclass(frozen=True, slots=True)
class Judging:
    """How replies to one row are looked at."""

    settings: DistillSettings
    exempt: bool
    """Whether the row needs no answer tag."""

    def attempt(self, outcome: Reply | Failure, id: str, candidate: int, number: int) -> Attempt:
        """The attempt that an outcome amounts to, screened."""
        common = Attempt(
            id=id,
            candidate=candidate,
            attempt=number,
            status=OK,
            detail="",
            model=outcome.model,
            endpoint=outcome.endpoint,
            prompt=outcome.prompt,
            temperature=outcome.temperature,
            max_tokens=outcome.max_tokens,
            seed=outcome.seed,
            cost=outcome.cost,
            request_key=outcome.key,
        )
        if isinstance(outcome, Failure):
            return replace(common, status=outcome.reason.value, detail=outcome.detail)
        return self._screened(common, outcome)

    def _screened(self, common: Attempt, reply: Reply) -> Attempt:
        trace = parse(reply.answer_text, reply.reasoning)
        tokens = count_tokens(f"{trace.reasoning}\n{trace.answer_text}", self.settings.tokenizer)
        flags = screen(
            trace, self.settings.screen, finish_reason=reply.finish_reason, exempt=self.exempt, tokens=tokens
        )
        return replace(
            common,
            status=flags[0].reason.value if flags else OK,
            detail="; ".join(flag.detail for flag in flags),
            flags=tuple(flag.reason.value for flag in flags),
            reasoning=trace.reasoning,
            answer_text=trace.answer_text,
            finish_reason=reply.finish_reason,
            words=trace.words,
            tokens=tokens,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
            reasoning_tokens=reply.reasoning_tokens,
            latency=reply.latency,
            raw=reply.raw,
        )


@dataclass(slots=True)
class Books:
    """Sums over the attempts of a shard."""

    figures: Counter[str] = field(default_factory=Counter)

    def add(self, attempt: Attempt) -> None:
        self.figures.update(attempts=1, good=int(attempt.good and attempt.last))
        for name in ("prompt_tokens", "completion_tokens", "reasoning_tokens", "cost"):
            self.figures[name] += getattr(attempt, name) or 0


def reject(attempts: Sequence[Attempt], *, source: str, origin: str, question: str) -> Reject | None:
    """Why a row has no good trace, from the attempts that stand for its candidates; None when it has one."""
    last = [attempt for attempt in attempts if attempt.last]
    if any(attempt.good for attempt in last):
        return None
    statuses = Counter(attempt.status for attempt in last)
    status = statuses.most_common(1)[0][0]
    detail = next(attempt.detail for attempt in last if attempt.status == status)
    tried = ", ".join(f"{count} × {name}" for name, count in Counter(one.status for one in attempts).most_common())
    return Reject(last[0].id, Reason(status), f"{detail} (tried: {tried})", source, origin, question)
