"""The simulated teacher: sound traces of every puzzle, and failures that screens can find."""

import re

import pytest

from mmfinereason.lab.knowledge import Known
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.simulated import teacher
from mmfinereason.recipe.lab import LabOptions

from .asking import about

PHASES = (
    "Comprehensive Information Extraction",
    "Strategic Problem Setup",
    "Rigorous Solution Execution",
    "Solution Validation",
)


def tagged(text):
    return re.findall(r"<answer>(.*?)</answer>", text or "")


def repeated(text, n=50):
    """The highest count of any n-gram of words, the obvious way."""
    words = text.split()
    grams = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
    return max(map(grams.count, set(grams)), default=0)


def test_every_puzzle_gets_a_sound_trace(rows):
    for row in rows:
        reply = teacher.answer(row, LabOptions(), Dice(row.id))
        assert tagged(reply.content) == [row.answer]
        assert [reply.content.index(phase) for phase in PHASES] == sorted(reply.content.index(p) for p in PHASES)
        assert len(reply.reasoning.split()) >= 250 and repeated(reply.reasoning) == 1
        assert all(fact in reply.reasoning for fact in row.facts)
        assert "think>" not in reply.reasoning + reply.content and "<answer>" not in reply.reasoning


def test_a_row_without_steps_gets_a_general_trace_around_its_reference():
    reply = teacher.answer(Known("a", ("Why?",), answer="gravity"), LabOptions(), Dice("a"))
    assert len(reply.reasoning.split()) >= 250 and repeated(reply.reasoning) == 1
    assert tagged(reply.content) == ["gravity"]


def test_a_row_without_a_reference_gets_no_answer_tag():
    reply = teacher.answer(Known("a", ("Describe it.",)), LabOptions(), Dice("a"))
    assert tagged(reply.content) == [] and reply.content.endswith("answer to give.")


def test_a_wrong_trace_argues_to_a_wrong_answer_to_the_end(rows):
    for row in rows:
        reply = teacher.answer(row, LabOptions(wrong=1), Dice(row.id))
        (said,) = tagged(reply.content)
        assert said in row.wrong_answers and said != row.answer
        assert f"So the answer is {said}." in reply.reasoning
        if not row.options:
            assert f"So the answer is {row.answer}." not in reply.reasoning


def test_a_wrong_step_changes_values_only_where_they_stand_alone():
    row = Known("a", ("?",), answer="5", steps=("5 + 15.5 + 0.5 is 5.", "Done."), wrong_answers=("7",))
    assert teacher.arguing_for(row, "7", Dice("a")).steps[0] == "7 + 15.5 + 0.5 is 7."


def test_a_truncated_trace_ends_in_its_thoughts(rows):
    reply = teacher.answer(rows[0], LabOptions(truncated=1), Dice("a"))
    assert reply.content is None and reply.finish_reason == "length" and "So the answer" not in reply.reasoning


def test_a_repetitive_trace_repeats_fifty_words_three_times(rows):
    for seed in range(5):
        assert repeated(teacher.answer(rows[0], LabOptions(repetitive=1), Dice(str(seed))).reasoning) >= 3


def test_a_malformed_trace_lacks_the_tag_or_thinks_twice(rows):
    contents = [teacher.answer(rows[0], LabOptions(malformed=1), Dice(str(seed))).content for seed in range(20)]
    untagged = [text for text in contents if not tagged(text)]
    thinking = [text for text in contents if "<think>" in text]
    assert untagged and thinking and len(untagged) + len(thinking) == 20


def test_a_leaky_trace_speaks_of_what_it_should_not_know(rows):
    for seed in range(5):
        thoughts = teacher.answer(rows[0], LabOptions(leaky=1), Dice(str(seed))).reasoning
        assert re.search(r"caption|provided solution|reference answer", thoughts)


def test_a_short_trace_is_right_but_short(rows):
    reply = teacher.answer(rows[0], LabOptions(short=1), Dice("a"))
    assert tagged(reply.content) == [rows[0].answer]
    assert len((reply.reasoning + reply.content).split()) < 100


def test_failures_come_at_their_rates(rows):
    options = LabOptions(wrong=0.2, truncated=0.1)
    replies = [teacher.answer(rows[0], options, Dice(str(seed))) for seed in range(400)]
    assert 60 <= sum(tagged(reply.content) not in ([], [rows[0].answer]) for reply in replies) <= 100
    assert 25 <= sum(reply.finish_reason == "length" for reply in replies) <= 60


def test_an_instruct_prompt_gets_its_thoughts_in_the_tag_it_asked_for(ask, puzzles):
    asked = about(puzzles[0])
    asked["messages"][0]["content"][-1]["text"] += "\nWrite these thoughts between <thinking> and </thinking>."
    (answer,) = ask([asked])
    assert "reasoning" not in answer.message
    assert re.match(r"<thinking>\n.+\n</thinking>\n\n### Phase 1", answer.message["content"], re.DOTALL)


def test_rates_that_add_up_to_more_than_one_are_refused():
    with pytest.raises(ValueError, match="more than 1"):
        LabOptions(wrong=0.6, short=0.6)
