"""Text from the data as HTML: formulas become MathML, everything else is escaped."""

import string

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.report.parsing import elements

from mmfinereason.report.math import to_html

MATHML = {
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "mroot", "mstyle", "mpadded", "mphantom"),
    *("msub", "msup", "msubsup", "munder", "mover", "munderover", "mtable", "mtr", "mtd"),
}


def test_a_formula_becomes_mathml():
    html = to_html("Half is $\\frac{1}{2}$.")
    assert "<mfrac><mrow><mn>1</mn></mrow><mrow><mn>2</mn></mrow></mfrac>" in html
    assert html.startswith("Half is <math") and html.endswith("</math>.")


def test_brackets_and_double_dollars_are_blocks():
    assert to_html("\\[x\\]").startswith('<math display="block">')
    assert to_html("$$x$$").startswith('<math display="block">')
    assert to_html("\\(x\\)").startswith('<math display="inline">')


def test_prices_are_no_formula():
    assert to_html("It costs $5 and then $7 more.") == "It costs $5 and then $7 more."


def test_a_formula_that_cannot_be_read_stays_as_it_was():
    assert to_html("$x_1_2$") == "$x_1_2$"
    assert to_html("$\\frac{$") == "$\\frac{$"


def test_markup_inside_a_formula_is_text():
    assert to_html("$\\text{<script>alert(1)</script>}$").count("&lt;") == 2
    assert "<script" not in to_html("$\\hbox{</math><script>x</script>}$")


def test_links_styles_and_classes_of_a_formula_are_dropped():
    html = to_html("$\\href{javascript:alert(1)}{x}\\style{color:red}{y}\\class{banner}{z}$")
    assert "javascript" not in html and "color" not in html and "banner" not in html


def test_a_boxed_answer_has_its_box():
    assert '<mrow class="boxed">' in to_html("$\\boxed{5}$")


def test_control_characters_are_shown_as_unknown():
    assert to_html("a\x00b") == "a\N{REPLACEMENT CHARACTER}b"


_PIECES = st.sampled_from(
    ["<script>", "</math>", "<img src=x onerror=a()>", "\\text{", "\\href{javascript:x}{", "}", "{", "\\frac", "^", "_",
     "&amp;", "&#60;", "\\left(", "\\begin{array}", "\\end{array}", "$", "\\(", "\\)", '"', "'", "\\unicode{"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES | st.text(string.printable, max_size=4), max_size=12))
def test_no_text_brings_an_element_or_attribute_of_its_own(pieces):
    for tag, attributes in elements(to_html("$" + "".join(pieces) + "$")):
        assert tag in MATHML
        assert not any(name.startswith("on") or name in ("href", "src", "style", "id") for name in attributes)
        assert attributes.get("class", "boxed") == "boxed"
