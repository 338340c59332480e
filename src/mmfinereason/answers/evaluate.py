"""Evaluates formulas with exact fractions where it can and 60-digit decimals where it must.

Two formulas that agree to 35 digits at several odd sample points are the same function; two that differ at one point
are not. That replaces most of computer algebra at a thousandth of its cost. Numbers are kept small on purpose:
`9^9^9^9` and `1/2004!` are `Unreadable`, never slow.
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from mmfinereason.answers.expression import Expression, Node, Unreadable

Value = Fraction | Decimal

_CONTEXT = decimal.Context(prec=60, Emax=9_999, Emin=-9_999)
_MAX_BITS = 4_096
_MAX_FACTORIAL = 170
_AGREEMENT = Decimal("1e-35")
_PI = Decimal("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803")


def value_of(expression: Expression, point: dict[str, Fraction] | None = None) -> Value:
    """The value at `point` (variable to number); raises Unreadable where it is undefined or too large."""
    try:
        with decimal.localcontext(_CONTEXT):
            return _value(expression.root, point or {})
    except (ArithmeticError, ValueError) as error:
        raise Unreadable(f"no value: {type(error).__name__}") from error


def same_value(a: Value, b: Value) -> bool:
    """Exactly equal fractions, or decimals that agree to 35 digits."""
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a == b
    with decimal.localcontext(_CONTEXT):
        left, right = to_decimal(a), to_decimal(b)
        scale = max(abs(left), abs(right))
        return scale == 0 or abs(left - right) <= _AGREEMENT * scale or scale < _AGREEMENT


def to_decimal(value: Value) -> Decimal:
    """`value` as a decimal of the current context."""
    if isinstance(value, Decimal):
        return value
    return Decimal(value.numerator) / Decimal(value.denominator)


def to_fraction(value: Value) -> Fraction:
    """`value` as a fraction; a decimal's own digits exactly."""
    return value if isinstance(value, Fraction) else Fraction(value)


_POSITIVE = tuple(Fraction(p, q) for p, q in ((7, 5), (11, 3), (13, 7), (23, 9), (5, 11), (31, 8), (17, 10), (43, 12)))
_POINTS = ((1, 0), (1, 1), (1, 2), (-1, 0), (-1, 1))
"""Sign and number of each sample point, in the order they are tried."""


def same_function(a: Expression, b: Expression) -> Literal["same", "other", "unsure"]:
    """Compare two formulas at sample points, positive ones first.

    Formulas in other variables may be the same (sin²x + cos²x is 1) but never `other`. Variables often stand for
    lengths and masses, so a difference at negative points alone is `unsure`.
    """
    names = sorted(a.names | b.names)
    agreeing = 0
    for sign, shift in _POINTS:
        agrees = _agrees(a, b, names, shift, sign)
        if agrees is False:
            known = sign > 0 and a.names == b.names and not (a.doubtful or b.doubtful)
            return "other" if known else "unsure"
        agreeing += agrees is True
    return "same" if agreeing >= 2 else "unsure"


