"""The step that asks the cleaner model, with the model played by functions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

import pytest

from mmfinereason.collect.consult import Prompts, _Consult, _Row
from mmfinereason.collect.consulted import Change
from mmfinereason.context import Context
from mmfinereason.models import Failure, Reply, Request
from mmfinereason.recipe import Recipe
from mmfinereason.schema import Reason
from mmfinereason.store import Run

CHINESE = "<image>观察下图，图中阴影部分的面积是多少平方厘米？请写出计算的过程和结果。"


class Cleaner:
    def __init__(self, say: Callable[[Request], str | None]) -> None:
        self.say = say
        self.asked: list[Request] = []

    async def ask(self, request: Request, journal: object) -> Reply | Failure:
        self.asked.append(request)
        said = self.say(request)
        if said is None:
            return Failure("k", Reason.TIMEOUT, "600 s", 6, 0.0, "u", "m", request.prompt, None, None, None)
        return Reply("k", "", said, "stop", 1, 1, 0, 0.0, 0.1, "u", "m", request.prompt, None, None, None, 1, "{}")


def change(say: Callable[[Request], str | None], **row: Any) -> tuple[Change | None, list[Request]]:
    recipe = Recipe.model_validate({"name": "t", "sources": [{"use": "puzzles"}]})
    context = Context(Run("memory://consult"), recipe)
    cleaner = Cleaner(say)
    work = _Consult(context, cast(Any, cleaner), Prompts.of(context))
    values = {"row": 3, "question": CHINESE, "options": (), "solution": "", "needs": frozenset({"translate"})} | row
    return asyncio.run(work._change(cast(Any, None), _Row(**values))), cleaner.asked


TRANSLATED = '{"error_type": "translation", "corrected_text": "What is the area of the shaded part in the figure?"}'


def test_a_translation_replaces_the_question_and_is_noted() -> None:
    found, asked = change(lambda request: TRANSLATED)
    question = "<image>What is the area of the shaded part in the figure?"
    assert found == Change(3, question=question, edits=("cleaner:translation",))
    assert asked[0].image is None and "<image>" not in asked[0].text


def test_a_rejected_question_leaves() -> None:
    found, _ = change(lambda request: '{"error_type": "non-answer question", "corrected_text": ""}')
    assert found == Change(3, reason="cleaner_rejected", detail="non-answer question")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("Sure! Here is it.", "neither 'No Problem' nor JSON"),
        ("No Problem", "it found no problem"),
        (
            '{"error_type": "translation", "corrected_text": "图中阴影部分的面积是多少平方厘米？请写出过程。"}',
            "not in English",
        ),
        (None, "timeout: 600 s"),
    ],
)
def test_what_stays_untranslated_leaves_with_the_reason(said: str | None, why: str) -> None:
    found, asked = change(lambda request: said)
    assert found is not None and found.reason == "not_english" and why in found.detail
    assert len(asked) == (1 if said is None else 2)


def test_an_unreadable_reply_is_asked_for_once_more() -> None:
    found, asked = change(lambda request: "Hm." if request.attempt == 0 else TRANSLATED)
    assert found is not None and found.question and len(asked) == 2


def test_an_english_question_that_could_not_be_cleaned_stays_as_it_is() -> None:
    assert change(lambda request: "Hm.", question="<image>EF = cm.", needs=frozenset({"clean"}))[0] is None
    kept, _ = change(lambda request: "No Problem", question="<image>EF = cm.", needs=frozenset({"clean"}))
    assert kept == Change(3)


def test_a_short_answer_is_found_in_a_long_solution() -> None:
    needs = frozenset({"answer"})
    solution = "First we add. </solution-00000000> Then the answer is 12."
    found, asked = change(
        lambda request: "<answer>12</answer>", question="<image>How many?", solution=solution, needs=needs
    )
    assert found == Change(3, answer="12", edits=("cleaner:answer",))
    assert solution in asked[0].text
    nothing, _ = change(lambda request: "<answer></answer>", question="<image>Why?", solution=solution, needs=needs)
    assert nothing is None


def test_question_and_answer_may_both_be_needed() -> None:
    found, asked = change(
        lambda request: TRANSLATED if request.prompt.startswith("clean@") else "<answer>7</answer>",
        solution="七",
        needs=frozenset({"translate", "answer"}),
    )
    assert found is not None and found.answer == "7" and found.edits == ("cleaner:translation", "cleaner:answer")
    assert len(asked) == 2
