"""Ratios `a:b:c`, compared in lowest terms; a ratio of two agrees with the fraction it means."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from mmfinereason.answers.evaluate import Value, same_value, to_decimal, value_of
from mmfinereason.answers.expression import Unreadable, read_expression
from mmfinereason.answers.quantities import read_quantity
from mmfinereason.answers.verdict import Verdict, different, equal, undecided

_CLOCK_LIKE = re.compile(r"\d{1,2}:[0-5]\d")
_NOT_A_RATIO = re.compile(r"\bscore\b|\btime\b|clock", re.IGNORECASE)


@lru_cache(maxsize=2_048)
def read_ratio(text: str) -> tuple[Value, ...] | None:
    """The terms of `a:b` or `a to b`, or None."""
    terms = re.split(r"\s*:\s*|\s+to\s+", text.strip())
    if not 2 <= len(terms) <= 6:
        return None
    try:
        expressions = [read_expression(term) for term in terms]
        if any(expression.names for expression in expressions):
            return None
        values = tuple(value_of(expression) for expression in expressions)
    except Unreadable:
        return None
    return values


def compare_ratios(reference: str, answer: str, question: str) -> Verdict | None:
    """A verdict when at least one side is a ratio and the other a ratio or a number."""
    a, b = read_ratio(reference), read_ratio(answer)
    if a is None and b is None:
        return None
    if a is not None and b is not None:
        return _two(reference, answer, a, b, question)
    ratio, other = (a, answer) if a is not None else (b, reference)
    quantity = read_quantity(other)
    if ratio is None or quantity is None or len(ratio) != 2 or not ratio[1]:
        return None
    if quantity.unit is not None or quantity.percent:
        return undecided("ratio", "a ratio against a quantity")
    if re.match(r"\d+:\s", reference if a is not None else answer):
        return undecided("ratio", "a ratio, or a number with a label")
    fraction = _quotient(ratio[0], ratio[1])
    if same_value(fraction, quantity.value):
        clock = _CLOCK_LIKE.fullmatch(reference if a is not None else answer) and _NOT_A_RATIO.search(question)
        return undecided("ratio", "a time or a ratio") if clock else equal("ratio", "a ratio and the fraction it means")
    return undecided("ratio", "a ratio against a number")


def _two(reference: str, answer: str, a: tuple[Value, ...], b: tuple[Value, ...], question: str) -> Verdict:
    if len(a) != len(b):
        return different("ratio", f"{len(a)} terms against {len(b)}")
    if all(same_value(x, y) for x, y in zip(a, b, strict=True)):
        return equal("ratio", "the same terms")
    proportional = all(same_value(_times(a[0], y), _times(b[0], x)) for x, y in zip(a, b, strict=True)) and any(a)
    if not proportional:
        return different("ratio", "other proportions")
    times = _CLOCK_LIKE.fullmatch(reference) and _CLOCK_LIKE.fullmatch(answer)
    if _NOT_A_RATIO.search(question) or (times and "ratio" not in question.lower()):
        return undecided("ratio", "equal as ratios, not as times or scores")
    return equal("ratio", "the same in lowest terms")


def _times(x: Value, y: Value) -> Value:
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        return x * y
    return to_decimal(x) * to_decimal(y)


def _quotient(x: Value, y: Value) -> Value:
    if isinstance(x, Fraction) and isinstance(y, Fraction):
        return x / y
    return to_decimal(x) / to_decimal(y)