def _agrees(a: Expression, b: Expression, names: list[str], shift: int, sign: int) -> bool | None:
    point = {}
    for index, name in enumerate(names):
        number = _POSITIVE[(index + 3 * shift) % len(_POSITIVE)] + Fraction(index // len(_POSITIVE) + shift, 13)
        point[name] = -number if sign < 0 and index % 2 == shift % 2 else number
    try:
        return same_value(value_of(a, point), value_of(b, point))
    except Unreadable:
        return None


def _value(node: Node, point: dict[str, Fraction]) -> Value:
    if node.op == "number":
        return node.value
    if node.op == "name":
        return _PI if node.name == "π" else _e() if node.name == "e" else point[node.name]
    parts = [_value(part, point) for part in node.parts]
    result = _apply(node.op, parts)
    if isinstance(result, Fraction):
        if max(result.numerator.bit_length(), result.denominator.bit_length()) > _MAX_BITS:
            raise Unreadable("a number too large")
    elif not result.is_finite():
        raise Unreadable("no finite value")
    return result


@lru_cache(maxsize=1)
def _e() -> Decimal:
    return Decimal(1).exp(_CONTEXT)


def _apply(op: str, parts: list[Value]) -> Value:
    first = parts[0]
    if op == "group":
        return first
    if op == "neg":
        return -first
    if op == "degrees":
        return to_decimal(first) * _PI / 180
    if op == "abs":
        return -first if first < 0 else first
    if op == "^":
        return _power(first, parts[1])
    if op == "root":
        return _root(first, parts[1])
    if op == "!":
        return _factorial(first)
    if op in "+-*/":
        return _arithmetic(op, first, parts[1])
    return _function(op, to_decimal(first))


def _arithmetic(op: str, a: Value, b: Value) -> Value:
    if isinstance(a, Fraction) and isinstance(b, Fraction):
        return a + b if op == "+" else a - b if op == "-" else a * b if op == "*" else a / b
    x, y = to_decimal(a), to_decimal(b)
    return x + y if op == "+" else x - y if op == "-" else x * y if op == "*" else x / y


def _power(base: Value, exponent: Value) -> Value:
    if isinstance(exponent, Fraction) and exponent.denominator == 1:
        n = int(exponent)
        if isinstance(base, Fraction):
            bits = max(base.numerator.bit_length(), base.denominator.bit_length())
            if abs(n) * bits > _MAX_BITS * 2:
                raise Unreadable("a power too large")
            return Fraction(base**n)
        return base**n
    if isinstance(exponent, Fraction):
        return _root(_power(base, Fraction(exponent.numerator)), Fraction(exponent.denominator))
    if base <= 0:
        raise Unreadable("a negative base")
    return to_decimal(base) ** exponent


def _root(value: Value, degree: Value) -> Value:
    if not isinstance(degree, Fraction) or degree.denominator != 1 or not 1 <= degree <= 64:
        raise Unreadable("an odd root")
    n = int(degree)
    if value < 0:
        if n % 2 == 0:
            raise Unreadable("a root of a negative number")
        return -_root(-value, degree)
    if isinstance(value, Fraction):
        exact = _exact_root(value.numerator, n), _exact_root(value.denominator, n)
        if exact[0] is not None and exact[1] is not None:
            return Fraction(exact[0], exact[1])
    number = to_decimal(value)
    return number.sqrt() if n == 2 else number ** (Decimal(1) / n) if number else number


def square_root(value: Fraction) -> Value:
    """The root of a number that is not negative; a fraction where it is one."""
    with decimal.localcontext(_CONTEXT):
        return _root(value, Fraction(2))


def _exact_root(value: int, n: int) -> int | None:
    low, high = 0, 1 << (value.bit_length() // n + 1)
    while low < high:
        middle = (low + high) // 2
        if middle**n < value:
            low = middle + 1
        else:
            high = middle
    return low if low**n == value else None


def _factorial(value: Value) -> Value:
    if not isinstance(value, Fraction) or value.denominator != 1 or not 0 <= value <= _MAX_FACTORIAL:
        raise Unreadable("a factorial out of range")
    result = 1
    for factor in range(2, int(value) + 1):
        result *= factor
    return Fraction(result)


def _function(op: str, x: Decimal) -> Decimal:
    if op in ("ln", "exp"):
        return x.ln() if op == "ln" else x.exp()
    if op in ("log", "lg"):
        return x.log10()
    if op in ("sin", "cos", "tan", "cot", "sec", "csc"):
        sine, cosine = _sine(x), _sine(x + _PI / 2)
        top, bottom = {
            "sin": (sine, Decimal(1)), "cos": (cosine, Decimal(1)), "tan": (sine, cosine),
            "cot": (cosine, sine), "sec": (Decimal(1), cosine), "csc": (Decimal(1), sine),
        }[op]  # fmt: skip
        if abs(bottom) < _AGREEMENT:
            raise Unreadable("a pole")
        return top / bottom
    if op == "atan":
        return _arctangent(x)
    if abs(x) > 1:
        raise Unreadable("outside the domain")
    near_one = abs(x) == 1
    arcsine = _PI / 2 * x if near_one else _arctangent(x / (1 - x * x).sqrt())
    return arcsine if op == "asin" else _PI / 2 - arcsine


def _sine(x: Decimal) -> Decimal:
    """Taylor series after reduction to one turn."""
    if abs(x) > 1_000_000:
        raise Unreadable("an angle too large")
    x = x.remainder_near(2 * _PI)
    term = total = x
    n = 1
    while abs(term) > Decimal("1e-62"):
        n += 2
        term = -term * x * x / (n * (n - 1))
        total += term
    return total


def _arctangent(x: Decimal) -> Decimal:
    """Halve the angle four times, then the series."""
    for _ in range(4):
        x = x / (1 + (1 + x * x).sqrt())
    power = total = x
    n = 1
    while abs(power) > Decimal("1e-62"):
        n += 2
        power = -power * x * x
        total += power / n
    return total * 16
