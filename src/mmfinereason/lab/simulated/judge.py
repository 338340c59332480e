"""The simulated judge: compares the two answers in the prompt by the rules of `answers`, in either judge's dialect.

It needs to know no row. The prompt's blocks `reference` and `answer` are compared, or the sections of the prompt that
CompassVerifier was trained with.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mmfinereason.lab.chat import ChatRequest, Refusal
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.wire import Reply

_SECTION = r"<{0} Begin>\s*:?\s*(.*?)\s*<{0} End>"
_REFERENCE = re.compile(_SECTION.format("Standard Answer"), re.DOTALL)
_ANSWER = re.compile(_SECTION.format("Candidate's Answer"), re.DOTALL)
_WORD = re.compile(r"\w+")
_OPTION = re.compile(r"^\s*\(?[A-H][.):]\s*(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Pair:
    """The two answers to compare, with the question and its options as far as the prompt gives them."""

    reference: str
    answer: str
    question: str = ""
    options: tuple[str, ...] = ()


def answer(request: ChatRequest, error_rate: float, dice: Dice) -> Reply:
    """A judgment in the dialect that the prompt asks for; the opposite of the truth at the error rate.

    Raises:
        Refusal: 422 when the prompt holds no two answers.
    """
    given = pair(request)
    same = agrees(given) != dice.chance(error_rate)
    return Reply(content=judgment(request, given, same))


def pair(request: ChatRequest) -> Pair:
    """The two answers in a judge's prompt.

    Raises:
        Refusal: 422 when they are not found.
    """
    blocks = request.blocks
    if "reference" in blocks and "answer" in blocks:
        options = tuple(_OPTION.findall(blocks.get("options", "")))
        return Pair(blocks["reference"], blocks["answer"], blocks.get("question", ""), options)
    reference, given = _REFERENCE.search(request.prompt), _ANSWER.search(request.prompt)
    if reference and given:
        return Pair(reference[1], given[1])
    raise Refusal(422, "no_answers", "the prompt holds no blocks `reference` and `answer` to compare")


def agrees(given: Pair) -> bool:
    """Whether both answers say the same: by the rules, or, where these are unsure, if one contains the other."""
    from mmfinereason.answers import agree

    verdict = agree(given.reference, given.answer, question=given.question, options=given.options, symbolic=None)
    if verdict.outcome != "undecided":
        return verdict.outcome == "equal"
    reference, answer = (" ".join(_WORD.findall(text.casefold())) for text in (given.reference, given.answer))
    return bool(reference and answer) and (f" {reference} " in f" {answer} " or f" {answer} " in f" {reference} ")


def judgment(request: ChatRequest, given: Pair, same: bool) -> str:
    """The words of the verdict."""
    relation = "the same as" if same else "not the same as"
    analysis = f"Analysis: The answer “{given.answer[:80]}” is {relation} the reference “{given.reference[:80]}”."
    if "EQUIVALENT" in request.prompt:
        return f"{analysis}\nJudgment: {'EQUIVALENT' if same else 'DIFFERENT'}"
    letter, word = ("C", "INVALID") if not given.answer.strip() else ("A", "CORRECT") if same else ("B", "INCORRECT")
    return f"{analysis}\nFinal Judgment: \\boxed{{{letter}}} - {word}" if "\\boxed" in request.prompt else letter
