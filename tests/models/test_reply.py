import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfinereason.models.reply import normalize

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=8,
)
CONTENT = st.lists(st.sampled_from(["<think>", "</think>", "hm ", "\n", "<answer>4</answer>", " "]), max_size=8).map(
    "".join
)
MESSAGE = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("content", "reasoning", "reasoning_content"), JSON | CONTENT)
)


@pytest.mark.parametrize(
    ("message", "shape"),
    [
        ({"reasoning": "\nhm\n", "content": "\n\nfour"}, "reasoning"),
        ({"reasoning_content": "hm", "content": "four"}, "reasoning_content"),
        ({"reasoning": None, "reasoning_content": "hm", "content": "four"}, "reasoning_content"),
        ({"content": "hm\n</think>\n\nfour"}, "close_tag"),
        ({"content": "<think>\nhm\n</think>\n\nfour"}, "pair"),
        ({"content": "\n<think>hm</think>four"}, "pair"),
        ({"content": [{"type": "text", "text": "hm</think>"}, {"type": "text", "text": "four"}]}, "close_tag"),
    ],
)
def test_the_four_shapes_give_the_same_thoughts_and_answer(message, shape):
    parts = normalize(message, "stop")
    assert (parts.reasoning, parts.answer_text, parts.shape) == ("hm", "four", shape)


def test_a_reply_without_thoughts_is_all_answer():
    assert normalize({"content": " four "}, "stop").answer_text == "four"
    assert normalize({"content": " four "}, "stop").reasoning == ""


@pytest.mark.parametrize("content", ["so the area is 4", "<think>so the area is 4"])
def test_thoughts_cut_off_before_their_end_are_never_an_answer(content):
    parts = normalize({"content": content}, "length")
    assert (parts.reasoning, parts.answer_text) == ("so the area is 4", "")


def test_a_second_closing_tag_stays_in_the_answer_where_the_screen_sees_it():
    assert normalize({"content": "a</think>b</think>c"}, "stop").answer_text == "b</think>c"


@given(st.one_of(MESSAGE, JSON), st.sampled_from([None, "stop", "length", "tool_calls"]))
def test_any_message_gives_two_stripped_texts(message, finish):
    parts = normalize(message, finish)
    assert parts.reasoning == parts.reasoning.strip()
    assert parts.answer_text == parts.answer_text.strip()


@given(st.text().filter(lambda text: "</think>" not in text), st.text())
def test_thoughts_and_answer_come_back_as_they_went_in(thoughts, answer):
    parts = normalize({"content": f"<think>\n{thoughts}\n</think>\n\n{answer}"}, "stop")
    assert (parts.reasoning, parts.answer_text) == (thoughts.strip(), answer.strip())
