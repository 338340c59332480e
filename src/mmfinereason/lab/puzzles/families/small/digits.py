"""A table of nine digits: one of them, the sum of a line, comparisons of rows."""

from __future__ import annotations

from dataclasses import dataclass, field

from mmfinereason.lab.puzzles.canvas import INK, Canvas
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families.small.grid import (
    COLUMNS,
    NINE,
    ROWS,
    SIZE,
    Look,
    added,
    look,
    told,
)
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family
from mmfinereason.schema import Domain

_ORDER = "一二三"
_HEIGHT = 31.0
"""Font size in units, which makes digits 22 pixels high."""


@dataclass(frozen=True)
class Digits:
    """Nine digits row by row."""

    cells: tuple[int, ...]
    look: Look = field(compare=False)
    height: float = 100.0

    def draw(self, canvas: Canvas) -> None:
        """A digit in each cell."""
        self.look.begin(canvas)
        self.look.rule(canvas)
        for cell, digit in enumerate(self.cells):
            canvas.text(self.look.at(cell), str(digit), _HEIGHT, INK, bold=True)


def make(dice: Dice, level: int) -> Draft:
    """Digits from 1 to 9."""
    cells = tuple(dice.between(1, 9) for _ in NINE)
    scene = Digits(cells, look(dice, reach=2))
    asked = dice.pick(((_one,), (_line,), (_range, _apart))[level - 1])(dice, cells)
    return asked.draft(scene, told([str(digit) for digit in cells], " "), dice, low=0)


def _row(cells: tuple[int, ...], row: int) -> list[int]:
    return list(cells[3 * row : 3 * row + 3])


def _column(cells: tuple[int, ...], column: int) -> list[int]:
    return list(cells[column::3])


def _spaced(digits: list[int]) -> str:
    return " ".join(map(str, digits))


def _one(dice: Dice, cells: tuple[int, ...]) -> Asked:
    at = dice.pick(NINE)
    row, column = divmod(at, 3)
    place = "middle" if at == 4 else f"{ROWS[row]} {COLUMNS[column]}"
    question = dice.pick((f"Which number is in the {place}?", f"What number do you see in the {place}?"))
    steps = (
        f"Read the {place}.",
        f"{ROWS[row].title()} row: {_spaced(_row(cells, row))}. Its {COLUMNS[column]} is {cells[at]}.",
        f"{COLUMNS[column].title()} column: {_spaced(_column(cells, column))}. Its {ROWS[row]} is {cells[at]}.",
    )
    chinese = f"第{_ORDER[row]}行第{_ORDER[column]}列的数字是多少？"
    slips = (cells[3 * column + row], *_row(cells, row), *_column(cells, column))
    return Asked(question, chinese, cells[at], slips, steps, 0.5)


def _line(dice: Dice, cells: tuple[int, ...]) -> Asked:
    at = dice.between(0, 2)
    if dice.chance(0.5):
        name, digits, chinese = f"{ROWS[at]} row", _row(cells, at), f"第{_ORDER[at]}行"
    else:
        name, digits, chinese = f"{COLUMNS[at]} column", _column(cells, at), f"第{_ORDER[at]}列"
    question = dice.pick((f"What is the sum of the {name}?", f"Add the numbers of the {name}."))
    total = sum(digits)
    steps = (
        f"Add the {name}.",
        f"{name.capitalize()}: {_spaced(digits)}.",
        added(digits),
        f"Backward: {added(digits[::-1])}",
    )
    slips = (total - digits[0], total - digits[2], sum(_row(cells, at)), sum(_column(cells, at)))
    return Asked(question, f"{chinese}数字之和是多少？", total, slips, steps, total / 28)


def _range(dice: Dice, cells: tuple[int, ...]) -> Asked:
    row = dice.between(0, 2)
    digits = _row(cells, row)
    high, low = max(digits), min(digits)
    gap = high - low
    question = dice.pick(
        (
            f"What is largest minus smallest in the {ROWS[row]} row?",
            f"By how much do largest and smallest of the {ROWS[row]} row differ?",
        )
    )
    steps = (
        "Find largest and smallest, then subtract.",
        f"{ROWS[row].title()} row: {_spaced(digits)}. Largest {high}, smallest {low}.",
        f"{high} - {low} = {gap}.",
        f"{low} + {gap} = {high}.",
    )
    middle = sorted(digits)[1]
    chinese = f"第{_ORDER[row]}行最大数与最小数相差多少？"
    return Asked(question, chinese, gap, (high - middle, middle - low, high, high + low), steps, 0.4)


def _apart(dice: Dice, cells: tuple[int, ...]) -> Asked:
    one, two = sorted(dice.sample(range(3), 2))
    first, second = _row(cells, one), _row(cells, two)
    high, low = max(sum(first), sum(second)), min(sum(first), sum(second))
    gap = high - low
    question = dice.pick(
        (
            f"By how much do the sums of the {ROWS[one]} and {ROWS[two]} row differ?",
            f"How far apart are the sums of the {ROWS[one]} and {ROWS[two]} row?",
        )
    )
    steps = (
        f"Add the {ROWS[one]} and the {ROWS[two]} row, then subtract.",
        f"{ROWS[one].title()}: {added(first)}",
        f"{ROWS[two].title()}: {added(second)}",
        f"{high} - {low} = {gap}.",
        f"{low} + {gap} = {high}.",
    )
    chinese = f"第{_ORDER[one]}行与第{_ORDER[two]}行的数字之和相差多少？"
    return Asked(question, chinese, gap, (high, low, high + low), steps, 0.8)


FAMILY = Family("small_digits", Domain.MATHEMATICS, "Table / Matrix", (0.1, 0.85), make, SIZE)
