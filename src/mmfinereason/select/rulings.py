"""What can be said about one answer without asking a model.

By the rules, by the lack of a reference, or by the published verdict. Everything here is pure; an answer that nothing
here decides comes back `undecided`, for a judge.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from mmfinereason.answers import Extracted, Tolerance, Verdict, agree, extract_answer

CONSISTENT: dict[str, bool | None] = {
    "equal": True,
    "different": False,
    "undecided": None,
    "no_answer": False,
    "not_checked": True,
    "no_trace": None,
}
"""What each outcome says about `is_consistent`."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The side of the question: what an answer is held against."""

    question: str
    reference: str | None
    options: tuple[str, ...] = ()
    fixed_answer: bool = True

    @property
    def checkable(self) -> bool:
        """Whether there is a right answer to compare with."""
        return self.fixed_answer and bool((self.reference or "").strip())


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is known of one answer."""

    outcome: str  # as in schema.VERDICTS
    method: str
    detail: str = ""
    answer: str | None = None
    extraction: str | None = None
    analysis: str = ""
    judge_calls: int = 0
    cost: float = 0.0  # US dollars

    @property
    def is_consistent(self) -> bool | None:
        return CONSISTENT[self.outcome]


@dataclass(frozen=True, slots=True)
class Published:
    """The verdict a row was published with, and the trace it was about."""

    is_consistent: bool | None
    analysis: str
    trace: str


def rule(asked: Asked, answer_text: str, tolerance: Tolerance) -> Ruling:
    """The rules' word on what a trace says after its thoughts."""
    found = extract_answer(answer_text)
    if not asked.checkable:
        return _unchecked(asked, found)
    if not answer_text.strip():
        return Ruling("no_answer", "none", "nothing follows the thoughts")
    if found is None:
        return Ruling("undecided", "none", "no final answer stands out")
    verdict = compare(asked, found.text, tolerance)
    return Ruling(verdict.outcome, verdict.method, verdict.detail, found.text, found.method, _sentence(verdict))


def compare(asked: Asked, answer: str, tolerance: Tolerance) -> Verdict:
    """Whether an answer agrees with the reference, by rules alone."""
    return agree(asked.reference or "", answer, question=asked.question, options=asked.options, tolerance=tolerance)


def by_published(ruling: Ruling, published: Published) -> Ruling:
    """The published verdict on an undecided answer, provided that it was about the same answer."""
    if published.is_consistent is None:
        return ruling
    theirs = extract_answer(published.trace)
    if (theirs.text.split() if theirs else None) != (ruling.answer.split() if ruling.answer else None):
        return replace(ruling, detail=f"{ruling.detail}; the published verdict is about another answer")
    outcome = "equal" if published.is_consistent else "different"
    detail = "the verdict the source was published with"
    return replace(ruling, outcome=outcome, method="published", detail=detail, analysis=published.analysis)


def _unchecked(asked: Asked, found: Extracted | None) -> Ruling:
    why = (
        "the source gives no reference answer" if asked.fixed_answer else "the source's questions have no fixed answer"
    )
    answer, extraction = (found.text, found.method) if found else (None, None)
    return Ruling("not_checked", "no_fixed_answer", why, answer, extraction, f"Not checked: {why}.")


def _sentence(verdict: Verdict) -> str:
    said = {"equal": "The same", "different": "Not the same", "undecided": "Undecided"}[verdict.outcome]
    return f"{said} by rule ({verdict.method})" + (f": {verdict.detail}." if verdict.detail else ".")
