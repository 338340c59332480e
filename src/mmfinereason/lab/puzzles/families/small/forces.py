"""A block pushed to the left and to the right: the net force."""

from __future__ import annotations

from dataclasses import dataclass, field

from mmfinereason.lab.puzzles.canvas import INK, Canvas, Point
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families.small.grid import COLOURS, EMPTY, NINE, SIZE, Look, added, look, told
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family
from mmfinereason.schema import Domain

_BLOCK = 4
_SIDES = (0, 2, 3, 5, 6, 8)
_COLOUR = {"left": COLOURS["red"], "right": COLOURS["blue"]}


@dataclass(frozen=True)
class Forces:
    """Nine cells row by row: `3 left`, `5 right`, `none`, and the `block` in the middle."""

    cells: tuple[str, ...]
    look: Look = field(compare=False)
    height: float = 100.0

    def draw(self, canvas: Canvas) -> None:
        """The block, and arrows under their strengths."""
        self.look.begin(canvas)
        for cell, content in enumerate(self.cells):
            x, y = self.look.at(cell)
            if cell == _BLOCK:
                canvas.box((x - 12, y - 12), (x + 12, y + 12), fill="#b9763a", outline=INK, width=1.5)
            elif content != EMPTY:
                strength, way = content.split(" ")
                canvas.text((x, y - 4.2), strength, 23, INK, bold=True)
                _arrow(canvas, (x, y + 8.3), way)


def _arrow(canvas: Canvas, at: Point, way: str) -> None:
    (x, y), ahead = at, 1 if way == "right" else -1
    colour = _COLOUR[way]
    canvas.box((x - 12, y - 1.8), (x + 12, y + 1.8), fill=colour, outline=None)
    canvas.polygon([(x + 13 * ahead, y), (x + 2 * ahead, y - 5), (x + 2 * ahead, y + 5)], colour, outline=None)


def make(dice: Dice, level: int) -> Draft:
    """Two arrows the same way, two opposite ones, three or four both ways."""
    ways = _ways(dice, level)
    contents = {
        cell: f"{dice.between(1, 9)} {way}" for cell, way in zip(dice.sample(_SIDES, len(ways)), ways, strict=True)
    }
    cells = [contents.get(cell, "block" if cell == _BLOCK else EMPTY) for cell in NINE]
    return _asked(dice, cells).draft(Forces(tuple(cells), look(dice, reach=2)), told(cells), dice, low=0)


def _ways(dice: Dice, level: int) -> list[str]:
    if level == 1:
        return [dice.pick(("left", "right"))] * 2
    more = [dice.pick(("left", "right")) for _ in range(dice.between(1, 2))] if level == 3 else []
    return ["left", "right", *more]


def _asked(dice: Dice, cells: list[str]) -> Asked:
    left, right = _strengths(cells, "left"), _strengths(cells, "right")
    high, low = sorted((sum(left), sum(right)), reverse=True)
    question = dice.pick(
        ("How large is the net force on the block in newtons?", "What is the net force on the block, in newtons?")
    )
    steps = (
        "Add each way, then subtract.",
        f"Left: {added(left)}",
        f"Right: {added(right)}",
        f"{high} - {low} = {high - low}.",
        f"{low} + {high - low} = {high}.",
    )
    strengths = left + right
    slips = (sum(strengths), high, low) if low else (abs(strengths[0] - strengths[1]), *strengths)
    return Asked(question, "木块所受的合力是多少牛？", high - low, slips, steps, (len(strengths) - 1) / 4)


def _strengths(cells: list[str], way: str) -> list[int]:
    return [int(content.split(" ")[0]) for content in cells if content.endswith(f" {way}")]


FAMILY = Family("small_forces", Domain.SCIENCE, "Physics / Mechanics Diagram", (0.1, 0.8), make, SIZE)
