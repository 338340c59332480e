"""Laws that hold for all inputs, not only for those in the table."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfinereason.answers import agree, cascade, extract_answer, extract_reference, parse_options

numbers = st.fractions(min_value=-10_000, max_value=10_000, max_denominator=500)
texts = st.text(max_size=60)
mathematics = st.text(alphabet="0123456789xyzABC+-*/^(){}[]\\.,:;=<>%$ _|!°π√fracsqt\n", max_size=80)


def renderings(value: Fraction) -> list[str]:
    """Ways of writing one number exactly."""
    top, bottom = value.numerator, value.denominator
    forms = [
        f"{top}/{bottom}",
        rf"\frac{{{top}}}{{{bottom}}}",
        rf"$\dfrac{{{top}}}{{{bottom}}}$",
        f"x = {top}/{bottom}",
    ]
    if bottom == 1:
        forms += [str(top), f"{top:,}", f"{top}.0", rf"\boxed{{{top}}}", f"**{top}**", f"{top}."]
    if bottom != 1 and abs(top) > bottom:
        sign = "-" if top < 0 else ""
        forms.append(f"{sign}{abs(top) // bottom} {abs(top) % bottom}/{bottom}")
    return forms


@given(numbers)
def test_all_renderings_of_a_number_are_equal(value):
    for left in renderings(value):
        for right in renderings(value):
            assert agree(left, right, symbolic=None).outcome == "equal", (left, right)


@given(numbers, numbers)
def test_renderings_of_two_numbers_are_never_equal(a, b):
    if a != b:
        for left, right in zip(renderings(a), reversed(renderings(b)), strict=False):
            assert agree(left, right, symbolic=None).outcome != "equal", (left, right)


@given(numbers, numbers)
def test_exact_numbers_agree_in_both_directions_alike(a, b):
    left, right = f"{a.numerator}/{a.denominator}", f"{b.numerator}/{b.denominator}"
    assert agree(left, right, symbolic=None).outcome == agree(right, left, symbolic=None).outcome


@given(st.integers(-9_999, 9_999), st.integers(1, 4), st.integers(-400, 400))
def test_a_finer_answer_is_equal_only_when_it_rounds_to_the_reference(coarse, places, offset):
    step = Fraction(1, 10**places)
    reference = coarse * step
    answer = reference + offset * step / 1000
    written, exact = f"{float(reference):.{places}f}", f"{float(answer):.{places + 3}f}"
    outcome = agree(written, exact, symbolic=None).outcome
    if offset == 0:
        assert outcome == "equal"
    elif abs(offset) < 500:
        assert outcome != "different" or reference == 0 or abs(answer - reference) > abs(reference) / 1000


@settings(max_examples=300)
@given(st.one_of(texts, mathematics), st.one_of(texts, mathematics))
def test_nothing_raises_and_the_mirror_never_contradicts(left, right):
    there, back = agree(left, right, symbolic=None), agree(right, left, symbolic=None)
    assert {there.outcome, back.outcome} != {"equal", "different"}


@given(st.one_of(texts, mathematics))
def test_extraction_and_options_never_raise(text):
    extract_answer(text)
    extract_reference(text)
    parse_options(text)


@given(texts, texts)
def test_an_answer_that_is_only_thought_is_never_extracted(thought, said):
    reply = f"{thought.replace('</think>', '')}<answer>7</answer></think>{said}"
    found = extract_answer(reply)
    assert found is None or found.method != "answer_tag" or "<answer>" in said.lower()


HOSTILE = {
    "a megabyte of braces": "{" * 1_000_000,
    "a megabyte of boxes": r"\boxed{" * 150_000,
    "a power tower": "9^9^9^9",
    "a long power tower": "^".join("9" * 200),
    "deep fractions": r"\frac{1}{" * 150 + "1" + "}" * 150,
    "deep brackets": "(" * 900 + "1" + ")" * 900,
    "many signs": "-" * 1_900 + "1",
    "control characters": "\x00\x01\x02\x1b[31m5\x1b[0m",
    "nested lists": "[" + ",".join(["[" + ",".join("123456789") + "]"] * 24) + "]",
    "a huge factorial": "100000!",
    "a huge exponent": "1e999999999",
    "a huge decimal": "1." + "1" * 1_900,
    "underscores": "a_" * 900 + "=",
    "half a surrogate": "\ud800",
    "a megabyte of answer tags": "<answer></answer>" * 60_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_costs_a_bounded_number_of_comparisons(name, monkeypatch):
    calls = []
    compare = cascade._compare
    monkeypatch.setattr(cascade, "_compare", lambda *args: calls.append(1) or compare(*args))
    hostile = HOSTILE[name]
    for left, right in ((hostile, "5"), ("5", hostile), (hostile, hostile + "1")):
        assert agree(left, right, symbolic=None).outcome in ("different", "undecided")
    assert agree("A", hostile, question=f"Which?\nA. {hostile}\nB. 2", symbolic=None).outcome != "different"
    extract_answer(hostile)
    extract_reference(hostile)
    assert len(calls) < 20_000
