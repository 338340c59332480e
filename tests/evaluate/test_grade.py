import asyncio
from types import SimpleNamespace

import pytest

from mmfinereason.answers import Tolerance
from mmfinereason.evaluate import rubric
from mmfinereason.evaluate.grade import Verifier, by_rules
from mmfinereason.evaluate.items import Item
from mmfinereason.models import Failure, Reply
from mmfinereason.schema import Reason


def reply(text, finish="stop", reasoning=""):
    return Reply(
        "key", reasoning, text, finish, 10, 20, 5, 0.0, 0.1, "here", "m", "plain@1", 0.0, 100, 1, 1, '{"content": ""}'
    )


def failure(reason):
    return Failure("key", reason, "gone", 3, 0.0, "here", "m", "plain@1", 0.0, 100, 1)


def graded(item, said):
    return by_rules(item, said if not isinstance(said, str) else reply(said), Tolerance())


def item(reference, kind="value", **values):
    return Item("1", "What?", reference, b"", kind=kind, **values)


OPTIONS = ("12", "15", "18")


@pytest.mark.parametrize(
    ("kind", "reference", "said", "outcome"),
    [
        ("value", "15", "So \\boxed{15}.", "correct"),
        ("value", "15", "The answer is 16.", "wrong"),
        ("letters", "A, C", "\\boxed{A, C}", "correct"),
        ("letters", "A, C", "\\boxed{CA}", "correct"),
        ("letters", "A, C", "\\boxed{A}", "wrong"),
        ("letters", "B", "Answer: \\boxed{B}", "correct"),
        ("letters", "B", "\\boxed{D}", "wrong"),
        ("letters", "B", "\\boxed{the second figure}", "undecided"),
        ("yes_no", "Yes", "\\boxed{yes}", "correct"),
        ("yes_no", "Yes", "No, because the light\nis red, and the car waits for it to turn green again.", "wrong"),
        ("yes_no", "Yes", "It may be yes or no; I cannot tell which of these two\nit is.", "undecided"),
        ("chart", "Not Applicable", "\\boxed{N/A}", "correct"),
        ("chart", "Not Applicable", "\\boxed{3}", "wrong"),
        ("chart", "3", "\\boxed{Not applicable}", "wrong"),
        ("chart", "Time (s)", "\\boxed{time (s)}", "correct"),
    ],
)
def test_each_kind_of_question_has_its_rule(kind, reference, said, outcome):
    assert graded(item(reference, kind), said).outcome == outcome


@pytest.mark.parametrize(
    ("said", "outcome"), [("B", "correct"), ("15", "correct"), ("(B) 15", "correct"), ("C", "wrong"), ("18", "wrong")]
)
def test_options_are_read_by_letter_and_by_text(said, outcome):
    assert graded(item("B", "option", options=OPTIONS), f"\\boxed{{{said}}}").outcome == outcome


@pytest.mark.parametrize(
    ("said", "outcome"),
    [("3.142", "correct"), ("\\pi", "correct"), ("3.14", "wrong"), ("3.1425", "correct"), ("about three", "undecided")],
)
def test_dynamath_floats_are_right_within_a_thousandth(said, outcome):
    assert graded(item("3.142", within=0.001), f"<answer>{said}</answer>").outcome == outcome


def test_thoughts_are_never_graded():
    assert graded(item("15"), reply("", reasoning="It is \\boxed{15}.")).outcome == "no_answer"
    assert graded(item("15"), reply("\\boxed{16}", reasoning="It is \\boxed{15}.")).outcome == "wrong"


def test_a_truncated_reply_is_counted_apart_whatever_it_says():
    assert graded(item("15"), reply("\\boxed{15}", finish="length")).outcome == "truncated"
    assert graded(item("15"), failure(Reason.TRUNCATED)).outcome == "truncated"


def test_a_reply_that_never_came_is_no_wrong_answer_in_the_books():
    assert graded(item("15"), failure(Reason.TIMEOUT)).outcome == "failed"


class Judge:
    """A client whose judge says the same each time."""

    def __init__(self, said):
        self.said, self.asked = said, []

    async def ask(self, request, journal):
        self.asked.append(request)
        return reply(self.said)


def judged(one, said, client, judges=("judge",)):
    verifier = Verifier(Tolerance(), judges)
    return asyncio.run(verifier.grade(one, reply(said), client, SimpleNamespace()))


def test_only_what_the_rules_leave_open_goes_to_the_judge():
    client = Judge("Final Judgment: \\boxed{A} - CORRECT")
    assert judged(item("15"), "\\boxed{15}", client).method == "number" or not client.asked
    grade = judged(item("a red car", "chart"), "\\boxed{an automobile painted red}", client)
    assert (grade.outcome, grade.method, grade.judge_calls) == ("correct", "judge", 1)
    assert "an automobile painted red" in client.asked[0].text


def test_without_a_judge_it_stays_undecided():
    client = Judge("")
    assert judged(item("a red car"), "\\boxed{an automobile painted red}", client, ()).outcome == "undecided"
    assert not client.asked


def test_a_benchmarks_own_rubric_is_asked_where_it_has_one():
    client = Judge('{"extract_answer": "an automobile", "score": 0}')
    one = item("a red car", "chart", rubric="Grade this: {PREDICTION}. Reply in JSON.")
    grade = judged(one, "\\boxed{an automobile painted red}", client)
    assert (grade.outcome, grade.method) == ("wrong", "rubric")
    assert client.asked[0].text == "Grade this: an automobile painted red. Reply in JSON."


@pytest.mark.parametrize(
    ("text", "score"),
    [('{"score": 1}', 1), ('```json\n{"score": 0}\n```', 0), ('{"score": 0.5}', None), ("{", None), ("one", None)],
)
def test_a_rubrics_score_is_read_strictly(text, score):
    assert rubric.read(text) == score
