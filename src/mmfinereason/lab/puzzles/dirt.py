"""Dirty questions, the way open sources deliver them and the paper's cleaning stage (section 3.1) expects them.

Each kind says what a cleaner owes: `cleaned` (rules can restore the clean question), `rejected` (not a visual reasoning
task, or incomplete) or `needs_model` (a translation). Always the same dirt for the same puzzle and kind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.puzzle import Puzzle

Expect = Literal["cleaned", "rejected", "needs_model"]


@dataclass(frozen=True)
class Dirtied:
    """A damaged question and what should become of it."""

    question: str
    kind: str
    expect: Expect


_LITTLE_WORDS = {"the", "a", "an", "of", "in", "on", "to", "at", "and", "or", "is", "are", "does", "from", "by", "with"}

Soiler = Callable[[Puzzle, Dice], str]


def dirty(puzzle: Puzzle, kind: str) -> Dirtied:
    """The puzzle's question with one kind of dirt, a key of `DIRT`."""
    soiler, expect = DIRT[kind]
    dice = Dice(f"dirt/{kind}/{puzzle.family}/{puzzle.seed}/{puzzle.index}/{puzzle.level}")
    return Dirtied(soiler(puzzle, dice), kind, expect)


def _chinese(puzzle: Puzzle, dice: Dice) -> str:
    return dice.pick(("", "如图，", "观察下图。")) + puzzle.chinese


def _link(puzzle: Puzzle, dice: Dice) -> str:
    address = (
        f"{dice.pick(('quiz', 'homework', 'exam'))}.example/{dice.pick(('q', 'item', 'p'))}/{dice.between(1, 99999)}"
    )
    return dice.pick(
        (
            f"{puzzle.question}\nhttps://www.{address}",
            _behind_stem(puzzle, f" (see https://{address})"),
            f"Source: http://{address}\n{puzzle.question}",
        )
    )


def _behind_stem(puzzle: Puzzle, words: str) -> str:
    """The question with words put behind its text, before the options."""
    stem, *options = puzzle.question.split("\n")
    return "\n".join([stem + words, *options])


def _number_and_score(puzzle: Puzzle, dice: Dice) -> str:
    number, points = dice.between(1, 40), dice.between(2, 12)
    return dice.pick(
        (
            f"{number}. ({points} points) {puzzle.question}",
            f"Question {number}: " + _behind_stem(puzzle, f" [{points} marks]"),
            f"Q{number}. " + _behind_stem(puzzle, f" ({points} pts)"),
            f"{number}) [{points} points] {puzzle.question}",
        )
    )


def _shallow(puzzle: Puzzle, dice: Dice) -> str:
    order = dice.pick(
        (
            "Answer with a single word.",
            "Answer the question using a single word or phrase.",
            "Please answer directly with only the final result.",
            "Give only the answer, no explanation.",
        )
    )
    if puzzle.options:
        order = dice.pick(
            (
                "Answer with the option's letter from the given choices directly.",
                "Please answer with the letter only.",
            )
        )
    return f"{puzzle.question}\n{order}"


def _watermark(puzzle: Puzzle, dice: Dice) -> str:
    mark = dice.pick(
        (
            "© 2019 ExamHub. All rights reserved.",
            "Downloaded from StudyPapers.example",
            "Scanned with PocketScanner",
            "www.examhub.example",
        )
    )
    return dice.pick((f"{puzzle.question}\n{mark}", f"{mark}\n{puzzle.question}"))


def _html(puzzle: Puzzle, dice: Dice) -> str:
    escaped = puzzle.question.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\n", "<br/>")
    return dice.pick(
        (
            f"<p>{escaped}</p>",
            f'<div class="question"><span style="font-size:14px">{escaped}</span></div>',
            f"<p>{escaped}&nbsp;</p><p></p>",
        )
    )


def _mojibake(puzzle: Puzzle, dice: Dice) -> str:
    """UTF-8 read as Windows-1252; a no-break space makes sure that there is something to misread."""
    words = puzzle.question.split(" ")
    at = dice.between(1, len(words) - 1)
    text = " ".join(words[:at]) + "\u00a0" + " ".join(words[at:])
    return "".join(_misread(character) for character in text)


def _misread(character: str) -> str:
    try:
        return character.encode("utf-8").decode("cp1252")
    except UnicodeDecodeError:
        return character


def _repeated_punctuation(puzzle: Puzzle, dice: Dice) -> str:
    first, *rest = puzzle.question.split("\n")
    end = first[-1] if first[-1] in ".?!" else "."
    return "\n".join([first.removesuffix(end) + end * dice.between(4, 9), *rest])


def _drawing(puzzle: Puzzle, dice: Dice) -> str:
    return dice.pick(
        (
            "Draw a larger copy of this figure in your notebook.",
            "Sketch the picture again with all labels.",
            "Complete the drawing by adding the missing part with a ruler.",
            "Draw the figure after it has been rotated by 90 degrees.",
        )
    )


def _coding(puzzle: Puzzle, dice: Dice) -> str:
    return dice.pick(
        (
            "Write a Python program that reproduces this picture with matplotlib.",
            "Write the HTML and CSS code that generates this image.",
            "Implement a function in C++ that solves the problem shown in the figure.",
            "Generate TikZ code for the figure.",
        )
    )


def _cut_off(puzzle: Puzzle, dice: Dice) -> str:
    """The first half or so of the question, up to a word that something must follow."""
    words = puzzle.question.split("\n")[0].split(" ")
    kept = words[: min(len(words) - 1, max(3, int(len(words) * dice.real(0.4, 0.8))))]
    while len(kept) > 3 and kept[-1].lower() in _LITTLE_WORDS:
        kept.pop()
    return " ".join(kept).rstrip(".?!,;:") + dice.pick((", and", " and", ", or"))


def _markdown_image(puzzle: Puzzle, dice: Dice) -> str:
    return dice.pick(
        (
            f"![](images/{dice.between(1, 9999):04d}.png)\n{puzzle.question}",
            f"{puzzle.question}\n![figure](figure_{dice.between(1, 99)}.jpg)",
        )
    )


DIRT: dict[str, tuple[Soiler, Expect]] = {
    "chinese": (_chinese, "needs_model"),
    "link": (_link, "cleaned"),
    "question_number_score": (_number_and_score, "cleaned"),
    "shallow_instruction": (_shallow, "cleaned"),
    "watermark": (_watermark, "cleaned"),
    "html": (_html, "cleaned"),
    "mojibake": (_mojibake, "cleaned"),
    "repeated_punctuation": (_repeated_punctuation, "cleaned"),
    "drawing_task": (_drawing, "rejected"),
    "coding_task": (_coding, "rejected"),
    "cut_off": (_cut_off, "rejected"),
    "markdown_image": (_markdown_image, "cleaned"),
}
"""Every kind of dirt: how it is made and what a cleaner owes."""
