"""The gold audit: signs that the reference, not the model, is wrong.

A subset of the rows that a small model never solves collects label errors. Two signs are looked for: the reference is
none of the question's options; or teacher and prober, two models asked apart, agree with each other and not with it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from mmfinereason.answers import Tolerance, agree, parse_options
from mmfinereason.select.rollouts import Rollout
from mmfinereason.select.rulings import Asked

FEWEST = 2
"""Rollouts that must share the teacher's answer."""


def suspicion(
    asked: Asked, teacher: Sequence[tuple[str, str]], rollouts: Sequence[Rollout], tolerance: Tolerance
) -> str | None:
    """Evidence that the reference is wrong, for a person to look at; None where there is none.

    `teacher` are (answer, outcome) of all candidate traces; blind rollouts do not count.
    """
    if not asked.checkable:
        return None
    if among_options(asked, tolerance) is False:
        return f"the reference {_short(asked.reference or '')} is none of the options"
    return _shared_answer(asked, teacher, [one for one in rollouts if not one.blind], tolerance)


def among_options(asked: Asked, tolerance: Tolerance) -> bool | None:
    """Whether the reference names one of the options, or several; None where that cannot be told."""
    options = asked.options or tuple(parse_options(asked.question))
    if len(options) < 2:
        return None
    reference = asked.reference or ""

    def outcome(text: str) -> str:
        return agree(text, reference, question=asked.question, options=options, tolerance=tolerance).outcome

    texts = {outcome(option) for option in options}
    if "equal" in texts:
        return True
    letters = _letters(reference)
    if letters:
        return all(ord(letter) - ord("A") < len(options) for letter in letters)
    return None if "undecided" in texts else False


def _letters(reference: str) -> str:
    """The letters of a reference such as `B`, `(b)`, `A, C` or `AC`; empty for any other text."""
    parts = [part for part in re.split(r"[\s().,;&/]+|and", reference) if part]
    lettered = all(part.isascii() and part.isalpha() and (len(part) == 1 or part.isupper()) for part in parts)
    return "".join(parts).upper() if lettered else ""


def _shared_answer(
    asked: Asked, teacher: Sequence[tuple[str, str]], rollouts: Sequence[Rollout], tolerance: Tolerance
) -> str | None:
    counted = [one for one in rollouts if one.outcome in ("correct", "wrong")]
    wrong = [one.answer for one in counted if one.outcome == "wrong" and one.answer]
    if len(wrong) < FEWEST:
        return None

    def same(one: str, other: str) -> bool:
        verdict = agree(one, other, question=asked.question, options=asked.options, tolerance=tolerance)
        return verdict.outcome == "equal"

    for answer in [text for text, outcome in teacher if outcome == "different"]:
        traces = sum(same(answer, text) for text, _ in teacher)
        probes = sum(same(answer, text) for text in wrong)
        if 2 * traces > len(teacher) and probes >= FEWEST and 2 * probes > len(counted):
            said = f"{traces} of {len(teacher)} traces and {probes} of {len(counted)} rollouts say {_short(answer)}"
            return f"{said}; the reference says {_short(asked.reference or '')}"
    return None


def _short(text: str) -> str:
    text = " ".join(text.split())
    return repr(text if len(text) <= 60 else text[:57] + "...")
