"""The result of one model on one benchmark: `result.json`, everything needed to have the number again."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel

from mmfinereason.errors import StoreError
from mmfinereason.evaluate.grade import OUTCOMES
from mmfinereason.evaluate.items import LeftOut
from mmfinereason.evaluate.score import Mark, score
from mmfinereason.evaluate.statistics import Estimate
from mmfinereason.evaluate.table import Answered, fingerprint
from mmfinereason.models import Reply
from mmfinereason.recipe.evaluate import AboutModel, Rule
from mmfinereason.store import Folder
from mmfinereason.store.journal import OWED

LAB_NAMES = ("simulated-", "replay-")
"""How a lab server calls its models, never otherwise."""

SHOWN = 3
"""Examples of items found in a training run."""

FILE, TABLE, PLAN, JOURNAL = "result.json", "items.parquet", "plan.json", "journal.jsonl"


class Tokens(BaseModel):
    """Tokens as the server counted them; completions include thoughts."""

    prompt: int
    completion: int
    mean: float
    median: float
    largest: int


class Overlap(BaseModel):
    """What of the benchmark was found in a training run, and what is only suspected to be there."""

    run: str
    items: int
    examples: list[str]
    score_without: Estimate | None
    """The score without the items that were found; suspected ones are in it."""
    suspected: int = 0
    suspicions: list[str] = []
    """Examples."""


class Result(BaseModel):
    """One model on one benchmark."""

    model: str
    served_as: list[str]
    """Names by which the server called the model."""
    simulated: bool
    """Whether a lab server played the model: then the number shows that the path works and nothing else."""
    benchmark: str
    paper: str | None
    rule: Rule
    score: Estimate
    """The headline: everything that is not `correct` counts as wrong, undecided and truncated replies too."""
    beside: dict[str, Estimate]
    by: dict[str, dict[str, Estimate]]
    items: int
    questions: int
    outcomes: dict[str, int]
    left_out: dict[str, list[str]]
    """Ids of the items that were not asked, by reason."""
    expected: int | None
    """Items of the published file, as far as known."""
    owed: int
    """Items without a reply that may still come: run the same command again."""
    judged: int
    """Items that a judge decided, or tried to."""
    truncated: float
    """Share of replies cut off at `max_tokens`."""
    tokens: Tokens
    cost: float
    overlap: Overlap | None
    about: AboutModel
    settings: dict[str, Any]
    """Model and sampling, prompt, benchmark, verifier, seed: what decides the number."""
    items_sha256: str
    made_by: str
    finished: str

    @property
    def complete(self) -> bool:
        return self.owed == 0


def result(
    answered: Sequence[Answered],
    left_out: Sequence[LeftOut],
    facts: Mapping[str, Any],
    *,
    draws: int,
    seed: int,
    train_run: str | None,
) -> Result:
    """Count and score an evaluation; `facts` are the fields that were known before it."""
    rule: Rule = facts["rule"]
    scores = score(marks(answered), rule, draws=draws, seed=seed)
    outcomes = Counter(one.grade.outcome for one in answered)
    replies = [one.said for one in answered if isinstance(one.said, Reply)]
    served_as = sorted({one.said.model for one in answered})
    return Result(
        **facts,
        served_as=served_as,
        simulated=any(name.startswith(LAB_NAMES) for name in served_as),
        score=scores.headline,
        beside=scores.beside,
        by=scores.by,
        items=len(answered),
        questions=len({one.item.unit for one in answered}),
        outcomes={name: outcomes[name] for name in OUTCOMES},
        left_out=_by_reason(left_out),
        owed=sum(not isinstance(one.said, Reply) and one.said.reason in OWED for one in answered),
        judged=sum(one.grade.judge_calls > 0 for one in answered),
        truncated=outcomes["truncated"] / len(answered),
        tokens=_tokens(replies),
        cost=sum(one.said.cost + one.grade.cost for one in answered),
        overlap=_overlap(answered, rule, draws, seed, train_run) if train_run else None,
        items_sha256=fingerprint(answered),
        made_by=f"mmfinereason {version('mmfinereason')}",
        finished=dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
    )


def marks(answered: Sequence[Answered]) -> list[Mark]:
    """The items as scores see them."""
    return [Mark(one.item.id, one.item.unit, one.correct, one.item.labels) for one in answered]


def load(folder: Folder) -> Result:
    """The result in an evaluation's folder. Raises StoreError when there is none."""
    if not folder.exists(FILE):
        raise StoreError(f"{folder.url} holds no {FILE}", "mmfr evaluate RECIPE makes one")
    return Result.model_validate_json(folder.read(FILE))


def _by_reason(left_out: Sequence[LeftOut]) -> dict[str, list[str]]:
    reasons = sorted({one.reason for one in left_out})
    return {reason: [one.id for one in left_out if one.reason == reason] for reason in reasons}


def _tokens(replies: Sequence[Reply]) -> Tokens:
    counts = [one.completion_tokens for one in replies] or [0]
    return Tokens(
        prompt=sum(one.prompt_tokens for one in replies),
        completion=sum(counts),
        mean=round(statistics.fmean(counts), 1),
        median=statistics.median(counts),
        largest=max(counts),
    )


def _overlap(answered: Sequence[Answered], rule: Rule, draws: int, seed: int, run: str) -> Overlap:
    found = [one for one in answered if one.overlap]
    questions = {one.item.unit for one in found}
    rest = [one for one in answered if one.item.unit not in questions]
    clean = score(marks(rest), rule, draws=draws, seed=seed).headline if found and rest else None
    suspected = [one for one in answered if one.suspected]
    return Overlap(
        run=run,
        items=len(found),
        examples=[f"{one.item.id}: {one.overlap}" for one in found[:SHOWN]],
        score_without=clean,
        suspected=len(suspected),
        suspicions=[f"{one.item.id}: {one.suspected}" for one in suspected[:SHOWN]],
    )
