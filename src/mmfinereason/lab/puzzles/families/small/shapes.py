"""Counting a few coloured shapes: all of them, those of a colour, and by exclusion or difference."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from mmfinereason.lab.puzzles.canvas import Canvas, Point
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families.shapes import outline, plural
from mmfinereason.lab.puzzles.families.small.grid import (
    CHINESE_COLOURS,
    COLOURS,
    EMPTY,
    NINE,
    ROWS,
    SIZE,
    Look,
    added,
    look,
    rows,
    told,
)
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family
from mmfinereason.schema import Domain

_SHAPES = ("circle", "square", "triangle", "star")
_CHINESE = {"circle": "圆形", "square": "正方形", "triangle": "三角形", "star": "五角星"}
_RADIUS = {"circle": 11.5, "square": 15.0, "triangle": 14.0, "star": 13.0}
_LOWER = {"square": 0, "triangle": 3, "star": 1}
_PRESENT = {1: (1, 5), 2: (3, 7), 3: (5, 9)}


@dataclass(frozen=True)
class Shapes:
    """Nine cells row by row, each with a `red star` or `none`."""

    cells: tuple[str, ...]
    look: Look = field(compare=False)
    height: float = 100.0

    def draw(self, canvas: Canvas) -> None:
        """Every shape in its cell."""
        self.look.begin(canvas)
        for cell, content in enumerate(self.cells):
            if content != EMPTY:
                colour, shape = content.split(" ")
                _stamp(canvas, shape, self.look.at(cell), COLOURS[colour])


def _stamp(canvas: Canvas, shape: str, at: Point, fill: str) -> None:
    """A shape without an edge, which would hide its colour at this size; shapes with corners sit a bit low."""
    if shape == "circle":
        canvas.circle(at, _RADIUS[shape], fill=fill, outline=None)
        return
    lower = (at[0], at[1] + _LOWER[shape])
    canvas.polygon(outline(shape, lower, _RADIUS[shape]), fill=fill, outline=None)


def make(dice: Dice, level: int) -> Draft:
    """1 to 5 shapes at level 1, 3 to 7 at level 2, 5 to 9 at level 3; of two or three colours and shapes."""
    count = dice.between(*_PRESENT[level])
    colours = dice.sample(tuple(COLOURS), dice.between(2, 3))
    kinds = dice.sample(_SHAPES, dice.between(2, 3))
    cells = [EMPTY] * 9
    for cell in dice.sample(NINE, count):
        cells[cell] = f"{dice.pick(colours)} {dice.pick(kinds)}"
    scene = Shapes(tuple(cells), look(dice))
    task = dice.pick(((_all,), (_of_colour,), (_neither, _difference))[level - 1])
    return task(dice, scene.cells, colours).draft(scene, told(cells), dice, low=0)


def _all(dice: Dice, cells: tuple[str, ...], colours: list[str]) -> Asked:
    found, work = _counted(cells, lambda content: True)
    question = dice.pick(("How many shapes are there?", "Count all the shapes."))
    check = f"Empty cells {9 - found}: 9 - {9 - found} = {found}."
    steps = ("Count all shapes.", f"{work}.", check)
    return Asked(question, "图中一共有多少个图形？", found, (9 - found,), steps, found / 6)


def _of_colour(dice: Dice, cells: tuple[str, ...], colours: list[str]) -> Asked:
    colour = dice.pick(colours)
    total = _present(cells)
    found, work = _counted(cells, lambda content: colour in content)
    question = dice.pick((f"How many {colour} shapes are there?", f"Count the {colour} shapes."))
    check = f"Other shapes {total - found} of {total}: {total} - {total - found} = {found}."
    steps = (f"Count the {colour} shapes.", f"{work}.", check)
    return Asked(question, f"图中有多少个{CHINESE_COLOURS[colour]}图形？", found, (total, total - found), steps, 0.5)


def _neither(dice: Dice, cells: tuple[str, ...], colours: list[str]) -> Asked:
    colour, shape = dice.pick([content for content in cells if content != EMPTY]).split(" ")
    total = _present(cells)
    found, work = _counted(cells, lambda content: colour not in content and shape not in content)
    many = plural(shape, 2).removeprefix("2 ")
    question = dice.pick(
        (f"How many shapes are neither {colour} nor {many}?", f"Count the shapes that are not {colour} and not {many}.")
    )
    check = f"{colour.title()} or {shape} {total - found} of {total}: {total} - {total - found} = {found}."
    steps = (f"Count shapes not {colour} and not {shape}.", f"{work}.", check)
    chinese = f"既不是{CHINESE_COLOURS[colour]}也不是{_CHINESE[shape]}的图形有多少个？"
    return Asked(question, chinese, found, (total - found, total), steps, 0.8)


def _difference(dice: Dice, cells: tuple[str, ...], colours: list[str]) -> Asked:
    one, two = dice.sample(colours, 2)
    first, first_work = _counted(cells, lambda content: one in content)
    second, second_work = _counted(cells, lambda content: two in content)
    high, low = max(first, second), min(first, second)
    question = dice.pick(
        (
            f"What is the difference between the numbers of {one} and {two} shapes?",
            f"By how many do the {one} and the {two} shapes differ?",
        )
    )
    steps = (
        f"Count {one} and {two}, then subtract.",
        f"{one.title()}: {first_work}.",
        f"{two.title()}: {second_work}.",
        f"{high} - {low} = {high - low}.",
        f"{low} + {high - low} = {high}.",
    )
    chinese = f"{CHINESE_COLOURS[one]}与{CHINESE_COLOURS[two]}图形的数量相差多少？"
    return Asked(question, chinese, high - low, (high, low, high + low), steps, 0.6)


def _present(cells: tuple[str, ...]) -> int:
    return 9 - cells.count(EMPTY)


def _counted(cells: tuple[str, ...], test: Callable[[str], bool]) -> tuple[int, str]:
    """How many shapes pass the test, and `Top 1, middle 0, bottom 2: 1 + 0 = 1. 1 + 2 = 3`."""
    counts = [sum(content != EMPTY and test(content) for content in row) for row in rows(cells)]
    places = ", ".join(f"{name} {count}" for name, count in zip(ROWS, counts, strict=True)).capitalize()
    return sum(counts), f"{places}: {added(counts)}".removesuffix(".")


FAMILY = Family("small_shapes", Domain.PUZZLE, "Spatial Reasoning Scene", (0.1, 0.8), make, SIZE)
