"""Each rule alone: what it mends, and what looks like it but is meant."""

import pytest

from mmfinereason.collect.text import RULES, clean_answer, clean_question
from mmfinereason.collect.text.instructions import REASONING, REASONING_LETTER
from mmfinereason.recipe.clean import TextSettings

MENDED = {
    "unicode": [
        ("The angle is 45Â° and x â‰¤ 3.", "The angle is 45° and x ≤ 3."),
        ("A．12\u3000B．15", "A.12 B.15"),
        ("one\r\ntwo\u2028three", "one\ntwo\nthree"),
    ],
    "control_characters": [
        ("the base area of \u200b\u200bthe prism\ufeff", "the base area of the prism"),
        ("a\x00b\x07c", "abc"),
    ],
    "image_marker": [
        ("Find x.", "<image>Find x."),
        ("<image>\nFind x.", "<image>Find x."),
        ("Find x.\n\n<image>", "<image>Find x."),
        ("as below.\n\n<image>\n\n(a) Find x.", "<image>as below.\n\n(a) Find x."),
        ("<image 1> In <image 1>, find x.", "<image>In the image, find x."),
        ("![](images/0001.png)\nFind x.", "<image>Find x."),
        ("Find x. ![figure](https://a.example/b_(1).png)", "<image>Find x."),
        ('<img src="a.png"/>Find x.', "<image>Find x."),
        ("<ima<image>ge>Find x.", "<image>Find x."),
    ],
    "html_entities": [("if a &lt; b &amp;&amp; $c &gt; d$", "if a < b && $c > d$"), ("it&#39;s", "it's")],
    "html_tags": [
        ("Find x.<br/>A. 1<br>B. 2", "Find x.\nA. 1\nB. 2"),
        ('<div class="q"><span style="color:red">Find <b>x</b>.</span></div>', "Find x.\n"),
        ("x<sup>2</sup> + H<sub>2</sub>O + 10<sup>-3</sup>", "x^2 + H_2O + 10^{-3}"),
        ("AB = <u>   </u> cm", "AB = ____ cm"),
        ("A. $6.55<br/>B. $0.55", "A. $6.55\nB. $0.55"),
    ],
    "links": [
        ("Find x (see https://a.example/q/1).", "Find x."),
        ("See [this page](https://a.example/q) and find x.", "See this page and find x."),
        ("Source: http://a.example/b\nFind x.", "Find x."),
        ("Find x.\nwww.a.example", "Find x.\n"),
    ],
    "watermark": [
        ("下列正确的是[来源:学科网]", "下列正确的是"),
        ("© 2019 Exam Hub. All rights reserved.\nFind x.", "\nFind x."),
        ("Find x.\nScanned with PocketScanner", "Find x.\n"),
    ],
    "question_number": [
        ("19.下图反映了状况。", "下图反映了状况。"),
        ("12. Find x.", "Find x."),
        ("Question 5: Find x.", "Find x."),
        ("Q3. Find x.", "Find x."),
        ("Problem 7 In the figure, find x.", "In the figure, find x."),
        ("第12题 求x。", "求x。"),
    ],
    "score": [
        ("(3 points) Find x.", "Find x."),
        ("(12) [5 marks] Find x.", "Find x."),
        ("（本小题满分12分）求x。", "求x。"),
        ("Find x. (5 points)", "Find x."),
        ("Find x.\nA. 1\nB. 2 [2 marks]", "Find x.\nA. 1\nB. 2"),
        ("Find x. (12 pts)\nA. 1\nB. 2", "Find x.\nA. 1\nB. 2"),
    ],
    "repeated_punctuation": [
        ("How many are there????", "How many are there?"),
        ("How many are there??!!!", "How many are there?"),
        ("Find the area.......", "Find the area."),
        ("求面积。。", "求面积。"),
    ],
    "shallow_instruction": [
        ("What is it?\nAnswer with the letter.", f"What is it?\n{REASONING_LETTER}"),
        ("What is it? Answer the question using a single word or phrase.", f"What is it? {REASONING}"),
        ("What is it? (Answer in one word)", f"What is it? {REASONING}"),
        ("What is it? Be brief. Do not explain.", f"What is it? {REASONING}"),
        ("What is it? Give only the answer, no explanation.", f"What is it? {REASONING}"),
        ("Answer with the option's letter from the given choices directly.", REASONING_LETTER),
    ],
}

