"""What tiny models are taught: pictures of the small world with something to say about them.

A lesson is a function of (seed, number) alone, so that a school can draw as many as it wants, in any process.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from mmfinereason.lab.puzzles import SMALL, Puzzle, generate
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families.small.grid import COLOURS, COLUMNS, ROWS, SIZE
from mmfinereason.lab.puzzles.families.small.tags import ITEMS
from mmfinereason.lab.puzzles.puzzle import LEVELS
from mmfinereason.lab.puzzles.short import short_caption, short_trace

Kind = Literal["caption", "answer", "trace", "work", "read"]
"""To describe, to answer at once, to reason; and without a picture, to work with what is told, and to find what stands
beside a word."""
CAPTION_PROMPT = "Describe the picture."
NUMBERS = range(54)
"""No sum of the world is larger: six digits of two rows."""
NAMES = (*ITEMS, *COLOURS, *COLUMNS)
"""What can stand beside a number."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A picture, if there is one, what is asked, and what is to be said."""

    image: Image.Image | None
    prompt: str
    reply: str


@dataclass(frozen=True, slots=True)
class Course:
    """Which lessons: kinds by weight, levels and sizes as often as they are named. All are of the training part."""

    kinds: dict[Kind, int]
    levels: tuple[int, ...] = LEVELS
    """Of what is reasoned about; pictures of every level are described."""
    sizes: tuple[int, ...] = (SIZE,)
    """Pixels a side."""
    seed: int = 0

    def lesson(self, number: int) -> Lesson:
        """Lesson `number`."""
        dice = Dice(f"lesson/{self.seed}/{number}")
        kind = dice.pick([kind for kind, weight in self.kinds.items() for _ in range(weight)])
        if kind == "read":
            return _reading(dice)
        family, level = dice.pick(tuple(SMALL)), dice.pick(LEVELS if kind == "caption" else self.levels)
        puzzle = generate(family, seed=self.seed, index=number, level=level, multiple_choice=False, part="train")
        if kind == "work":
            return Lesson(None, f"{' '.join(puzzle.facts)} {puzzle.question}", " ".join(puzzle.steps[1:-1]))
        return Lesson(puzzle.draw(dice.pick(self.sizes)), *_said(kind, puzzle))


def _said(kind: Kind, puzzle: Puzzle) -> tuple[str, str]:
    if kind == "caption":
        return CAPTION_PROMPT, short_caption(puzzle)
    if kind == "trace":
        return puzzle.question, short_trace(puzzle)
    return puzzle.question, f"Therefore, the final answer is <answer>{puzzle.answer}</answer>."


def _reading(dice: Dice) -> Lesson:
    """`Top: TEA 4. Middle: red 7. Bottom: left 2.` is told, and two of these are asked for.

    To look things up is a skill that pictures alone teach very slowly.
    """
    listed = [f"{name} {dice.between(0, 12)}" for name in dice.sample(NAMES, dice.between(3, 6))]
    told = " ".join(f"{ROWS[at % 3].title()}: {one}." for at, one in enumerate(listed))
    wanted = dice.sample(listed, 2)
    return Lesson(None, f"{told} {', '.join(one.split()[0] for one in wanted)}?", f"{', '.join(wanted)}.")


def words() -> Iterator[str]:
    """Texts with all words and numbers of the world, for a tokenizer."""
    yield CAPTION_PROMPT
    yield from (f" {number}" for number in NUMBERS)
    yield from map(str, NUMBERS)
    for family in SMALL:
        for index in range(60):
            puzzle = generate(family, seed=0, index=index, multiple_choice=False, part="train")
            yield from (puzzle.question, short_caption(puzzle), short_trace(puzzle))
