from __future__ import annotations

import pytest

from mmfinereason.answers import Extracted, extract_answer, extract_reference

REPLIES = [
    ("<think>so 3</think>Therefore <answer>4</answer>.", "4", "answer_tag"),
    ("it is 3</think>\n\n<answer> 4 cm </answer>", "4 cm", "answer_tag"),
    ("<answer>3</answer> no, wait: <answer>4</answer>", "4", "answer_tag"),
    ("<think><answer>3</answer></think>The answer is 4.", "4", "phrase"),
    ("<answer>4</answer></think>The final answer is \\boxed{\\frac{1}{2}}.", "\\frac{1}{2}", "boxed"),
    ("First \\boxed{3}, then \\boxed{4}.", "4", "boxed"),
    ("<ANSWER>B</ANSWER>", "B", "answer_tag"),
    ("<answer>one <answer>two</answer>", "two", "answer_tag"),
    ("Adding up gives 7. The final answer is **7**.", "7", "phrase"),
    ("Answer: C", "C", "phrase"),
    ("**Answer:** 12 cm", "12 cm", "phrase"),
    ("The correct option is (B).", "(B)", "phrase"),
    ("So I choose option D.", "D", "option"),
    ("#### 42", "42", "phrase"),
    ("答案：B", "B", "phrase"),
    ("B", "B", "option"),
    ("3.5", "3.5", "bare"),
    ("The answer is 3.14.", "3.14", "phrase"),
    ("Therefore, the answer is 5 because 2 + 3 = 5.", "5", "phrase"),
    ("İ<answer>4</answer>", "4", "answer_tag"),
]


@pytest.mark.parametrize(("reply", "text", "method"), REPLIES)
def test_the_final_answer_of_a_reply(reply, text, method):
    assert extract_answer(reply) == Extracted(text, method)


NONE = [
    "",
    "<think>the answer is 3",
    "<think>\\boxed{3}</think>",
    "<answer></answer>",
    "I looked at the picture for a long time. It shows a triangle and a square, and nothing can be said about them.",
    "### Final Answer\n\n**First solid**:\n- 8 vertices\n- 6 faces",
]


@pytest.mark.parametrize("reply", NONE)
def test_a_reply_without_an_answer_has_none(reply):
    assert extract_answer(reply) is None


def test_a_truncated_reply_has_no_answer_even_when_a_tag_stands_in_it():
    assert extract_answer("</think><answer>4</answer>", truncated=True) is None


SOLUTIONS = [
    ("Since AC = 5, \\boxed{\\frac{25}{2}}", "\\frac{25}{2}"),
    ("Answer: B", "B"),
    ("The answer is 49", "49"),
    ("The correct answer is D. 7.", "D. 7"),
    ("So 180° - 113° = 67°\n\nThus, the total angle between lines a and b is 67°.", "67°"),
    ("<SUMMARY> look </SUMMARY> <CONCLUSION> 35.4 </CONCLUSION>", "35.4"),
    ("解：... 故选：C", "C"),
    ("<answer>" + "Long explanation. " * 30 + "Therefore, f(4) evaluates to 19.</answer>", "19"),
    ("14", "14"),
]


@pytest.mark.parametrize(("solution", "text"), SOLUTIONS)
def test_the_short_answer_of_a_reference_solution(solution, text):
    found = extract_reference(solution)
    assert found is not None
    assert found.text == text


def test_a_solution_without_a_stated_result_has_none():
    assert (
        extract_reference("The figure is a diagram of the carbon cycle. It shows how carbon moves.\nPlants take it up.")
        is None
    )
