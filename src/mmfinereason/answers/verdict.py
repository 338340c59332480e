"""The vocabulary of agreement: what a comparison can say, by which method, and how much rounding it forgives.

A rule may say `equal` only when it is sure, and `different` only when it understood both sides. Everything else is
`undecided`: that costs one call of a judge, while one false `equal` puts a wrong trace into the dataset.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Outcome = Literal["equal", "different", "undecided"]

METHODS: dict[str, str] = {
    "exact": "the same text once wrappers, spacing and Unicode variants are removed",
    "option": "the same, or another, of the question's options: by letter, by number, by text",
    "words": "words of a closed vocabulary (yes/no, colours, shapes, directions), or the same phrase",
    "number": "numbers, with percent signs, currencies, number words and rounding",
    "unit": "quantities brought to one unit",
    "ratio": "ratios in lowest terms",
    "time": "times of day",
    "date": "calendar dates",
    "set": "lists, tuples, sets and intervals, part by part",
    "relation": "equations and inequalities",
    "expression": "formulas compared at sample points with 50 digits",
    "symbolic": "computer algebra in a killable process",
    "none": "no rule understood both sides",
}
"""The closed list of methods, and what each compares."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether two answers agree, which of `METHODS` said so, and a phrase a person can check."""

    outcome: Outcome
    method: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two numbers may lie apart; a recipe may set each bound. All are relative differences but the last.

    `relative`: numbers this near are equal whatever their precision (0: off; charts are often graded at 0.05).
    `rounding`: the largest difference that rounding to the written digits may explain.
    `doubt`: a difference up to here that rounding would explain is left undecided rather than called different.
    `digits`: significant digits a rounded answer must show when the reference is exact, as in 157.08 for 50π.
    """

    relative: float = 0.0
    rounding: float = 0.01
    doubt: float = 0.05
    digits: int = 3


def equal(method: str, detail: str = "") -> Verdict:
    """Both sides say the same."""
    return Verdict("equal", method, detail)


def different(method: str, detail: str = "") -> Verdict:
    """Both sides were understood, and they contradict each other."""
    return Verdict("different", method, detail)


def undecided(method: str, detail: str = "") -> Verdict:
    """Not sure enough either way: for a judge."""
    return Verdict("undecided", method, detail)
