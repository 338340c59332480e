"""Intervals and inequalities in one variable, in one form: `x ≥ 2` and `[2, ∞)` are the same, either way round."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from mmfinereason.answers.verdict import Verdict, different, equal, undecided

_INTERVAL = re.compile(r"([(\[\]])\s*([^,;\[\]]+?)\s*[,;]\s*([^,;\[\]]+?)\s*([)\]\[])")
_VARIABLE = re.compile(r"[A-Za-zα-ω](?:_\{?\w\}?)?")
_MEMBER = re.compile(r"^(?:[A-Za-zα-ω]\s*∈\s*|(?:domain|range|solution)\s*[:=]\s*)", re.IGNORECASE)
_BUILDER = re.compile(r"[⦃{]\s*[A-Za-zα-ω](?:\s*∈\s*(?:R|\\mathbb\s*\{?R\}?))?\s*[|:]\s*(.+?)\s*[⦄}]")
_ORDER = re.compile(r"\s*(<=|>=|<|>)\s*")


@dataclass(frozen=True, slots=True)
class Interval:
    """Ends as text; `-∞` and `∞` where it is unbounded. `certain` when it cannot be a point `(a, b)`."""

    low: str
    high: str
    low_closed: bool
    high_closed: bool
    certain: bool


@lru_cache(maxsize=2_048)
def read_intervals(text: str) -> tuple[Interval, ...] | None:
    """The union of intervals that cleaned `text` is, or None."""
    text, member = _MEMBER.subn("", text.strip())
    if builder := _BUILDER.fullmatch(text):
        text = builder[1]
    pieces = re.split(r"\s*(?:∪|\bor\b|∨)\s*|\s*,\s*(?=[A-Za-z]\s*[<>])", text)
    if len(pieces) > 8:
        return None
    found = tuple(_one(piece.strip()) for piece in pieces)
    intervals = tuple(replace(i, certain=i.certain or bool(member)) for i in found if i is not None)
    return intervals if len(intervals) == len(found) else None


def _one(piece: str) -> Interval | None:
    match = _INTERVAL.fullmatch(piece)
    if match:
        low, high = _infinity(match[2]), _infinity(match[3])
        closed = match[1] == "[" and "∞" not in low, match[4] == "]" and "∞" not in high
        certain = "∞" in low + high or closed[0] != closed[1] or match[1] == "]"
        return Interval(low, high, *closed, certain)
    return _inequality(piece)


def _infinity(text: str) -> str:
    """`+∞`, `infinity` and `inf` as `∞`; other end points as they are."""
    return re.sub(r"\+?\s*(?:infinity|inf\b|∞)", "∞", text).replace("- ∞", "-∞")


def _inequality(piece: str) -> Interval | None:
    parts = _ORDER.split(piece)
    if len(parts) == 5:
        left, first, middle, second, right = parts
        if not _VARIABLE.fullmatch(middle) or first[0] != second[0]:
            return None
        if first[0] == ">":
            left, first, second, right = right, second, first, left
        return Interval(left, right, "=" in first, "=" in second, True)
    if len(parts) != 3:
        return None
    left, sign, right = parts
    if _VARIABLE.fullmatch(right) and not _VARIABLE.fullmatch(left):
        left, right, sign = right, left, {"<": ">", ">": "<"}[sign[0]] + sign[1:]
    if not _VARIABLE.fullmatch(left) or (
        _VARIABLE.search(right.replace("π", "")) and not re.search(r"\\sqrt|\\frac", right)
    ):
        return None
    closed = "=" in sign
    return Interval(right, "∞", closed, False, True) if sign[0] == ">" else Interval("-∞", right, False, closed, True)


def compare_intervals(a: tuple[Interval, ...], b: tuple[Interval, ...], ends: object) -> Verdict | None:
    """A verdict when at least one side is certainly an interval; `ends(x, y)` compares two end points."""
    assert callable(ends)
    if not any(interval.certain for interval in (*a, *b)):
        return None
    if len(a) != len(b):
        return undecided("set", "unions of another number of intervals")
    outcomes = [_compare_one(x, y, ends) for x, y in zip(a, b, strict=True)]
    if all(outcome == "equal" for outcome in outcomes):
        return equal("set", "the same interval")
    if len(a) > 1:
        rows = [[_compare_one(x, y, ends) for y in b] for x in a]
        if all("equal" in row for row in rows):
            return equal("set", "the same intervals in another order")
        if any(all(outcome == "different" for outcome in row) for row in rows):
            return different("set", "another interval")
        return undecided("set", "an interval is unclear")
    return different("set", "another interval") if outcomes == ["different"] else undecided("set", "an end is unclear")


def _compare_one(a: Interval, b: Interval, ends: object) -> str:
    assert callable(ends)
    outcomes = []
    for x, y in ((a.low, b.low), (a.high, b.high)):
        if "∞" in x or "∞" in y:
            outcomes.append("equal" if x == y else "different")
        else:
            outcomes.append(ends(x, y).outcome)
    if "different" in outcomes:
        return "different"
    if "undecided" in outcomes:
        return "undecided"
    return "equal" if (a.low_closed, a.high_closed) == (b.low_closed, b.high_closed) else "different"
