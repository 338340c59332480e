"""A 3x3 matrix of shapes that follow a rule in every row; the last cell is missing (after Raven's matrices)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mmfinereason.lab.puzzles.canvas import INK, PALETTE, Canvas, Point
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families.shapes import COLOURS, stamp
from mmfinereason.lab.puzzles.puzzle import Draft, Family
from mmfinereason.schema import Domain

_SHAPES = ("circle", "square", "triangle", "star", "hexagon", "cross")
_SIZES = ("small", "medium", "large")
_RADIUS = {"small": 1.3, "medium": 1.9, "large": 2.4}
_PLACES: dict[int, tuple[Point, ...]] = {
    1: ((0, 0),),
    2: ((-3, 0), (3, 0)),
    3: ((-3, 3), (3, 3), (0, -3)),
    4: ((-3, -3), (3, -3), (-3, 3), (3, 3)),
    5: ((-4, -4), (4, -4), (-4, 4), (4, 4), (0, 0)),
    6: ((-5, -3.2), (0, -3.2), (5, -3.2), (-5, 3.2), (0, 3.2), (5, 3.2)),
}


@dataclass(frozen=True)
class Cell:
    """`count` equal shapes."""

    count: int
    size: str
    colour: str
    shape: str

    def __str__(self) -> str:
        ending = "" if self.count == 1 else "es" if self.shape == "cross" else "s"
        return f"{self.count} {self.size} {self.colour} {self.shape}{ending}"

    def draw(self, canvas: Canvas, middle: Point) -> None:
        """The shapes around the middle of a cell."""
        for x, y in _PLACES[self.count]:
            at = (middle[0] + x, middle[1] + y)
            stamp(canvas, self.shape, at, _RADIUS[self.size], fill=COLOURS[self.colour])


@dataclass(frozen=True)
class Matrix:
    """Nine cells row by row, the last of them hidden, and the numbered candidates if they are shown."""

    cells: tuple[Cell, ...]
    candidates: tuple[Cell, ...]
    accent: str

    @property
    def height(self) -> float:
        """Room for the candidates below the matrix, if any."""
        return 100.0 if self.candidates else 72.0

    def draw(self, canvas: Canvas) -> None:
        """The matrix, then a row of candidates."""
        side = 21.0 if not self.candidates else 20.0
        left, top = 50 - side * 1.5, 4.5
        for i, cell in enumerate(self.cells):
            x, y = left + i % 3 * side, top + i // 3 * side
            canvas.box((x, y), (x + side, y + side), width=0.5)
            if i < 8:
                cell.draw(canvas, (x + side / 2, y + side / 2))
            else:
                canvas.text((x + side / 2, y + side / 2), "?", 10, self.accent, bold=True)
        for i, cell in enumerate(self.candidates):
            x = 2 + i * 16.0
            canvas.box((x + 0.4, 72), (x + 15.6, 88), width=0.4)
            cell.draw(canvas, (x + 8, 80))
            canvas.text((x + 8, 93), str(i + 1), 5, INK, bold=True)


@dataclass(frozen=True)
class Rule:
    """How one property runs through each row; `values` are its nine values."""

    name: str
    text: str
    values: tuple[str, ...]


def make(dice: Dice, level: int) -> Draft:
    """Two, three or four properties change; only level 3 adds counts along the rows."""
    changing = dice.sample(("shape", "colour", "size", "count"), 1 + level)
    if level == 3:
        changing = ["shape", "colour", "size", "count"]
    rules = [_rule(dice, name, level, name in changing) for name in ("count", "size", "colour", "shape")]
    count, size, colour, shape = (rule.values for rule in rules)
    cells = tuple(Cell(int(count[i]), size[i], colour[i], shape[i]) for i in range(9))
    answer = cells[8]
    others = _others(dice, cells, {rule.name: sorted({*rule.values}) for rule in rules})
    shown = dice.chance(0.5)
    candidates = tuple(dice.shuffled([answer, *others])) if shown else ()
    number = candidates.index(answer) + 1 if shown else 0
    facts = tuple(
        f"Row {r + 1} shows {', '.join(str(c) for c in cells[3 * r : 3 * r + (2 if r == 2 else 3)])}"
        f"{' and the missing cell' if r == 2 else ''}."
        for r in range(3)
    )
    if shown:
        facts = (*facts, f"The candidates are {', '.join(f'{i + 1}: {c}' for i, c in enumerate(candidates))}.")
    steps = (*(rule.text for rule in rules), f"The missing cell holds {answer}.")
    tail = dice.pick(_NUMBERED if shown else _DESCRIBED)
    return Draft(
        Matrix(cells, candidates, dice.pick(PALETTE[:5])),
        f"{dice.pick(_INTRO)} {tail}",
        "图中的3×3矩阵每一行都遵循同样的规律，最后一格缺失。"
        + (
            "下方编号的候选图形中哪一个应填入问号处？"
            if shown
            else "问号处应是什么（数量、大小、颜色、形状，用英文回答）？"
        ),
        str(number) if shown else str(answer),
        tuple(str(n) for n in dice.shuffled(range(1, 7)) if n != number) if shown else tuple(map(str, others)),
        facts,
        (*steps, f"That is candidate {number}.") if shown else steps,
        (len(changing) - 1) / 3 if level < 3 else 0.7,
    )


_POOLS = {"shape": _SHAPES, "colour": tuple(COLOURS), "size": _SIZES}


def _rule(dice: Dice, name: str, level: int, changes: bool) -> Rule:
    """The nine values of one property."""
    label = "number" if name == "count" else name
    if not changes:
        value = str(dice.between(1, 3)) if name == "count" else dice.pick(_POOLS[name])
        return Rule(name, f"The {label} is {value} in every cell.", (value,) * 9)
    if name == "count":
        return _count_rule(dice, level)
    three = dice.sample(_POOLS[name], 3)
    if name != "size" and dice.chance(0.35 if level > 1 else 0.6):
        rows = tuple(v for value in three for v in (value,) * 3)
        return Rule(name, f"The {label} stays the same along a row; in the last row it is {rows[8]}.", rows)
    step = dice.pick((1, 2))
    rows = tuple(three[(r * step + c) % 3] for r in range(3) for c in range(3))
    text = f"Each row holds the {label}s {', '.join(sorted(three))} once; the last row still lacks {rows[8]}."
    return Rule(name, text, rows)


def _count_rule(dice: Dice, level: int) -> Rule:
    if level == 3:
        pairs = dice.sample([(a, b) for a in range(1, 5) for b in range(1, 5) if a + b <= 6], 3)
        rows = tuple(str(n) for a, b in pairs for n in (a, b, a + b))
        a, b = pairs[2]
        return Rule("count", f"The third number of a row is the sum of the first two: {a} + {b} = {a + b}.", rows)
    starts = dice.sample((1, 2, 3, 4), 3)
    rows = tuple(str(s + c) for s in starts for c in range(3))
    return Rule("count", f"The number grows by one from cell to cell, so the last row ends with {rows[8]}.", rows)


def _others(dice: Dice, cells: tuple[Cell, ...], used: dict[str, list[str]]) -> list[Cell]:
    """Five wrong cells: the answer with one or two of its properties changed."""
    answer = cells[8]
    found: list[Cell] = []
    names = dice.shuffled(("count", "size", "colour", "shape"))
    for tries in range(100):
        new = answer
        for name in dice.sample(names, 1 + tries // 20 % 2):
            new = _changed(dice, new, name, used[name])
        if new != answer and new not in found:
            found.append(new)
        if len(found) == 5:
            break
    return found


def _changed(dice: Dice, cell: Cell, name: str, used: list[str]) -> Cell:
    """The cell with another value of one property, one seen in the matrix if there is any."""
    if name == "count":
        counts = [int(n) for n in used if int(n) != cell.count] or [n for n in range(1, 6) if n != cell.count]
        return replace(cell, count=dice.pick(counts))
    seen = [v for v in used if v != getattr(cell, name)]
    value = dice.pick(seen or [v for v in _POOLS[name] if v != getattr(cell, name)])
    if name == "size":
        return replace(cell, size=value)
    return replace(cell, colour=value) if name == "colour" else replace(cell, shape=value)


_INTRO = (
    "The rows of the matrix follow the same rules.",
    "Each row of the 3x3 matrix is built by the same rules.",
    "Find the rules by which the cells change along the rows.",
    "The picture shows a pattern in three rows with one cell missing.",
)
_NUMBERED = (
    "Which of the numbered candidates belongs in the place of the question mark?",
    "Give the number of the candidate that completes the matrix.",
    "Which candidate, 1 to 6, is the missing cell?",
)
_DESCRIBED = (
    "What belongs in the place of the question mark? Name number, size, colour and shape.",
    "Describe the missing cell by number, size, colour and shape, as in “2 small blue stars”.",
    "What does the missing cell hold (number, size, colour, shape)?",
)

FAMILY = Family("pattern_matrix", Domain.PUZZLE, "Abstract Mathematical Representation", (0.35, 1.0), make)
