"""The simulated teacher: four phases from facts over a plan and the steps to a check, ending in an answer tag.

For rows whose solution is not known step by step it argues in general terms around the reference answer. Its failures
are those that screens and verification must find.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import zip_longest

from mmfinereason.lab.knowledge import Known
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.simulated import prose
from mmfinereason.lab.wire import Reply
from mmfinereason.recipe.lab import TEACHER_FAILURES, LabOptions

LEAST_WORDS = 250
"""Words of a sound trace's thoughts, at least."""


@dataclass(frozen=True, slots=True)
class Argument:
    """What a trace argues for: observations, steps, and the answer they end in (None: no fixed answer)."""

    facts: tuple[str, ...]
    steps: tuple[str, ...]
    answer: str | None
    rivals: tuple[str, ...]


def answer(row: Known, options: LabOptions, dice: Dice, *, thinks_aloud: bool = False) -> Reply:
    """A trace for the row, with at most one of the failures in `options`.

    An instruct model that was asked to (`thinks_aloud`) writes its thoughts between `<thinking>` tags in the content.
    """
    failure = _failure(options, dice)
    argument = wrongly(row, dice) if failure == "wrong" else rightly(row)
    sound = Reply(content=solution(argument, dice), reasoning=thoughts(argument, dice), row=row.id)
    reply = _spoil(sound, argument, failure, dice)
    if not thinks_aloud:
        return reply
    closing = "" if reply.content is None else f"\n</thinking>\n\n{reply.content}"
    return replace(reply, content=f"<thinking>\n{reply.reasoning}{closing}", reasoning=None)


def rightly(row: Known) -> Argument:
    """The argument for the known answer."""
    return Argument(row.facts, row.steps, row.answer, row.wrong_answers[:2])


def wrongly(row: Known, dice: Dice) -> Argument:
    """An argument that ends consistently in a wrong answer; the right one if no wrong one can be made up."""
    return arguing_for(row, wrong_answer(row, dice) or row.answer, dice)


def arguing_for(row: Known, target: str | None, dice: Dice) -> Argument:
    """The known argument, bent where its steps name the answer, so that it ends in `target`."""
    if target is None or row.answer is None or target == row.answer:
        return rightly(row)
    steps = tuple(_swap(step, row.answer, target) for step in row.steps[:-1])
    rivals = tuple(wrong for wrong in row.wrong_answers if wrong != target)[:1]
    return Argument(row.facts, (*steps, f"So what the question asks for is {target}."), target, rivals)


def wrong_answer(row: Known, dice: Dice) -> str | None:
    """One of the row's wrong answers, else another option's letter, else a number nearby; None without an answer."""
    others = row.wrong_answers or tuple(letter for letter in letters(row) if letter != row.answer)
    if others:
        return dice.pick(others)
    if row.answer is None:
        return None
    try:
        return f"{float(row.answer) + dice.between(1, 9):g}"
    except ValueError:
        return "none of this can be determined"


def letters(row: Known) -> tuple[str, ...]:
    """The letters of the row's options; A to D where only the answer shows that it has some."""
    if row.options:
        return tuple("ABCDEFGHIJ"[: len(row.options)])
    return tuple("ABCD") if row.answer in tuple("ABCD") else ()


def thoughts(argument: Argument, dice: Dice, least: int = LEAST_WORDS) -> str:
    """Thoughts in four paragraphs of at least `least` words together, no sentence twice."""
    steps = list(argument.steps) or dice.sample(prose.GENERIC, 8)
    doubts = dice.sample(prose.DOUBTS, len(argument.rivals))
    paragraphs = [
        [dice.pick(prose.OPENINGS), *argument.facts],
        [],
        _with_remarks(steps, dice),
        [doubt.format(wrong=rival) for doubt, rival in zip(doubts, argument.rivals, strict=True)],
    ]
    banks = [dice.shuffled(bank) for bank in (prose.LOOKING, prose.PLANNING, prose.GENERIC, prose.CHECKING)]
    for turn, sentences in enumerate(zip_longest(*banks)):
        if turn >= 2 and sum(prose.words(text) for paragraph in paragraphs for text in paragraph) >= least:
            break
        for paragraph, sentence in zip(paragraphs, sentences, strict=True):
            if sentence and sentence not in steps:
                paragraph.append(sentence)
    paragraphs[3].append(f"So the answer is {argument.answer}." if argument.answer else "There is no more to say.")
    return "\n\n".join(" ".join(paragraph) for paragraph in paragraphs)


