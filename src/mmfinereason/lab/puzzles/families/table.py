"""A table with several columns: look up a value, compare rows, or compute over the rows that meet a condition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mmfinereason.lab.puzzles.canvas import INK, PALE, Canvas
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family
from mmfinereason.lab.puzzles.words import NAMES, listed
from mmfinereason.schema import Domain


@dataclass(frozen=True)
class Theme:
    """Heading of the first column, its entries, and the number columns with their ranges."""

    head: str
    rows: tuple[str, ...]
    columns: tuple[tuple[str, int, int], ...]


_THEMES = (
    Theme("Player", NAMES, (("Games", 5, 30), ("Goals", 0, 40), ("Assists", 0, 30), ("Cards", 0, 12))),
    Theme(
        "Crop",
        ("Wheat", "Barley", "Oats", "Rye", "Maize", "Beans", "Peas", "Flax", "Hops"),
        (("Fields", 2, 30), ("Tonnes", 10, 300), ("Workers", 2, 25), ("Days", 3, 40)),
    ),
    Theme(
        "Route",
        tuple(f"Line {n}" for n in range(1, 20)),
        (("Stops", 5, 40), ("Buses", 2, 20), ("Minutes", 15, 120), ("Riders", 100, 990)),
    ),
    Theme(
        "Room",
        tuple(f"{floor}{n:02d}" for floor in range(1, 5) for n in range(1, 6)),
        (("Chairs", 4, 60), ("Desks", 2, 40), ("Lamps", 1, 16), ("Windows", 1, 12)),
    ),
    Theme(
        "Probe",
        ("Argo", "Beta", "Cygnus", "Delta", "Echo", "Falcon", "Gemma", "Helio", "Iris"),
        (("Images", 50, 900), ("Orbits", 3, 90), ("Sensors", 4, 30), ("Days", 20, 700)),
    ),
)


@dataclass(frozen=True)
class Table:
    """Cells as numbers, row by row."""

    head: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[int, ...], ...]
    tint: str

    @property
    def height(self) -> float:
        """A line for each row and one for the heading."""
        return 8 + 9.0 * (len(self.rows) + 1)

    def draw(self, canvas: Canvas) -> None:
        """Heading, then striped rows."""
        width = 94 / (len(self.columns) + 1.3)
        edges = [3 + width * 1.3 + width * i for i in range(len(self.columns) + 1)]
        canvas.box((3, 4), (97, 13), fill=self.tint, outline=None)
        for i, row in enumerate(self.rows):
            y = 13 + 9 * i
            if i % 2:
                canvas.box((3, y), (97, y + 9), fill="#f5f6f8", outline=None)
            canvas.line([(3, y + 9), (97, y + 9)], PALE, 0.3)
            canvas.text((5, y + 4.5), row, 4, anchor="lm")
            for c, value in enumerate(self.cells[i]):
                canvas.text((edges[c + 1] - 3, y + 4.5), str(value), 4, anchor="rm")
        canvas.text((5, 8.5), self.head, 4, anchor="lm", bold=True)
        for c, name in enumerate(self.columns):
            canvas.text((edges[c + 1] - 3, 8.5), name, 3.4, anchor="rm", bold=True)
        canvas.box((3, 4), (97, 13 + 9 * len(self.rows)), outline=INK, width=0.4)

    def column(self, name: str) -> list[int]:
        """The numbers below a heading."""
        at = self.columns.index(name)
        return [row[at] for row in self.cells]


def make(dice: Dice, level: int) -> Draft:
    """4 rows and 2 columns, 5 to 6 and 3, 6 to 8 and 4."""
    theme = dice.pick(_THEMES)
    rows = dice.between(*{1: (4, 4), 2: (5, 6), 3: (6, 8)}[level])
    columns = dice.sample(theme.columns, level + 1)
    values = [dice.sample(range(low, high + 1), rows) for _, low, high in columns]
    table = Table(
        theme.head,
        tuple(dice.sample(theme.rows, rows)),
        tuple(name for name, _, _ in columns),
        tuple(zip(*values, strict=True)),
        dice.pick(("#cfe5f5", "#fbe3b6", "#c9ece0", "#f4dcea", "#e3d7ec")),
    )
    facts = tuple(
        f"{theme.head} {row}: {', '.join(f'{n} {v}' for n, v in zip(table.columns, cells, strict=True))}."
        for row, cells in zip(table.rows, table.cells, strict=True)
    )
    header = f"The table has the columns {listed([theme.head, *table.columns])}."
    return dice.pick(_TASKS[level])(dice, table).draft(table, (header, *facts), dice, low=0)


def _cell(dice: Dice, table: Table) -> Asked:
    row, name = dice.between(0, len(table.rows) - 1), dice.pick(table.columns)
    value = table.column(name)[row]
    question = dice.pick(
        (
            f"What does the table give for {name} of {table.rows[row]}?",
            f"Read the value in the column {name} for {table.rows[row]}.",
            f"Which number stands in the row {table.rows[row]} under {name}?",
        )
    )
    slips = (*table.cells[row], *table.column(name))
    steps = (f"In the row {table.rows[row]} the column {name} holds {value}.",)
    return Asked(question, f"表中 {table.rows[row]} 的 {name} 是多少？", value, slips, steps, 0.1)


def _sum(dice: Dice, table: Table) -> Asked:
    name = dice.pick(table.columns)
    values = table.column(name)
    total = sum(values)
    question = dice.pick(
        (f"What is the total of the column {name}?", f"What do all the numbers under {name} add up to?")
    )
    steps = (f"The column {name} holds {listed(values)}.", f"{' + '.join(map(str, values))} = {total}.")
    slips = (total - values[-1], total - values[0])
    return Asked(question, f"{name} 一列的总和是多少？", total, slips, steps, 0.7)


def _other(dice: Dice, table: Table) -> Asked:
    one, two = dice.sample(table.columns, 2)
    values, others = table.column(one), table.column(two)
    most = dice.chance(0.5)
    best = max(values) if most else min(values)
    at = values.index(best)
    word = "most" if most else "fewest"
    question = dice.pick(
        (
            f"Look at the row with the {word} {one.lower()}. What is its value under {two}?",
            f"What does the column {two} show for the {table.head.lower()} with the {word} {one.lower()}?",
        )
    )
    steps = (
        f"The {word} {one.lower()}, {best}, are in the row {table.rows[at]}.",
        f"Its value under {two} is {others[at]}.",
    )
    chinese = f"{one} {'最多' if most else '最少'}的那一行，{two} 是多少？"
    return Asked(question, chinese, others[at], (*others, best), steps, 0.3)


def _count(dice: Dice, table: Table) -> Asked:
    name = dice.pick(table.columns)
    values = table.column(name)
    bound = sorted(values)[dice.between(1, len(values) - 2)]
    total = sum(v > bound for v in values)
    question = dice.pick(
        (
            f"In how many rows is the value under {name} greater than {bound}?",
            f"How many rows have more than {bound} in the column {name}?",
        )
    )
    steps = (
        f"The values greater than {bound}: {listed([v for v in values if v > bound])}.",
        f"Their number is {total}.",
    )
    return Asked(question, f"{name} 大于 {bound} 的有几行？", total, (total + 1, len(values) - total), steps, 0.5)


def _filtered(dice: Dice, table: Table) -> Asked:
    one, two = dice.sample(table.columns, 2)
    values, others = table.column(one), table.column(two)
    bound = sorted(values)[len(values) // 2 - 1]
    chosen = [i for i, v in enumerate(values) if v > bound]
    parts = [others[i] for i in chosen]
    total = sum(parts)
    question = dice.pick(
        (
            f"Consider only rows with more than {bound} under {one}. What is the sum of their values under {two}?",
            f"Add the numbers under {two} of all rows whose value under {one} exceeds {bound}.",
        )
    )
    steps = (
        f"More than {bound} under {one} have {listed([table.rows[i] for i in chosen])}.",
        f"Under {two} these have {' + '.join(map(str, parts))} = {total}.",
    )
    slips = (sum(others), sum(others) - total, sum(values[i] for i in chosen), total + others[values.index(bound)])
    return Asked(question, f"只看 {one} 大于 {bound} 的行，它们的 {two} 之和是多少？", total, slips, steps, 0.7)


def _both(dice: Dice, table: Table) -> Asked:
    one, two = dice.sample(table.columns, 2)
    values, others = table.column(one), table.column(two)
    low, high = sorted(values)[1], sorted(others)[-2]
    chosen = [n for n, a, b in zip(table.rows, values, others, strict=True) if a > low and b < high]
    question = dice.pick(
        (
            f"How many rows have more than {low} under {one} and at the same time less than {high} under {two}?",
            f"Count the rows in which {one} is above {low} while {two} is below {high}.",
        )
    )
    steps = (
        f"Both conditions hold for {listed(chosen)}." if chosen else "No row meets both conditions.",
        f"The count is {len(chosen)}.",
    )
    slips = (sum(v > low for v in values), sum(v < high for v in others))
    chinese = f"{one} 大于 {low} 且 {two} 小于 {high} 的有几行？"
    return Asked(question, chinese, len(chosen), slips, steps, 0.8)


_TASKS: dict[int, tuple[Callable[[Dice, Table], Asked], ...]] = {
    1: (_cell, _sum),
    2: (_other, _count),
    3: (_filtered, _both),
}

FAMILY = Family("table_reading", Domain.MATHEMATICS, "Table / Matrix", (0.05, 0.65), make)
