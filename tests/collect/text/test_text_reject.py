"""What is rejected, and the good questions that look like it."""

import pytest

from mmfinereason.collect.text import clean_question
from mmfinereason.recipe.clean import TextSettings
from mmfinereason.schema import Reason

REJECTED = {
    Reason.EMPTY_QUESTION: ["", "<image>", " ... ", "<br>"],
    Reason.NOT_A_QUESTION: ["Thank you!", "N/A", "As shown in the figure.", "Answer: B", "This cat sits on a red mat."],
    Reason.DRAWING_TASK: [
        "Draw a larger copy of this figure in your notebook.",
        "12. (3 points) Please sketch the front view of the solid.",
        "Use a ruler to draw the height of the triangle.",
        "Graph the inequality on the number line.",
        "请在图中画出三角形的高。",
    ],
    Reason.CODING_TASK: [
        "Write a Python program that reproduces this picture.",
        "Implement a function in C++ that solves the problem shown.",
        "Generate TikZ code for the figure.",
        "Write the HTML and CSS code that generates this image.",
    ],
    Reason.CUT_OFF: [
        r"Find the value of \( x + 1",
        r"Find x if $y = \frac{1}{",
        "How many points of the",
        "Find the length of AB, and",
        "A train leaves at noon and [truncated]",
    ],
    Reason.MULTI_IMAGE: [
        "<image><image> What changed?",
        "A. <image> B. <image>",
        "<image 1> and <image 2>: what changed?",
        "![](a.png) ![](b.png) Which is larger?",
    ],
}

GOOD = [
    "Find x.",
    "Area of ABC",
    "m∠C",
    "Draw the height from A. How long is it?",
    "If you were to draw a diagonal from A to C, how would you determine its length?",
    "Two cards are drawn. Find the probability that both are red.",
    "(1) Draw the triangle. (2) Calculate its area.",
    "Which of these would you draw?\nA. a circle\nB. a square",
    "Execute the following program, if the input is a=2, then the output result is ____.",
    "The following is the pseudocode of a certain algorithm, what is the value of the output S?",
    "Write a function rule for the line in the graph.",
    "Write a function that models the area in terms of x.",
    "The instrument used to measure temperature is called the",
    "2, 4, 6, 8, ...",
    "Based on the food web, a decrease in squirrels reduces the energy available to the\nChoices:\nA. Snake\nB. Deer",
    "Who paid more than $1,560",
    "Solve that puzzle by choosing the appropriate letter.",
    "In the figure, AB = 4 and BC = 3.",
    "As shown in <image 1>, compare it with <image 1>.",
    "For each solid, determine how many vertices and faces it has.",
    "Find the value of a",
    "The triangle is reflected in the y-axis. Bisect its largest angle.",
    "Balance the chemical reaction shown in the picture.",
    "The result output by the following program flowchart is:",
]


@pytest.mark.parametrize(("reason", "text"), [(reason, text) for reason, texts in REJECTED.items() for text in texts])
def test_a_question_that_cannot_be_used_is_rejected_with_a_detail(reason, text):
    cleaned = clean_question(text, TextSettings())
    assert cleaned.reason == reason
    assert cleaned.detail


@pytest.mark.parametrize("text", GOOD)
def test_a_good_question_is_never_rejected(text):
    cleaned = clean_question(text, TextSettings())
    assert cleaned.reason is None, cleaned.detail


@pytest.mark.parametrize(
    "text", ["EF = cm.", "then k = .", "the glyph \uf0b0 is lost", "Note: translated from Chinese."]
)
def test_damage_that_no_rule_mends_is_marked_for_the_model(text):
    assert clean_question(f"Find it: {text}", TextSettings()).needs == ("clean",)


def test_a_formula_that_ends_in_a_variable_is_not_damage():
    assert clean_question("What is the vertex of y = g(x) if F = m?", TextSettings()).needs == ()
