"""The rules are held to a table of cases written by hand; its aims are those stated in docs/verifying.md."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmfinereason.answers import METHODS, agree
from mmfinereason.answers.normalize import clean
from mmfinereason.answers.table import Case, as_text, read_cases, report
from mmfinereason.answers.verdict import Verdict

CASES = read_cases(Path(__file__).parent / "cases")


def decide(case: Case) -> Verdict:
    return agree(case.reference, case.answer, question=case.question, options=case.options)


@pytest.fixture(scope="module")
def reports():
    return report(CASES, decide)


def test_the_table_covers_every_kind_with_at_least_600_cases(reports):
    assert len(CASES) >= 600
    assert len(reports) >= 25
    assert all(found.cases >= 10 for found in reports.values())


def test_no_case_is_falsely_called_equal(reports):
    assert [(case.reference, case.answer) for case in reports["all"].false_equal] == []


def test_less_than_one_percent_is_falsely_called_different(reports):
    assert len(reports["all"].false_different) < 0.01 * reports["all"].cases, as_text(reports)


def test_more_than_ninety_percent_is_decided_without_a_judge(reports):
    assert reports["all"].decided > 0.9 * reports["all"].decidable, as_text(reports)


def test_every_method_is_in_the_closed_list_and_all_but_none_decide_something():
    used = {verdict.method for verdict in map(decide, CASES) if verdict.outcome != "undecided"}
    assert used == METHODS.keys() - {"none"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.kind}:{case.reference[:30]}~{case.answer[:30]}")
def test_a_pair_is_equal_to_itself_and_never_contradicts_its_mirror(case):
    both = agree(case.reference, case.reference, question=case.question, options=case.options, symbolic=None)
    assert both.outcome == ("equal" if clean(case.reference) else "undecided")
    there = agree(case.reference, case.answer, question=case.question, options=case.options, symbolic=None)
    back = agree(case.answer, case.reference, question=case.question, options=case.options, symbolic=None)
    assert {there.outcome, back.outcome} != {"equal", "different"}


TRAPS = [
    ("-5", "5"),
    ("1.5", "15"),
    ("2", r"\frac12"),
    ("A", "B. a triangle"),
    ("", "7"),
    ("NOT EQUIVALENT", "EQUIVALENT"),
    ("12:00", "12:30"),
    ("3:4", "3:5"),
    ("2 or 3", "3"),
    ("5 cm", "5 m"),
    ("x=1, y=2", "2"),
    ("2023-01-02", "2023-05-06"),
    ("1/2004!", "1/2006!"),
    ("(1,2)", "[1,2]"),
]


@pytest.mark.parametrize(("left", "right"), TRAPS)
def test_a_known_trap_is_never_equal_either_way(left, right):
    assert agree(left, right).outcome != "equal"
    assert agree(right, left).outcome != "equal"


MISSED_ELSEWHERE = [
    ("1/2", "0.5"),
    ("A", "A"),
    ("yes", "Yes"),
    ("33.3", "100/3"),
    ("0.333", "1/3"),
    ("1e3", "1000"),
    (r"50\pi", "157.08"),
    (r"10\%", "0.1"),
    ("3.14", r"\pi"),
    ("{1,2}", "{2,1}"),
    (r"x\ge2", r"[2,\infty)"),
    (r"[2,\infty)", r"x\ge2"),
]


@pytest.mark.parametrize(("left", "right"), MISSED_ELSEWHERE)
def test_what_other_tools_miss_is_equal(left, right):
    assert agree(left, right).outcome == "equal"