def solution(argument: Argument, dice: Dice) -> str:
    """The written solution under four headings, with the answer tag unless there is no fixed answer."""
    facts = argument.facts or dice.sample(prose.LOOKING, 2)
    steps = argument.steps or dice.sample(prose.GENERIC, 4)
    told = "\n".join(f"- {fact}" for fact in facts)
    worked = "\n".join(f"{i}. {step}" for i, step in enumerate(steps, 1))
    close = closing(argument.answer) or "There is no single fixed answer to give."
    return (
        f"### Phase 1: Comprehensive Information Extraction\n{told}\n\n"
        f"### Phase 2: Strategic Problem Setup\n{dice.pick(prose.PLANNING)}\n\n"
        f"### Phase 3: Rigorous Solution Execution\n{worked}\n\n"
        f"### Phase 4: Solution Validation\n{dice.pick(prose.CHECKING)}\n\n{close}"
    )


def closing(answer: str | None) -> str:
    """The last sentence with the answer tag; empty without an answer."""
    return f"Therefore, the final answer is <answer>{answer}</answer>." if answer else ""


def _failure(options: LabOptions, dice: Dice) -> str | None:
    left = dice.real(0, 1)
    for name in TEACHER_FAILURES:
        left -= getattr(options, name)
        if left < 0:
            return name
    return None


def _spoil(sound: Reply, argument: Argument, failure: str | None, dice: Dice) -> Reply:
    reasoning, content = sound.reasoning or "", sound.content or ""
    if failure == "truncated":
        kept = reasoning[: int(len(reasoning) * dice.real(0.3, 0.9))]
        return replace(sound, reasoning=kept, content=None, finish_reason="length")
    if failure == "repetitive":
        return replace(sound, reasoning=loop(reasoning, dice))
    if failure == "malformed":
        if dice.chance(0.5):
            return replace(sound, content=content.partition("Therefore, the final answer is")[0].rstrip())
        again = "<think>Let me go through this once more from the start.</think>\n\n"
        return replace(sound, content=again + content)
    if failure == "leaky":
        head, _, rest = reasoning.partition("\n\n")
        return replace(sound, reasoning=f"{head} {dice.pick(prose.LEAKS)}\n\n{rest}")
    if failure == "short":
        last = argument.steps[-1] if argument.steps else "This can be seen at once."
        short = f"{last}\n\n{closing(argument.answer)}".rstrip()
        return replace(sound, reasoning=f"{dice.pick(prose.OPENINGS)} {last}", content=short)
    return sound


def loop(text: str, dice: Dice) -> str:
    """The text with a passage of at least 60 words four to eight times in a row."""
    split = text.split(" ")
    start = dice.between(0, max(0, len(split) - 90))
    passage = " ".join(split[start : start + dice.between(60, 90)])
    while prose.words(passage) < 60:
        passage += " and so I look at it again"
    return "\n\n".join([text, *[passage] * dice.between(4, 8)])


def _swap(step: str, answer: str, target: str) -> str:
    """The step with the answer, where it stands as a word or value of its own, replaced."""
    return re.sub(rf"(?<![\w.]){re.escape(answer)}(?![\w]|\.\d)", lambda _: target, step)


def _with_remarks(steps: list[str], dice: Dice) -> list[str]:
    """The steps, each followed by a remark as long as there are any."""
    remarks = dice.shuffled(prose.WORKING)
    return [text for pair in zip_longest(steps, remarks[: len(steps)], fillvalue="") for text in pair if text]
