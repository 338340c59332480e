from __future__ import annotations

import pytest

from mmfinereason.recipe.distill import ScreenSettings
from mmfinereason.schema import Reason
from mmfinereason.trace import Flag, parse, screen
from mmfinereason.trace.phrases import blind, leak

THOUGHTS = " ".join(f"In step {i} the angle at point P{i} is {i} degrees and so we go on." for i in range(20))
GOOD = parse("### Phase 1\nThe final answer is <answer>B</answer>.", THOUGHTS)
SETTINGS = ScreenSettings()


def reasons(answer_text: str, reasoning: str | None = THOUGHTS, **about: object) -> list[Reason]:
    return [flag.reason for flag in screen(parse(answer_text, reasoning), SETTINGS, **about)]  # type: ignore[arg-type]


def test_a_good_trace_has_no_flag() -> None:
    assert screen(GOOD, SETTINGS, finish_reason="stop") == ()


@pytest.mark.parametrize(
    ("answer_text", "reasoning", "detail"),
    [
        ("<answer>B</answer>", "", "no thoughts"),
        ("", THOUGHTS, "nothing follows the thoughts"),
        ("So it is B.", THOUGHTS, "no answer tag"),
        ("So it is B.", THOUGHTS + " <answer>B</answer>", "the answer tag stands inside the thoughts"),
        ("<think>hm</think> <answer>B</answer>", THOUGHTS, "2 think parts instead of one"),
        ("<answer> </answer>", THOUGHTS, "no answer tag"),
    ],
)
def test_a_broken_template_says_how(answer_text: str, reasoning: str, detail: str) -> None:
    flags = screen(parse(answer_text, reasoning), SETTINGS)
    assert flags[0] == Flag(Reason.TEMPLATE, detail)


def test_exempt_rows_need_no_answer_tag_but_thoughts_and_a_solution() -> None:
    assert reasons("So it is B.", exempt=True) == []
    assert reasons("", exempt=True) == [Reason.TEMPLATE]


def test_an_empty_reply_is_a_class_of_its_own() -> None:
    assert reasons("", "")[0] is Reason.EMPTY_REPLY


def test_a_truncated_reply_is_not_blamed_for_its_template() -> None:
    assert reasons("", finish_reason="length") == [Reason.TRUNCATED]


def test_a_trace_that_ran_in_circles_until_it_was_cut_off_is_repetitive_first() -> None:
    circles = THOUGHTS + " wait let me check this once more" * 60
    assert reasons("", circles, finish_reason="length") == [Reason.REPETITION, Reason.TRUNCATED]


def test_a_repeat_across_thoughts_and_solution_counts() -> None:
    run = " ".join(f"word{i}" for i in range(60))
    assert reasons(f"{run}\n{run}\n<answer>B</answer>", f"so and so {run}")[0] is Reason.REPETITION


def test_lengths_are_bounded_in_words_and_tokens() -> None:
    bounds = ScreenSettings(min_words=10, max_words=50, min_tokens=20, max_tokens=60)
    short = parse("<answer>B</answer>", "too short")
    assert [flag.reason for flag in screen(short, bounds)] == [Reason.TOO_SHORT]
    middle = parse("<answer>B</answer>", " ".join(["the word"] * 10))
    assert [flag.reason for flag in screen(middle, bounds, tokens=19)] == [Reason.TOO_SHORT]
    assert screen(middle, bounds, tokens=60) == ()
    assert [flag.reason for flag in screen(middle, bounds, tokens=61)] == [Reason.TOO_LONG]
    assert [flag.reason for flag in screen(GOOD, bounds, tokens=30)] == [Reason.TOO_LONG]


@pytest.mark.parametrize(
    "text",
    [
        "The image caption says there are three triangles.",
        "According to the caption, the bar is red.",
        "The reference answer is 12, so I should get there.",
        "The ground truth answer must be C.",
        "This matches the provided solution.",
        "The answer key says 7.",
        "But the correct answer was given to me as 5.",
    ],
)
def test_leaks_are_found(text: str) -> None:
    assert leak(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "The solution she is testing contains extra nutrients.",
        "The caption under the figure reads Figure 3.",
        "Based on the caption below the photo, the year is 1999.",
        "Cross-reference the labels; the reference angle is QRP.",
        "All angles are consistent with the given answer options.",
        "We check the solution and the ground is level.",
        "The problem expects the solution for when the blocks move.",
    ],
)
def test_ordinary_talk_of_captions_and_solutions_is_no_leak(text: str) -> None:
    assert leak(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Since I can't see the image, I will assume it is a square.",
        "I cannot actually view the provided image.",
        "Let me check again (mentally, since I can't see it).",
        "No image was provided, so this is a guess.",
        "The image isn't visible to me.",
        "Without seeing the exact image, I would say blue.",
        "As a text-based AI I have to rely on the words.",
    ],
)
def test_blind_writers_give_themselves_away(text: str) -> None:
    assert blind(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        "The title of the chart isn't given, but the axis is.",
        "I can see the image clearly.",
        "We cannot see the back of the cube in this view.",
        "The radius in the diagram is not provided, so we derive it.",
        "First, I need to look at the image provided.",
        "I don't see how the figure could be a rhombus.",
    ],
)
def test_ordinary_talk_of_what_is_not_shown_is_not_blind(text: str) -> None:
    assert blind(text) is None


def test_foreign_texts_are_flagged_and_english_with_foreign_quotations_is_not() -> None:
    chinese = "我们先看图中的三角形，然后计算它的面积，最后验证答案是否正确。" * 3
    german = " ".join(f"Wir sehen uns zuerst Figur {i} an und berechnen dann Winkel {i}." for i in range(20))
    assert reasons("<answer>B</answer>", chinese)[0] is Reason.WRONG_LANGUAGE
    assert Reason.WRONG_LANGUAGE in reasons("<answer>B</answer>", german)
    assert reasons("<answer>B</answer>", THOUGHTS + " The label “计算三角形的面积” means compute the area.") == []
    assert reasons("<answer>B</answer>", THOUGHTS + " α β γ Δ θ π ∑ ∫ " * 40)[-1:] != [Reason.WRONG_LANGUAGE]


def test_screens_can_be_switched_off() -> None:
    lenient = ScreenSettings(min_words=0, leaks=False, blind=False, english=False)
    text = "I cannot see the image but the reference answer says " + "我们先看图中的三角形" * 20
    assert screen(parse("<answer>B</answer>", text), lenient) == ()
