"""The cascade: exact text, options, times, words, numbers, several parts, equations, formulas, computer algebra.

Each step reads both sides or steps aside. The first step that understands both gives the verdict; where none does, the
answer is undecided and a judge may be asked. Parts of lists go through the same steps, three levels deep.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from mmfinereason.answers.choices import compare_choices
from mmfinereason.answers.evaluate import same_function
from mmfinereason.answers.expression import Unreadable, read_expression
from mmfinereason.answers.intervals import compare_intervals, read_intervals
from mmfinereason.answers.moments import compare_moments
from mmfinereason.answers.normalize import MAX_CHARS, clean
from mmfinereason.answers.numbers import compare_quantities
from mmfinereason.answers.options import OptionList, given_options, read_options
from mmfinereason.answers.quantities import read_quantity
from mmfinereason.answers.ratios import compare_ratios
from mmfinereason.answers.relations import compare_equations, read_equation
from mmfinereason.answers.structures import Group, compare_groups, compare_with_one, read_group
from mmfinereason.answers.symbolic import SHARED, SymbolicWorker
from mmfinereason.answers.verdict import Tolerance, Verdict, different, equal, undecided
from mmfinereason.answers.words import compare_words

_MAX_DEPTH = 3
_MAX_COMPARISONS = 3_000
_DEFAULT_TOLERANCE = Tolerance()


@dataclass(frozen=True, slots=True)
class _Case:
    """What stays the same while the parts of one pair are compared."""

    question: str
    options: OptionList
    tolerance: Tolerance
    symbolic: SymbolicWorker | None
    budget: list[int]  # comparisons left, shared by all parts of one pair
    depth: int = 0

    @property
    def ordered(self) -> bool:
        """Whether the question asks for things in an order."""
        return _ORDERED.search(self.question) is not None

    def deeper(self) -> _Case:
        return replace(self, options=OptionList(), symbolic=None, depth=self.depth + 1)


def agree(
    reference: str,
    answer: str,
    *,
    question: str = "",
    options: Sequence[str] = (),
    tolerance: Tolerance = _DEFAULT_TOLERANCE,
    symbolic: SymbolicWorker | None = SHARED,
) -> Verdict:
    """Whether `answer` says the same as `reference`.

    `options` are the option texts in order; where none are given they are read from `question`. `symbolic=None` leaves
    computer algebra out. Never raises on any text, and takes bounded time.
    """
    left, right = clean(reference), clean(answer)
    if not left or not right:
        return undecided("none", "an empty answer")
    if left == right:
        return equal("exact")
    if max(len(left), len(right)) > MAX_CHARS:
        return undecided("none", "too long for rules")
    listed = read_options(question) if question else OptionList()
    if options:
        same = len(listed.texts) == len(options)
        listed = OptionList(given_options(options), listed.labels if same else "none")
    case = _Case(question, listed, tolerance, symbolic, [_MAX_COMPARISONS])
    verdict = _by_option(left, right, case) or _compare(left, right, case)
    if verdict.method == "option" and verdict.outcome == "equal" and case.ordered:
        ours, theirs = (re.findall(r"\b[A-Z]\b", text) for text in (left, right))
        if len(ours) > 1 and ours != theirs:
            return undecided("option", "the same letters in another order, and the question asks for one")
    return _by_algebra(reference, answer, left, right, case, verdict)


def _by_option(left: str, right: str, case: _Case) -> Verdict | None:
    """Letters, option numbers and option texts."""

    def compare(x: str, y: str) -> Verdict:
        return _compare(x, y, case.deeper())

    return compare_choices(left, right, case.options, compare)


def _compare(left: str, right: str, case: _Case) -> Verdict:
    """All steps but options and algebra."""
    if left == right:
        return equal("exact")
    case.budget[0] -= 1
    if not left or not right or case.depth > _MAX_DEPTH or case.budget[0] < 0:
        return undecided("none", "too many parts, or empty ones")
    both = left + " " + right
    for telltale, step in _STEPS:
        if telltale.search(both):
            verdict = step(left, right, case)
            if verdict is not None:
                return verdict
    return undecided("none", "no rule understood both sides")


_Step = Callable[[str, str, _Case], Verdict | None]


def _moments(left: str, right: str, case: _Case) -> Verdict | None:
    return compare_moments(left, right, case.question)


def _words(left: str, right: str, case: _Case) -> Verdict | None:
    return compare_words(left, right)


def _ratios(left: str, right: str, case: _Case) -> Verdict | None:
    return compare_ratios(left, right, case.question)


def _quantities(left: str, right: str, case: _Case) -> Verdict | None:
    a, b = read_quantity(left), read_quantity(right)
    if a is None or b is None:
        return None
    return compare_quantities(a, b, case.question, case.tolerance)


def _intervals(left: str, right: str, case: _Case) -> Verdict | None:
    a, b = read_intervals(left), read_intervals(right)
    if a is None or b is None:
        return None
    return compare_intervals(a, b, lambda x, y: _compare(x, y, case.deeper()))


def _groups(left: str, right: str, case: _Case) -> Verdict | None:
    if "\\begin" in left + right:
        return None
    left, right = _NAMED_GROUP.sub("", left), _NAMED_GROUP.sub("", right)
    a, b = read_group(left), read_group(right)

    def parts(x: str, y: str) -> Verdict:
        return _compare(x, y, case.deeper())

    if (a is None) != (b is None) and _digits(left) and _digits(left) == _digits(right):
        return undecided("set", "a comma may separate digits or parts")
    if a is not None and b is not None:
        a, b = _by_name(a, b)
        if a.kind == b.kind == "list" and (case.ordered or _which_is_which(case.question, a, b)):
            a, b = replace(a, any_order=False), replace(b, any_order=False)
        if (a.kind != b.kind == "set" and not b.any_order) or (b.kind != a.kind == "set" and not a.any_order):
            return undecided("set", "a set does not say which name has which value")
        return compare_groups(a, b, parts, point=bool(_POINT.search(case.question)))
    if any(_ODD_COMMA.fullmatch(text) and read_quantity(text) is None for text in (left, right)):
        return undecided("set", "a comma may separate digits or parts")
    if a is not None:
        return compare_with_one(a, right, parts, reference_is_group=True)
    if b is not None:
        return compare_with_one(b, left, parts, reference_is_group=False)
    return None


_NAMED_GROUP = re.compile(r"^(?:[A-Za-zα-ω]\w?|\(\s*\w(?:\s*,\s*\w)*\s*\))\s*=\s*(?=[^=]+$)")
_POINT = re.compile(r"coordinate|\bpoint\b|position|vertex|ordered pair|\bcell\b|\(x, ?y\)", re.IGNORECASE)
_ORDERED = re.compile(
    r"\b(?:order|arrange|sort|rank|sequence|respectively|followed by|(?:and|,) then)"
    r"|\bfrom (?:the )?(?:left|right|top|bottom|small|large|big|high|low|short|long|tall|light|heav|near|clos|far"
    r"|old|young|earl|late|first|start|fast|slow|least|most|great|cold|hot|strong|weak)\w* to\b",
    re.IGNORECASE,
)
_SOLUTIONS = re.compile(
    r"\b(?:roots?|solutions?|solve|zeros?|zeroes|intercepts?|values? of|factors?|divisors?)\b", re.I
)
_ODD_COMMA = re.compile(r"[+-]?\d+(?:,\d+)+")


def _which_is_which(question: str, a: Group, b: Group) -> bool:
    """Whether `2 and 3` may answer two questions, such as the width and the height, and not be one set."""
    numbers = all(re.match(r"[-+$€£]?\.?\d", part) for group in (a, b) for part in group.parts)
    return numbers and " and " in question and not _SOLUTIONS.search(question)


def _digits(text: str) -> str:
    """The digits of `1, 234` or `1,234`; empty for anything else."""
    return re.sub(r"[,\s]", "", text) if re.fullmatch(r"[+-]?\d[\d,\s]*", text) else ""


def _by_name(a: Group, b: Group) -> tuple[Group, Group]:
    """`y=2, x=1` in the order of `x=1, y=2`, where the same names stand on both sides."""
    ours, theirs = _names(a), _names(b)
    if (ours is None) != (theirs is None):
        several = len({name[0] for name in ours or theirs or ()}) > 1
        return (replace(a, any_order=False), replace(b, any_order=False)) if several else (a, b)
    if ours is None or theirs is None or ours.keys() != theirs.keys():
        return a, b
    return replace(a, kind="tuple"), replace(b, kind="tuple", parts=tuple(theirs[name] for name in ours))


def _names(group: Group) -> dict[str, str] | None:
    equations = [read_equation(part) for part in group.parts]
    named = {e.name: part for e, part in zip(equations, group.parts, strict=True) if e is not None and e.name}
    return named if len(named) == len(group.parts) >= 2 else None


def _equations(left: str, right: str, case: _Case) -> Verdict | None:
    a, b = read_equation(left), read_equation(right)
    if a is None and b is None:
        return None
    if a is not None and b is not None:
        values = _compare(a.right, b.right, case.deeper()) if a.name and b.name else None
        return compare_equations(a, b, values)
    named, plain = (a, right) if a is not None else (b, left)
    if named is None or not named.name:
        return None
    pair = (named.right, plain) if a is not None else (plain, named.right)
    return _compare(*pair, case.deeper())


def _formulas(left: str, right: str, case: _Case) -> Verdict | None:
    try:
        a, b = read_expression(left), read_expression(right)
    except Unreadable:
        return None
    if not a.names and not b.names:
        return None
    outcome = same_function(a, b)
    if outcome == "same":
        return equal("expression", "equal at every sample point")
    if outcome == "other":
        return different("expression", "unequal at a sample point")
    return undecided("expression", "formulas in other variables, or of unclear domain")


_STEPS: tuple[tuple[re.Pattern[str], _Step], ...] = (
    (re.compile(r"\d.*[:/-]|[A-Za-z]{3}|\d\s?[ap]"), _moments),
    (re.compile(r"[^\W\d_]|[<>=]"), _words),
    (re.compile(r":| to "), _ratios),
    (re.compile(r""), _quantities),
    (re.compile(r"[<>∞\[(∈]"), _intervals),
    (re.compile(r"[,;±∨{⦃(\[]|\b(?:and|or)\b", re.IGNORECASE), _groups),
    (re.compile(r"="), _equations),
    (re.compile(r"[^\W\d]"), _formulas),
)
"""The steps in order, each with a mark without which it has nothing to say."""


_PROSE = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{4,}(?![A-Za-z]*[({])")
_SIGN = re.compile(r"[\\^+*/=\d]")
_ENVIRONMENT = re.compile(r"\\(?:begin|end)\{\w+\}")
_HUGE = re.compile(r"\d{3,}\s*!|\^\s*\{?\s*\d{4,}|\^[^\s]*\^[^\s]*\^")
_ADVANCED = re.compile(r"\\(?:int|sum|prod|d?binom|begin|lfloor|lceil|log|sinh|cosh|tanh)(?![a-z])|[∑∫∏]")
_IMAGINARY = re.compile(r"(?<![A-Za-z\\])i(?![A-Za-z])")
_ACCENT = re.compile(r"\\(?:vec|over|under|hat|bar|tilde|dot|widehat)")


def _is_formula(text: str) -> bool:
    bare = _ENVIRONMENT.sub("", text)
    return bool(_SIGN.search(text)) and not any(p.search(bare) for p in (_PROSE, _HUGE, _ACCENT))


def _by_algebra(reference: str, answer: str, left: str, right: str, case: _Case, verdict: Verdict) -> Verdict:
    """Computer algebra, for mathematics that the reader does not know (sums, integrals, matrices) or is unsure of."""
    if case.symbolic is None or verdict.outcome != "undecided":
        return verdict
    advanced = verdict.method == "none" and _ADVANCED.search(left + " " + right)
    if not advanced and not (verdict.method == "expression" and _IMAGINARY.search(left + " " + right)):
        return verdict
    if not (_is_formula(left) and _is_formula(right)):
        return verdict
    found = case.symbolic.compare(reference.strip(), answer.strip())
    return found if found.outcome != "undecided" else verdict
