"""What all small pictures share: a grid of three by three cells, and a look that carries no meaning.

A scene keeps its look out of comparisons, so that two scenes are equal when they show the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mmfinereason.lab.puzzles.canvas import GREY, Canvas, Point
from mmfinereason.lab.puzzles.dice import Dice

SIZE = 96
"""Pixels a side of a small picture, 32 of them a cell."""
ROWS = ("top", "middle", "bottom")
COLUMNS = ("left", "middle", "right")
COLOURS = {"red": "#d81e1e", "blue": "#1f55e0", "green": "#0f9d3a", "black": "#16181d"}
CHINESE_COLOURS = {"red": "红色", "blue": "蓝色", "green": "绿色", "black": "黑色"}
EMPTY = "none"
NINE = tuple(range(9))
"""The cells by number, row by row."""

_PIXEL = 100 / SIZE
_CELL = 100 / 3
_GROUNDS = ("#ffffff", "#fdf6e3", "#eef5fc", "#f0f7ec", "#f7f0f8")


@dataclass(frozen=True)
class Look:
    """The ground of a picture, and how far the content of each cell is from its middle, in units."""

    ground: str
    offsets: tuple[Point, ...]

    def begin(self, canvas: Canvas) -> None:
        """Fill the ground."""
        canvas.box((-1, -1), (101, 101), fill=self.ground, outline=None)

    def rule(self, canvas: Canvas) -> None:
        """The lines between the cells."""
        for edge in (_CELL, 2 * _CELL):
            canvas.line([(edge, 3), (edge, 97)], GREY, 1.0)
            canvas.line([(3, edge), (97, edge)], GREY, 1.0)

    def at(self, cell: int) -> Point:
        """Where the content of a cell stands."""
        (x, y), (dx, dy) = centre(cell), self.offsets[cell]
        return (x + dx, y + dy)


def look(dice: Dice, reach: int = 3) -> Look:
    """A ground, and offsets of at most `reach` pixels each way."""
    offsets = tuple((dice.between(-reach, reach) * _PIXEL, dice.between(-reach, reach) * _PIXEL) for _ in NINE)
    return Look(dice.pick(_GROUNDS), offsets)


def centre(cell: int) -> Point:
    """The middle of a cell."""
    row, column = divmod(cell, 3)
    return ((column + 0.5) * _CELL, (row + 0.5) * _CELL)


def rows(cells: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Nine cells as three rows."""
    return tuple(tuple(cells[i : i + 3]) for i in (0, 3, 6))


def told(cells: Sequence[str], between: str = ", ") -> tuple[str, ...]:
    """`Top: red star, none, blue circle.` and so on, one sentence a row."""
    return tuple(f"{name.title()}: {between.join(row)}." for name, row in zip(ROWS, rows(cells), strict=True))


def added(numbers: Sequence[int]) -> str:
    """`4 + 7 = 11. 11 + 1 = 12.`, one addition at a time; `0.` of nothing."""
    total, parts = sum(numbers[:1]), []
    for number in numbers[1:]:
        parts.append(f"{total} + {number} = {total + number}.")
        total += number
    return " ".join(parts) or f"{total}."
