"""Do two numbers agree, given the digits they were written with?

Exact values must be equal. A reference written with decimals accepts a finer answer that rounds to it (33.3 for
100/3); an exact reference accepts a decimal that shows enough digits and is its correct rounding (157.08 for 50π).
What rounding might explain but does not prove is undecided.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction

from mmfinereason.answers.evaluate import Value, same_value, to_decimal, to_fraction
from mmfinereason.answers.quantities import Quantity
from mmfinereason.answers.units import Unit, units_named
from mmfinereason.answers.verdict import Tolerance, Verdict, different, equal, undecided


def compare_numbers(reference: Quantity, answer: Quantity, tolerance: Tolerance) -> Verdict:
    """Compare the bare values; units have been dealt with."""
    if same_value(reference.value, answer.value):
        return equal("number", "the same value")
    gap = _relative_gap(reference.value, answer.value)
    if gap <= tolerance.relative:
        return equal("number", f"within the recipe's tolerance ({gap:.2g})")
    if _rounds_to(answer, reference) and (reference.decimals or reference.approximate):
        if gap <= tolerance.rounding and reference.digits >= 2:
            return equal("number", "equal at the reference's precision")
        return undecided("number", "the answer rounds to the reference, but coarsely")
    if _rounds_to(reference, answer):
        if (
            reference.step is None
            and answer.decimals
            and answer.digits >= tolerance.digits
            and gap <= tolerance.rounding
        ):
            return equal("number", "a correct rounding of the exact reference")
        if gap <= tolerance.doubt:
            return undecided("number", "a coarser rounding of the reference")
    if _rounds_to(answer, reference) and gap <= tolerance.doubt:
        return undecided("number", "the reference may be rounded to a whole number")
    if _one_step_apart(reference, answer) and gap <= tolerance.rounding:
        return undecided("number", "one step of the last digit apart")
    return different("number", f"{_show(reference.value)} against {_show(answer.value)}")


def _relative_gap(a: Value, b: Value) -> float:
    left, right = to_fraction(a), to_fraction(b)
    scale = max(abs(left), abs(right))
    return float(abs(left - right) / scale) if scale else 0.0


def _rounds_to(fine: Quantity, coarse: Quantity) -> bool:
    """Whether `fine`, at the last digit of `coarse`, is `coarse`; ties may go either way up."""
    if coarse.step is None or (fine.step is not None and fine.step >= coarse.step):
        return False
    gap = abs(to_fraction(fine.value)) - abs(to_fraction(coarse.value))
    if (to_fraction(fine.value) < 0) != (to_fraction(coarse.value) < 0):
        return False
    return -coarse.step / 2 <= gap < coarse.step / 2


def _one_step_apart(a: Quantity, b: Quantity) -> bool:
    steps = [q.step for q in (a, b) if q.step is not None and q.decimals]
    return bool(steps) and abs(to_fraction(a.value) - to_fraction(b.value)) <= max(steps)


def _show(value: Value) -> str:
    if isinstance(value, Decimal):
        return f"{value:.8g}"
    return str(value) if value.denominator < 10_000 and abs(value) < 10**12 else f"{float(value):.8g}"


def compare_quantities(reference: Quantity, answer: Quantity, question: str, tolerance: Tolerance) -> Verdict:
    """Compare numbers with their percent signs, units, scale words and nouns."""
    if reference.percent != answer.percent:
        return _one_percent(reference, answer, question, tolerance)
    if reference.unit is not None and answer.unit is not None:
        return _two_units(reference, answer, reference.unit, answer.unit, tolerance)
    plain = compare_numbers(reference, answer, tolerance)
    if reference.unit is not None or answer.unit is not None:
        return _one_unit(reference, answer, question, tolerance, plain)
    if (
        1 in (reference.scale, answer.scale)
        and reference.scale != answer.scale
        and plain.outcome == "different"
        and _power_of_ten(reference, answer)
    ):
        return undecided("number", "the same digits, with and without a scale word")
    if reference.noun != answer.noun:
        return _nouns(reference.noun, answer.noun, question, plain)
    return plain


def _one_percent(reference: Quantity, answer: Quantity, question: str, tolerance: Tolerance) -> Verdict:
    """Only one side has a percent sign: 10 % is 0.1, and it is 10 where the question asks for percent."""
    signed, bare = (reference, answer) if reference.percent else (answer, reference)
    if bare.unit is not None:
        return undecided("unit", "a percentage against a unit")
    shrunk = _scaled(signed, Fraction(1, 100))
    pair = (shrunk, bare) if reference.percent else (bare, shrunk)
    as_share = compare_numbers(*pair, tolerance)
    as_written = compare_numbers(reference, answer, tolerance)
    asked = "%" in question or "percent" in question.lower()
    if asked and as_written.outcome == "equal":
        return equal("number", "the question asks for percent")
    if as_share.outcome == "equal" and not (asked and bare is reference):
        return equal("number", "a percentage and the share it means")
    if as_share.outcome == as_written.outcome == "different":
        return different("number", as_written.detail)
    return undecided("number", "with and without a percent sign")


def _scaled(quantity: Quantity, factor: Fraction) -> Quantity:
    value = quantity.value
    scaled: Value = value * factor if isinstance(value, Fraction) else to_fraction(value) * factor
    step = quantity.step * factor if quantity.step is not None else None
    return replace(quantity, value=scaled, step=step, percent=False)


def _two_units(a: Quantity, b: Quantity, unit_a: Unit, unit_b: Unit, tolerance: Tolerance) -> Verdict:
    if unit_a == unit_b:
        verdict = compare_numbers(a, b, tolerance)
        return Verdict(verdict.outcome, "unit", verdict.detail)
    if {unit_a.dimension, unit_b.dimension} == {(("angle", 1),), (("radian", 1),)}:
        return _angles(a, b, tolerance)
    if unit_a.dimension != unit_b.dimension:
        if unit_a.ambiguous or unit_b.ambiguous:
            return undecided("unit", "a letter may be a unit or a variable")
        return _unlike_units(a, b, unit_a, unit_b)
    base_a, base_b = _to_base(a, unit_a), _to_base(b, unit_b)
    verdict = compare_numbers(base_a, base_b, tolerance)
    return Verdict(verdict.outcome, "unit", verdict.detail or "in one unit")


def _unlike_units(a: Quantity, b: Quantity, unit_a: Unit, unit_b: Unit) -> Verdict:
    """`5 cm` against `5 cm^2`: the number is right and the unit is a slip or not, so a person or judge decides."""
    if any(dimension[0][0] == "any length" for dimension in (unit_a.dimension, unit_b.dimension) if dimension):
        return undecided("unit", "a named unit against `units`")
    if same_value(a.value, b.value):
        return undecided("unit", "the same number in units of another kind")
    return different("unit", "another number and units of another kind")


def _to_base(quantity: Quantity, unit: Unit) -> Quantity:
    scaled = _scaled(quantity, unit.factor)
    return replace(scaled, value=to_fraction(scaled.value) + unit.offset) if unit.offset else scaled


def _angles(a: Quantity, b: Quantity, tolerance: Tolerance) -> Verdict:
    def degrees(q: Quantity) -> Quantity:
        if q.unit is not None and q.unit.dimension == (("angle", 1),):
            return q
        with localcontext(prec=60):
            step = q.step * 57 if q.step is not None else None
            return replace(q, value=to_decimal(q.value) * _DEGREES_PER_RADIAN, step=step)

    verdict = compare_numbers(degrees(a), degrees(b), tolerance)
    return Verdict(verdict.outcome, "unit", verdict.detail or "in degrees")


_DEGREES_PER_RADIAN = Decimal("57.295779513082320876798154814105170332405472466564321549160243861")


def _one_unit(reference: Quantity, answer: Quantity, question: str, tolerance: Tolerance, plain: Verdict) -> Verdict:
    """One side names a unit, the other leaves it out."""
    with_unit, bare = (reference, answer) if reference.unit is not None else (answer, reference)
    unit = with_unit.unit
    assert unit is not None
    if bare.noun or with_unit.noun:
        return undecided("unit", "a unit against another word")
    if unit.dimension == (("angle", 1),) and bare.has_pi:
        return _angles(reference, answer, tolerance)
    if bare.scale != with_unit.scale:
        return undecided("unit", "a scale word on one side only")
    if unit.ambiguous and with_unit.attached:
        return undecided("unit", "a letter may be a unit or a variable")
    if plain.outcome == "equal":
        others = [u for u in units_named(question) if u.dimension == unit.dimension]
        if with_unit is answer and others and unit not in others:
            return undecided("unit", "the question names another unit")
        return equal("unit", "the same number, one side without its unit")
    if plain.outcome == "different" and not unit.ambiguous and not _convertible(with_unit, bare, unit):
        return different("unit", plain.detail)
    return undecided("unit", "one side has no unit")


def _convertible(with_unit: Quantity, bare: Quantity, unit: Unit) -> bool:
    """Whether the bare number could be the other one in a sister unit, such as 0.5 for 50 cm or π/4 for 45°."""
    left, right = to_fraction(with_unit.value), to_fraction(bare.value)
    if not left or not right or unit.offset or bare.has_pi:
        return True
    ratio = float(abs(left / right))
    factors = [10.0**k for k in range(-9, 10) if k] + [60.0, 3600.0, 24.0, 12.0, 3.6, 57.29578]
    return any(abs(ratio * f - 1) < 0.01 or abs(ratio / f - 1) < 0.01 for f in factors)


def _power_of_ten(a: Quantity, b: Quantity) -> bool:
    left, right = to_fraction(a.value), to_fraction(b.value)
    if not left or not right:
        return False
    ratio = abs(left / right)
    return any(ratio in (Fraction(10**k), Fraction(1, 10**k)) for k in (3, 6, 9, 12))


def _nouns(reference: str, answer: str, question: str, plain: Verdict) -> Verdict:
    """Words after a number that no table knows: harmless when the question uses them."""
    lowered = question.lower()
    known = all(not noun or all(_stem(word) in lowered for word in noun.split()) for noun in (reference, answer))
    if reference and answer and _stem(reference) != _stem(answer):
        return undecided("number", "other nouns after the numbers")
    if known or _stem(reference) == _stem(answer):
        return plain
    return undecided("number", "a number with a word that the question does not use")


def _stem(noun: str) -> str:
    return noun.rstrip("s").rstrip("e")
