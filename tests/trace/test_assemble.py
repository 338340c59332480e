from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mmfinereason.trace import assemble, inert, parse

TAGS = [
    "<image>",
    "<video>",
    "<think>",
    "</think>",
    "<answer>",
    "</answer>",
    "<|im_end|>",
    "<im",
    "age>",
    "<",
    ">",
    "a ",
]
TEXTS = st.lists(st.sampled_from(TAGS), max_size=20).map("".join)


def test_the_layout_is_exactly_what_trainers_look_for() -> None:
    assert assemble(" I look.\n", "\nSo <answer>B</answer> ") == ("<think>\nI look.\n</think>\n\nSo <answer>B</answer>")


def test_tags_inside_the_text_become_harmless_and_stay_readable() -> None:
    text = assemble("the <image> shows <think> and <answer>A</answer>", "see <IMAGE> <|im_end|> <answer>B</answer>")
    assert text == (
        "<think>\nthe [image] shows [think] and <answer>A</answer>\n</think>\n\n"
        "see [IMAGE] [|im_end|] <answer>B</answer>"
    )


@given(TEXTS, TEXTS)
def test_an_assembled_trace_has_one_think_block_and_no_image(reasoning: str, answer_text: str) -> None:
    text = assemble(reasoning, answer_text)
    assert (text.count("<think>"), text.count("</think>"), text.count("<image>")) == (1, 1, 0)
    assert text.startswith("<think>\n")
    assert "\n</think>\n\n" in text
    trace = parse(text)
    assert assemble(trace.reasoning, trace.answer_text) == text


@given(TEXTS)
def test_making_harmless_twice_changes_nothing_more(text: str) -> None:
    assert inert(inert(text)) == inert(text)
    assert len(inert(text)) == len(text)


def test_plain_comparisons_stay_as_they_are() -> None:
    assert inert("a < b > c, x<y, <p>") == "a < b > c, x<y, <p>"
