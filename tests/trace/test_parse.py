from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfinereason.trace import Trace, parse


@pytest.mark.parametrize(
    ("answer_text", "reasoning", "expected"),
    [
        ("So <answer>B</answer>", "I look.", Trace("I look.", "So <answer>B</answer>", 1)),
        ("<think>I look.</think>\n\nSo B.", None, Trace("I look.", "So B.", 1)),
        ("I look.\n</think>\nSo B.", None, Trace("I look.", "So B.", 1)),
        ("<thinking>I look.</thinking>So B.", "", Trace("I look.", "So B.", 1)),
        ("<think>I look and look", None, Trace("I look and look", "", 1)),
        ("So B.", None, Trace("", "So B.", 0)),
        ("", None, Trace("", "", 0)),
        ("<think>again</think>So B.", "I look.", Trace("I look.\n\nagain", "So B.", 2)),
        ("<think>a</think>b<think>c</think>d", None, Trace("a", "b<think>c</think>d", 2)),
        ("a</think>b</think>c", None, Trace("a", "b</think>c", 2)),
    ],
)
def test_every_shape_of_a_reply_gives_thoughts_and_solution(
    answer_text: str, reasoning: str | None, expected: Trace
) -> None:
    assert parse(answer_text, reasoning) == expected


def test_answers_are_read_outside_the_thoughts_only() -> None:
    trace = parse("<think>maybe <answer>A</answer></think>\nfirst <answer> B </answer>, then <answer>C</answer>")
    assert trace.answers == ("B", "C")


def test_blank_and_unclosed_answer_tags_are_no_answers() -> None:
    assert parse("<answer>  </answer>", "x").answers == ()
    assert parse("the tag <answer> opens, <answer>7</answer> closes", "x").answers == ("7",)
    assert parse("<answer>7", "x").answers == ()


@given(st.lists(st.sampled_from(["<think>", "</think>", "<answer>", "</answer>", "x", " "]), max_size=30).map("".join))
def test_parsing_never_fails(text: str) -> None:
    trace = parse(text)
    assert trace.words >= 0
    assert isinstance(trace.answers, tuple)