MEANT = {
    "unicode": ["f’(x) “so”", "如图，（A）是", "x ≤ 3, ①②③", "naïve café", "∠ABC = 45°"],
    "control_characters": ["a\tb\nc", "👩‍🚀"],
    "html_entities": ["a & b; c &foo; d", "`a &lt; b`"],
    "html_tags": ["a<b and c>d", "1<x<2", "<i, j>", "<table><tr><td>1</td></tr></table>", "`<br>`", "x < p > y"],
    "links": ["the ratio 3://4", "What does [A](B) mean?", "f[x](y)"],
    "watermark": [
        "(c) For the case of part (b), how far?",
        "(C) 9",
        "Copyright law protects whom?",
        "© is drawn where?",
    ],
    "question_number": [
        "1. This is a maze.\n2. The circle is the player.",
        "3.5 kg of apples",
        "12 men build a wall.",
        "(1) Find x. (2) Find y.",
        "Question 5 of the survey asks what?",
        "2010. What a year?",
        "Q1 Sales were how high?",
    ],
    "score": [
        "A wins (3 points) against B. Who leads?",
        "A row is cleared. (5 points)\nWho leads?",
        "How many triangles have these vertices (5 points)",
        "(3, 4)",
    ],
    "repeated_punctuation": [
        "n!! + 3",
        "2, 4, 6, ...",
        "Plants make food by......",
        "3 + ?? = 5",
        "AB = ____ cm",
        "a,,b",
    ],
    "shallow_instruction": [
        "Hint: Please answer the question and provide the correct option letter, e.g., A, B, C, D, at the end.",
        "Give your answer in terms of π.",
        "Write a number sentence.",
        "(Answer in decimal form)",
        "Explain your answer.",
        "Show your work.",
        "Answer with a number.",
        "Which letter is the shortest word?",
        REASONING,
        REASONING_LETTER,
    ],
}


@pytest.mark.parametrize(("name", "dirty", "clean"), [(n, *pair) for n, pairs in MENDED.items() for pair in pairs])
def test_a_rule_mends_what_it_is_for(name, dirty, clean):
    assert RULES[name](dirty) == clean


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in MEANT.items() for text in texts])
def test_a_rule_leaves_what_only_looks_like_it(name, text):
    assert RULES[name](text) == text


def test_every_rule_has_examples():
    assert RULES.keys() == MENDED.keys() == MEANT.keys() | {"image_marker"}


def test_edits_name_the_rules_in_the_order_they_changed_the_text():
    cleaned = clean_question("Q3. Find\u200b x &lt; 2.<br>Answer in one word.", TextSettings())
    assert cleaned.text == f"<image>Find x < 2.\n{REASONING}"
    assert cleaned.edits == (
        "control_characters",
        "image_marker",
        "html_entities",
        "html_tags",
        "question_number",
        "shallow_instruction",
    )


def test_a_clean_question_has_no_edits():
    cleaned = clean_question("<image>Find x.", TextSettings())
    assert (cleaned.text, cleaned.edits, cleaned.reason, cleaned.needs, cleaned.language) == (
        "<image>Find x.",
        (),
        None,
        (),
        "en",
    )


def test_what_one_rule_uncovers_another_takes_away():
    assert clean_question("https://a.example/x\n7. (3 points) Find x.", TextSettings()).text == "<image>Find x."


def test_rewriting_of_shallow_instructions_can_be_switched_off():
    text = "<image>What is it? Answer in one word."
    assert clean_question(text, TextSettings(rewrite_shallow_instructions=False)).text == text


def test_a_recipe_may_name_its_own_watermarks():
    settings = TextSettings(watermarks=("ExamHub.example",))
    assert clean_question("Find x. examhub.EXAMPLE", settings).text == "<image>Find x."


def test_an_answer_is_repaired_but_never_reworded():
    assert clean_answer(" 45Â°\u200b ").text == "45°"
    assert clean_answer("12. Answer in one word.").edits == ()
    assert clean_answer("\\frac{1}{2}").text == "\\frac{1}{2}"
