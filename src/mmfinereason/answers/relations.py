"""Equations: an answer of the form `x = 5` is 5; a relation between variables is compared as a relation."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from mmfinereason.answers.evaluate import same_function, square_root, to_fraction, value_of
from mmfinereason.answers.expression import Expression, Node, Unreadable, read_expression
from mmfinereason.answers.verdict import Verdict, different, equal, undecided

_NAME = re.compile(
    r"(?:the\s+)?(?:m\s?)?[∠△]?\s?(?:[A-Za-zα-ωΑ-Ω]+(?:[\s_](?:\{[\w,\s]{1,20}\}|[^\W_]+))*'*|\d)"
    r"(?:\s?\([A-Za-zα-ω\d,\s.+-]{1,20}\))?(?:\s?\([^()=]{1,20}\))?"
)
_FUNCTION = re.compile(r"[A-Za-zα-ω]\s?\(")
_EQUALS = re.compile(r"(?<![<>!:=])=(?![=<>])")


@dataclass(frozen=True, slots=True)
class Equation:
    """`left = right`; `name` is the left side when it only names what the right side is."""

    left: str
    right: str
    name: str


@lru_cache(maxsize=4_096)
def read_equation(text: str) -> Equation | None:
    """The one equation in cleaned `text`; of a chain `A = B = C` the name is A and the right side C."""
    sides = [side.strip() for side in _EQUALS.split(text)]
    if not 2 <= len(sides) <= 5 or not all(sides) or re.search(r"<=|>=|!=|<|>", text):
        return None
    name = sides[0] if _NAME.fullmatch(sides[0]) and len(sides[0]) <= 60 else ""
    if len(sides) > 2 and not name:
        return None
    return Equation(sides[0], sides[-1], _plain_name(name))


def _plain_name(name: str) -> str:
    return re.sub(r"^(?:the|m)\s+|[\s{}]", "", name)


def compare_equations(reference: Equation, answer: Equation, values: Verdict | None) -> Verdict:
    """Two equations. `values` compares the right sides, where both left sides are mere names."""
    if reference.name and answer.name and values is not None:
        if reference.name == answer.name and not _solved(reference) == _solved(answer) == False:  # noqa: E712
            return Verdict(values.outcome, values.method, values.detail)
        if reference.name == answer.name:
            return values
        if values.outcome == "equal" and _names_fit(reference.name, answer.name):
            return equal("relation", "the same value under a longer name")
        proportional = _proportional(reference, answer)
        return proportional or undecided("relation", "equations for different names")
    return _proportional(reference, answer) or undecided("relation", "equations that may be rearranged")


def _solved(equation: Equation) -> bool:
    return equation.name not in equation.right


def _names_fit(a: str, b: str) -> bool:
    """`f(x)` and `y` are the same by custom; a word (`area`) fits a symbol (`A`)."""
    short, long = sorted((a, b), key=len)
    spelled = len(short) == 1 and len(long) >= 4 and long.isalpha() and long[0].lower() == short.lower()
    return {a, b} == {"f(x)", "y"} or spelled


def _proportional(reference: Equation, answer: Equation) -> Verdict | None:
    """Two equations in the same variables say the same when one is a constant multiple of the other."""
    try:
        left, right = _difference(reference), _difference(answer)
    except Unreadable:
        return None
    if left.names != right.names:
        return undecided("relation", "other variables")
    ratio_known = _product(left, right)
    if ratio_known == "same":
        return equal("relation", "one equation is a multiple of the other")
    if _apart(left, right):
        return different("relation", "a solution of one is none of the other")
    return None


def _difference(equation: Equation) -> Expression:
    left, right = read_expression(_as_variable(equation.left)), read_expression(_as_variable(equation.right))
    return Expression(Node("-", (left.root, right.root)), left.names | right.names, left.doubtful or right.doubtful)


def _as_variable(side: str) -> str:
    return "y" if re.fullmatch(r"f\s?\(\s?x\s?\)", side) else side


def _product(a: Expression, b: Expression) -> str:
    """Compare a(p)·b(q) with a(q)·b(p), q being one fixed point: equal everywhere only for multiples."""
    names = sorted(a.names)
    fixed = {name: Fraction(5 + 3 * index, 7) for index, name in enumerate(names)}
    try:
        a_q, b_q = value_of(a, fixed), value_of(b, fixed)
    except Unreadable:
        return "unsure"
    if not isinstance(a_q, Fraction) or not isinstance(b_q, Fraction) or not a_q or not b_q:
        return "unsure"
    scaled_a = Expression(Node("*", (a.root, Node("number", value=b_q))), a.names, a.doubtful)
    scaled_b = Expression(Node("*", (b.root, Node("number", value=a_q))), b.names, b.doubtful)
    return same_function(scaled_a, scaled_b)


def _apart(a: Expression, b: Expression) -> bool:
    """Whether some solution of a = 0, found where a is a quadratic in one variable, does not solve b = 0."""
    if a.doubtful or b.doubtful:
        return False
    for name in sorted(a.names):
        for start in (Fraction(11, 5), Fraction(1, 3)):
            point = {other: start + Fraction(i, 7) for i, other in enumerate(sorted(a.names))}
            try:
                root = _root_of(a, point, name)
                if root is not None:
                    return abs(to_fraction(value_of(b, point | {name: root}))) > Fraction(1, 10**12)
            except Unreadable:
                continue
    return False


def _root_of(a: Expression, point: dict[str, Fraction], name: str) -> Fraction | None:
    """A root of `a` in `name`, the other variables fixed, to 50 digits; None unless `a` is of degree 1 or 2."""
    values = [value_of(a, point | {name: Fraction(t)}) for t in range(4)]
    exact = [value for value in values if isinstance(value, Fraction)]
    if len(exact) < 4:
        return None
    square = (exact[0] - 2 * exact[1] + exact[2]) / 2
    linear = exact[1] - exact[0] - square
    if 9 * square + 3 * linear + exact[0] != exact[3]:
        return None
    if not square:
        return -exact[0] / linear if linear else None
    inside = linear * linear - 4 * square * exact[0]
    if inside < 0:
        return None
    return (-linear + to_fraction(square_root(inside))) / (2 * square)
