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
from mmfinereason.lab.puzzles.puzzle import LEVELS
from mmfinereason.lab.puzzles.short import short_caption, short_trace

Kind = Literal["caption", "answer", "trace"]
CAPTION_PROMPT = "Describe the picture."


@dataclass(frozen=True, slots=True)
class Lesson:
    """A picture, what is asked, and what is to be said."""

    image: Image.Image
    prompt: str
    reply: str


@dataclass(frozen=True, slots=True)
class Course:
    """Which lessons: kinds and levels by their weights. All are of the world's training part."""

    kinds: dict[Kind, int]
    levels: tuple[int, ...] = LEVELS
    seed: int = 0

    def lesson(self, number: int) -> Lesson:
        """Lesson `number`."""
        dice = Dice(f"lesson/{self.seed}/{number}")
        kind = dice.pick([kind for kind, weight in self.kinds.items() for _ in range(weight)])
        family, level = dice.pick(tuple(SMALL)), dice.pick(self.levels)
        puzzle = generate(family, seed=self.seed, index=number, level=level, multiple_choice=False, part="train")
        return Lesson(puzzle.draw(), *_said(kind, puzzle))


def _said(kind: Kind, puzzle: Puzzle) -> tuple[str, str]:
    if kind == "caption":
        return CAPTION_PROMPT, short_caption(puzzle)
    if kind == "trace":
        return puzzle.question, short_trace(puzzle)
    return puzzle.question, f"Therefore, the final answer is <answer>{puzzle.answer}</answer>."


def words() -> Iterator[str]:
    """Texts with all words of the world, for a tokenizer."""
    yield CAPTION_PROMPT
    for family in SMALL:
        for index in range(60):
            puzzle = generate(family, seed=0, index=index, multiple_choice=False, part="train")
            yield from (puzzle.question, short_caption(puzzle), short_trace(puzzle))
