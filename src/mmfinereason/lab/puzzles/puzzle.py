"""What a puzzle is, and how one is made from a family's draft.

A family invents a scene and writes a `Draft`: the question in English and Chinese, the exact answer, plausible wrong
answers, what is to be seen, and the solution. `assemble` turns the draft into a free-form or a multiple-choice
`Puzzle`. The picture is drawn from the scene only when asked for, so that all knowledge is cheap.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from PIL import Image

from mmfinereason.lab.puzzles.canvas import Canvas
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.words import misses, with_unit
from mmfinereason.schema import Domain

LEVELS = (1, 2, 3)
LETTERS = "ABCDEFGH"
DEFAULT_SIZE = 448
"""Longest side of a picture in pixels."""


class Scene(Protocol):
    """The state behind a picture; a frozen dataclass that can draw itself."""

    @property
    def height(self) -> float:
        """Height of the picture in units; the width is always 100."""

    def draw(self, canvas: Canvas) -> None:
        """Draw on a canvas of 100 x `height` units."""


@dataclass(frozen=True)
class Draft:
    """A puzzle as its family writes it, before it becomes free-form or multiple choice."""

    scene: Scene
    question: str
    chinese: str
    answer: str
    wrong: tuple[str, ...]
    facts: tuple[str, ...]
    steps: tuple[str, ...]
    effort: float = 0.5
    """How hard it is within its level, 0 to 1."""


@dataclass(frozen=True)
class Family:
    """One kind of puzzle. `span` is the range of difficulty from the easiest level 1 to the hardest level 3."""

    name: str
    domain: Domain
    category: str
    span: tuple[float, float]
    make: Callable[[Dice, int], Draft]
    size: int = DEFAULT_SIZE


@dataclass(frozen=True)
class Puzzle:
    """A question about a picture, with everything known about it.

    `answer` is exact (the letter when there are `options`); `facts` say what is to be seen, `steps` solve the question
    and end in the answer; `wrong_answers` have the form of the answer; `difficulty` runs from 0 (easy) to 1 (hard).
    """

    family: str
    level: int
    index: int
    seed: int
    question: str
    answer: str
    options: tuple[str, ...]
    domain: str
    category: str
    facts: tuple[str, ...]
    steps: tuple[str, ...]
    wrong_answers: tuple[str, ...]
    difficulty: float
    chinese: str
    scene: Scene = field(repr=False)
    size: int = field(default=DEFAULT_SIZE, repr=False)

    def draw(self, size: int | None = None) -> Image.Image:
        """The picture in RGB, its longest side `size` pixels (unless told 448, of a small puzzle 96)."""
        canvas = Canvas(height=self.scene.height, size=size or self.size)
        self.scene.draw(canvas)
        return canvas.image()


def assemble(family: Family, draft: Draft, dice: Dice, *, key: tuple[int, int, int], choice: bool) -> Puzzle:
    """The puzzle of a draft; `key` is (seed, index, level)."""
    seed, index, level = key
    wrong = tuple(dict.fromkeys(w for w in draft.wrong if w != draft.answer))
    if len(wrong) < 3:
        raise ValueError(f"{family.name} gave only {len(wrong)} wrong answers for {draft.question!r}")
    low, high = family.span
    difficulty = low + (high - low) * (level - 1 + draft.effort) / len(LEVELS)
    question, chinese, answer, steps = draft.question, draft.chinese, draft.answer, draft.steps
    options: tuple[str, ...] = ()
    if choice:
        options = _options(draft.answer, wrong, dice)
        letters = LETTERS[: len(options)]
        answer = letters[options.index(draft.answer)]
        lines = "".join(f"\n{letter}. {text}" for letter, text in zip(letters, options, strict=True))
        question, chinese = question + lines, chinese + lines
        steps = (*steps, f"Among the options this is {answer}.")
        wrong = tuple(letter for letter in letters if letter != answer)
        difficulty *= 0.9
    return Puzzle(
        family=family.name,
        level=level,
        index=index,
        seed=seed,
        question=question,
        answer=answer,
        options=options,
        domain=family.domain.value,
        category=family.category,
        facts=draft.facts,
        steps=steps,
        wrong_answers=wrong,
        difficulty=round(min(1.0, max(0.0, difficulty)), 4),
        chinese=chinese,
        scene=draft.scene,
        size=family.size,
    )


def _options(answer: str, wrong: tuple[str, ...], dice: Dice) -> tuple[str, ...]:
    """Three or four of the wrong answers and the right one, shuffled."""
    count = 4 if len(wrong) > 3 and dice.chance(0.25) else 3
    return tuple(dice.shuffled([answer, *wrong[:count]]))


@dataclass(frozen=True)
class Asked:
    """A question with a whole number for an answer; `slips` are results of typical mistakes."""

    question: str
    chinese: str
    answer: int
    slips: tuple[int, ...]
    steps: tuple[str, ...]
    effort: float

    def draft(self, scene: Scene, facts: tuple[str, ...], dice: Dice, unit: str = "", low: int = 1) -> Draft:
        """The draft of this question about a scene, its numbers in `unit`."""
        wrong = misses(self.answer, dice, unit, self.slips, low)
        answer = with_unit(self.answer, unit)
        return Draft(scene, self.question, self.chinese, answer, wrong, facts, self.steps, self.effort)
