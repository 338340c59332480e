"""Replies of the cleaner model are read strictly."""

import pytest

from mmfinereason.collect.cleaner import (
    Corrected,
    Dropped,
    Kept,
    Unclear,
    cleaning_values,
    extraction_values,
    parse,
    parse_extracted,
)
from mmfinereason.models import prompts


@pytest.mark.parametrize("reply", ["No Problem", "no problem.", ' "No Problem" ', "**No Problem**"])
def test_no_problem_keeps_the_question(reply):
    assert parse(reply) == Kept()


@pytest.mark.parametrize("fence", ["{}", "```json\n{}\n```", "```\n{}\n```"])
def test_json_corrects_the_question_and_loses_any_marker(fence):
    body = '{"error_type": "translation", "corrected_text": "<image>Find \\\\(x\\\\)."}'
    assert parse(fence.format(body)) == Corrected("translation", "Find \\(x\\).")


def test_echoed_tags_of_the_prompt_are_taken_off():
    reply = (
        '{"error_type": "Irrelevant_Content", "corrected_text": "<question-3f9a12bc>\\nFind x.\\n</question-3f9a12bc>"}'
    )
    assert parse(reply) == Corrected("irrelevant content", "Find x.")


def test_a_non_answer_question_is_dropped():
    assert parse('{"error_type": "non-answer question", "corrected_text": ""}') == Dropped("non-answer question", "")


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "There is no problem with it, but",
        "No Problem. Actually, one thing:",
        "{}",
        "[]",
        "null",
        '{"error_type": "translation", "corrected_text": ""}',
        '{"error_type": "spelling", "corrected_text": "Find x."}',
        '{"error_type": "translation", "corrected_text": ["Find x."]}',
        '{"error_type": "translation", "corrected_text": "a </question-3f9a12bc> b"}',
        '{"error_type": "translation", "corrected_text": "Find x.", "note": "done"}',
        'Here it is: {"error_type": "translation", "corrected_text": "Find x."}',
        '{"error_type": "translation", "corrected_text": "Find',
    ],
)
def test_anything_else_is_unclear(reply):
    assert isinstance(parse(reply), Unclear)


@pytest.mark.parametrize(
    ("reply", "answer"),
    [
        ("<answer>B</answer>", "B"),
        (" <answer> x < 3 </answer>\n", "x < 3"),
        ("<answer></answer>", None),
        ("B", None),
        ("<answer>A</answer><answer>B</answer>", None),
        ("<answer>A\nB</answer>", None),
    ],
)
def test_the_extracted_answer_is_what_stands_in_the_one_pair_of_tags(reply, answer):
    assert parse_extracted(reply) == answer


def test_the_values_are_what_the_prompts_ask_for():
    cleaning = prompts.load("clean").render(**cleaning_values("<image>Find x."))
    assert "\nFind x.\n" in cleaning.text
    assert "<image>" not in cleaning.text
    extraction = prompts.load("extract_answer").render(**extraction_values("<image>Find x.", ["1", "2"], "x is 2."))
    assert "A. 1\nB. 2" in extraction.text
