"""Is a reply right? The rules of `answers/` first, with the benchmarks' own where they differ, then the judges.

Thoughts are never graded: the client has already set them apart. A truncated reply has no answer. What nobody decides
stays `undecided` and counts as wrong in the headline number, where its count is given.
"""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mmfinereason.answers import Extracted, Tolerance, Verdict, agree, extract_answer
from mmfinereason.answers.options import read_choice
from mmfinereason.evaluate import rubric
from mmfinereason.evaluate.items import LETTERS, Item
from mmfinereason.models import Client, Failure, Reply
from mmfinereason.models.judge import Dialect, judge
from mmfinereason.schema import Reason
from mmfinereason.store.journal import Journal

OUTCOMES = ("correct", "wrong", "undecided", "no_answer", "truncated", "failed")
"""`failed`: no reply could be had. Everything but `correct` counts as wrong."""

_FROM_VERDICT = {"equal": "correct", "different": "wrong", "undecided": "undecided"}
_NOT_APPLICABLE = {"not applicable", "n/a", "na", "not available"}
_YES_NO = re.compile(r"\b(yes|no)\b", re.IGNORECASE)
_NUMBER = re.compile(r"([-+−]?(?:\d[\d,]*\.?\d*|\.\d+)(?:e[-+]?\d+)?)?\s*(π|\\pi|pi)?(?:\s+\D.*)?", re.IGNORECASE)
_RUN = re.compile(r"[A-H]{2,8}")
_SHOWN = 4_000


@dataclass(frozen=True, slots=True)
class Grade:
    """What became of a reply, and who said so: a method of `answers.METHODS`, `judge`, `rubric` or `none`."""

    outcome: str
    method: str
    detail: str = ""
    answer: str | None = None
    extraction: str | None = None
    analysis: str = ""
    judge_calls: int = 0
    cost: float = 0.0  # US dollars, of the judges


@dataclass(frozen=True, slots=True)
class Verifier:
    """Who decides: the rules with this tolerance, then these judges."""

    tolerance: Tolerance
    judges: Sequence[str] = ()
    dialect: Dialect = "compass"

    async def grade(self, item: Item, said: Reply | Failure, client: Client, journal: Journal) -> Grade:
        """The verdict on one reply. Raises what `Client.ask` raises."""
        grade = await asyncio.to_thread(by_rules, item, said, self.tolerance)  # algebra may take seconds
        if grade.outcome != "undecided" or not self.judges or isinstance(said, Failure):
            return grade
        answer = grade.answer or said.answer_text[-_SHOWN:]
        if item.rubric:
            return await self._by_rubric(item, answer, grade, client, journal)
        judgment = await judge(
            client,
            journal,
            question=item.judged_as,
            reference=item.reference,
            answer=answer,
            options=item.options,
            dialect=self.dialect,
            judges=self.judges,
        )
        return replace(
            grade,
            outcome=_FROM_VERDICT[judgment.outcome],
            method="judge",
            detail=judgment.detail,
            analysis=judgment.analysis,
            judge_calls=judgment.calls,
            cost=judgment.cost,
        )

    async def _by_rubric(self, item: Item, answer: str, grade: Grade, client: Client, journal: Journal) -> Grade:
        ruling = await rubric.ask(item.rubric, answer, client, journal, self.judges[0])
        return replace(
            grade,
            outcome=_FROM_VERDICT[ruling.outcome],
            method="rubric",
            detail=ruling.detail,
            analysis=ruling.analysis,
            judge_calls=ruling.calls,
            cost=ruling.cost,
        )


def by_rules(item: Item, said: Reply | Failure, tolerance: Tolerance) -> Grade:
    """What can be said without a judge."""
    if isinstance(said, Failure):
        outcome = "truncated" if said.reason is Reason.TRUNCATED else "failed"
        return Grade(outcome, "none", f"{said.reason}: {said.detail}")
    if said.finish_reason == "length":
        return Grade("truncated", "none", f"cut off after {said.completion_tokens} tokens")
    if not said.answer_text.strip():
        return Grade("no_answer", "none", "nothing follows the thoughts")
    found = extract_answer(said.answer_text) or (_yes_no(said.answer_text) if item.kind == "yes_no" else None)
    if found is None:
        return Grade("undecided", "none", "no final answer stands out")
    verdict = _compare(item, found.text, tolerance)
    return Grade(_FROM_VERDICT[verdict.outcome], verdict.method, verdict.detail, found.text, found.method)


def _compare(item: Item, answer: str, tolerance: Tolerance) -> Verdict:
    own = _OWN.get(item.kind, _nothing)(item, answer)
    if own is not None:
        return own
    return agree(item.reference, answer, question=item.judged_as, options=item.options, tolerance=tolerance)


def _nothing(item: Item, answer: str) -> Verdict | None:
    return None


def _within(item: Item, answer: str) -> Verdict | None:
    """DynaMath's floats: right within 0.001, whatever rounding would explain (arXiv 2411.00836, appendix)."""
    if item.within is None:
        return None
    wanted, got = _number(item.reference), _number(answer)
    if wanted is None or got is None:
        return None
    near = abs(wanted - got) <= item.within + 1e-12
    return Verdict("equal" if near else "different", "number", f"{got:g} within {item.within:g} of {wanted:g}: {near}")


def _number(text: str) -> float | None:
    """`2.5`, `2π`, `3.1 cm`; None for anything else."""
    match = _NUMBER.fullmatch(text.strip().strip("$").strip())
    if match is None or not (match[1] or match[2]):
        return None
    number = float((match[1] or "1").replace(",", "").replace("−", "-"))
    return number * math.pi if match[2] else number


def _letters(item: Item, answer: str) -> Verdict | None:
    """Options that stand in the image: the named letters are compared as a set, and nothing but letters counts."""
    wanted, got = _named(item.reference), _named(answer)
    if wanted is None or got is None:
        return None
    same = wanted == got
    return Verdict("equal" if same else "different", "option", "" if same else "another letter")


def _named(text: str) -> frozenset[int] | None:
    """Places of the letters that a text names, in any order: `B`, `(b)`, `A, C`, `CA`."""
    bare = text.strip().strip("$*")
    if _RUN.fullmatch(bare) and len(set(bare)) == len(bare):
        return frozenset(LETTERS.index(letter) for letter in bare)
    choice = read_choice(bare)
    return choice.letters if choice else None


def _yes_no(text: str) -> Extracted | None:
    """A reply that says yes or no and not both."""
    said = {word.lower() for word in _YES_NO.findall(text)}
    return Extracted(said.pop(), "bare") if len(said) == 1 else None


def _said_yes_no(item: Item, answer: str) -> Verdict | None:
    wanted, got = _yes_no(item.reference), _yes_no(answer)
    if wanted is None or got is None:
        return None
    return Verdict("equal" if wanted == got else "different", "words")


def _applicable(item: Item, answer: str) -> Verdict | None:
    """CharXiv's "Not Applicable" is an answer like any other, and no other answer matches it."""
    wanted, got = (text.strip().strip(".").casefold() in _NOT_APPLICABLE for text in (item.reference, answer))
    if not wanted and not got:
        return None
    return Verdict("equal" if wanted and got else "different", "words", "not applicable")


_OWN = {"value": _within, "letters": _letters, "yes_no": _said_yes_no, "chart": _applicable}
"""Rules of some kinds of questions that come before the general ones."""
