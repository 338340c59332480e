"""Mathematics, tables and code survive all rules, and cleaning is idempotent: laws, tried on random texts."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfinereason.collect.text import IMAGE_MARKER, RULES, clean_question
from mmfinereason.recipe.clean import TextSettings

INNER = st.text(alphabet="xyzABpiub012+-=<>_^{}\\ ,.!?()|/&;", min_size=1, max_size=25)
MATH = st.one_of(
    INNER.filter(str.strip).map(lambda s: f"${s}$"),
    INNER.map(lambda s: f"$${s}$$"),
    INNER.map(lambda s: f"\\({s}\\)"),
    INNER.map(lambda s: f"\\[{s}\\]"),
    INNER.map(lambda s: f"\\begin{{matrix}}{s}\\end{{matrix}}"),
    INNER.filter(str.strip).map(lambda s: f"`{s}`"),
).filter(lambda s: "&" not in s or ";" not in s)  # an entity in a formula is mended
PROSE = st.sampled_from(
    [
        "Find x.",
        "12. ",
        "Question 3:",
        "(5 points)",
        "See https://a.example/b?c=1 now",
        "Answer in one word.",
        "<br>",
        "&nbsp;",
        "<b>bold</b>",
        "how many???",
        "[来源:学科网]",
        "如图",
        "a<b",
        "x_1^2",
        "\u200b",
        "<image>",
        "45Â°",
        "\n",
        "A. ",
    ]
)
EXPRESSIONS = [
    r"$a<b$ and $c>d$",
    r"If 1<x<2 and y_1^2 > 3, then f_n(x)^2?",
    r"$\begin{pmatrix} a & b \\ c & d \end{pmatrix}$",
    "| x | y |\n|---|---|\n| 1 | 2?? |\n| <br> | www.a.example |",
    "```python\nprint('a<br>b')  # 12. ???\n```",
    r"The set \{x \mid x^2 < 4\}, |x-1| + |y|, n!, (2n)!!",
    "$$ > $$ or $$ < $$",
    r"\[ \int_0^1 f(x)\,dx \le \sum_{i=1}^n a_i \]",
    "① ② ∠ABC ≅ ∠DEF, △ABC ∼ △DEF, x̂ ⊥ ẑ, θ₀, m²",
    "<table><tr><td>1</td></tr></table>",
]


@given(st.lists(st.one_of(MATH, PROSE), min_size=1, max_size=8))
@settings(max_examples=400, deadline=None)
def test_formulas_and_code_come_through_every_rule_unharmed(parts):
    spans = [part for part in parts if part[0] in "$\\`"]
    text = " word ".join(parts)
    for name, rule in RULES.items():
        cleaned = rule(text)
        assert all(cleaned.count(span) >= text.count(span) for span in spans if "<image>" not in span), name


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_expressions_keep_every_character(expression):
    assert clean_question(f"<image>What is {expression}?", TextSettings()).text == f"<image>What is {expression}?"


@given(st.one_of(st.lists(st.one_of(MATH, PROSE, INNER), max_size=8).map("".join), st.text(max_size=60)))
@settings(max_examples=600, deadline=None)
def test_cleaning_a_cleaned_question_changes_nothing(text):
    once = clean_question(text, TextSettings())
    twice = clean_question(once.text, TextSettings())
    assert twice.text == once.text
    assert twice.edits == ()


@given(st.text(max_size=200))
@settings(max_examples=300, deadline=None)
def test_every_cleaned_question_has_one_marker_in_front_and_can_be_stored(text):
    cleaned = clean_question(text, TextSettings())
    assert cleaned.text.startswith(IMAGE_MARKER)
    assert cleaned.text.count(IMAGE_MARKER) == 1
    cleaned.text.encode("utf-8")


def test_a_lone_surrogate_becomes_a_mark_that_a_model_is_asked_about():
    cleaned = clean_question("Find \ud835 in the figure.", TextSettings())
    assert cleaned.text == "<image>Find \ufffd in the figure."
    assert cleaned.needs == ("clean",)


@pytest.mark.parametrize("unit", ["\\(", "$", "<b>", "|", "a?", "(", "Give a one, ", "1. ", "![](", "<u>", "`", "&lt;"])
def test_no_text_takes_long_however_it_repeats(unit):
    clean_question(unit * (20_000 // len(unit)), TextSettings())
