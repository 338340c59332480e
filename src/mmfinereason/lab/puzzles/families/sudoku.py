"""A 4x4 sudoku with one solution; one empty cell, or a small sum over empty cells, is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from mmfinereason.lab.puzzles.canvas import INK, PALETTE, Canvas
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.puzzle import Draft, Family
from mmfinereason.lab.puzzles.words import misses
from mmfinereason.schema import Domain

Grid = tuple[int, ...]
"""Sixteen cells row by row, 0 for an empty one."""

_PATTERN: Grid = (1, 2, 3, 4, 3, 4, 1, 2, 2, 1, 4, 3, 4, 3, 2, 1)


@dataclass(frozen=True)
class Sudoku:
    """The clues as shown and the cells marked with a question mark."""

    clues: Grid
    asked: tuple[int, ...]
    symbols: str
    colour: str
    height: float = 100.0

    def draw(self, canvas: Canvas) -> None:
        """The grid, its clues and the marks."""
        left, side = 10.0, 20.0
        for cell in range(16):
            x, y = left + cell % 4 * side, left + cell // 4 * side
            marked = cell in self.asked
            canvas.box((x, y), (x + side, y + side), fill="#fff1d0" if marked else "#ffffff", width=0.4)
            words = "?" if marked else self.symbols[self.clues[cell] - 1] if self.clues[cell] else ""
            canvas.text((x + side / 2, y + side / 2), words, 10, self.colour if marked else INK, bold=marked)
        for step in (0, 2, 4):
            at = left + step * side
            canvas.line([(at, left), (at, left + 4 * side)], INK, 1.2)
            canvas.line([(left, at), (left + 4 * side, at)], INK, 1.2)


def solutions(clues: Grid, limit: int = 2) -> list[Grid]:
    """Up to `limit` ways to fill the grid."""
    if 0 not in clues:
        return [clues]
    cell = min((c for c in range(16) if not clues[c]), key=lambda c: len(candidates(clues, c)))
    found: list[Grid] = []
    for value in candidates(clues, cell):
        found += solutions((*clues[:cell], value, *clues[cell + 1 :]), limit - len(found))
        if len(found) >= limit:
            break
    return found


def candidates(clues: Grid, cell: int) -> list[int]:
    """The values that row, column and block still leave for a cell."""
    seen = {clues[c] for c in range(16) if _sees(c, cell)}
    return [value for value in (1, 2, 3, 4) if value not in seen]


def _sees(one: int, other: int) -> bool:
    row, column = one // 4 == other // 4, one % 4 == other % 4
    return row or column or (one // 8 == other // 8 and one % 4 // 2 == other % 4 // 2)


def _filled(dice: Dice) -> Grid:
    """A random solved grid: shuffled values, and rows, columns swapped within and between bands."""
    values = dice.shuffled((1, 2, 3, 4))
    rows, columns = ([2 * band + i for band in dice.shuffled((0, 1)) for i in dice.shuffled((0, 1))] for _ in range(2))
    cells = [values[_PATTERN[r * 4 + c] - 1] for r in rows for c in columns]
    return tuple(cells if dice.chance(0.5) else [cells[c * 4 + r] for r in range(4) for c in range(4)])


def _clues(full: Grid, blanks: int, dice: Dice) -> Grid:
    """Empty up to `blanks` cells while the solution stays the only one."""
    clues = full
    for cell in dice.shuffled(range(16)):
        fewer = (*clues[:cell], 0, *clues[cell + 1 :])
        if fewer.count(0) <= blanks and len(solutions(fewer)) == 1:
            clues = fewer
    return clues


def _deduce(clues: Grid, full: Grid, asked: tuple[int, ...]) -> tuple[tuple[str, ...], int]:
    """Fill cell by cell until the asked ones are known; the sentences and how many cells it took."""
    steps: list[str] = []
    while any(not clues[c] for c in asked):
        empty = [c for c in range(16) if not clues[c]]
        cell = min(empty, key=lambda c: (len(candidates(clues, c)), c not in asked))
        reason = "its row, column and block leave only" if len(candidates(clues, cell)) == 1 else "elimination gives"
        clues = (*clues[:cell], full[cell], *clues[cell + 1 :])
        steps.append(f"In {_name(cell)}, {reason} {full[cell]}.")
    return tuple(steps), len(steps)


def _name(cell: int) -> str:
    return f"row {cell // 4 + 1}, column {cell % 4 + 1}"


def make(dice: Dice, level: int) -> Draft:
    """Levels 1 and 2 ask for one cell, level 3 (fewest clues) for the sum of two."""
    full = _filled(dice)
    clues = _clues(full, {1: 6, 2: 9, 3: 12}[level], dice)
    empty = [c for c in range(16) if not clues[c]]
    direct = [c for c in empty if len(candidates(clues, c)) == 1]
    pool = {1: direct, 2: [c for c in empty if c not in direct], 3: []}[level] or empty
    asked = tuple(sorted(dice.sample(empty, 2))) if level == 3 else (dice.pick(pool),)
    steps, work = _deduce(clues, full, asked)
    total = sum(full[c] for c in asked)
    rows = ["".join(str(v) if v else "_" for v in clues[r * 4 : r * 4 + 4]) for r in range(4)]
    facts = tuple(f"Row {r + 1} of the 4x4 grid reads {' '.join(row)}." for r, row in enumerate(rows))
    marks = f"The cell at {_name(asked[0])} is marked with a question mark."
    if level == 3:
        marks = f"The cells at {_name(asked[0])} and at {_name(asked[1])} are marked with question marks."
        steps = (*steps, f"The marked cells hold {full[asked[0]]} and {full[asked[1]]}; their sum is {total}.")
        wrong = misses(total, dice, slips=(full[asked[0]] * full[asked[1]],), low=2)
    else:
        steps = (*steps, f"So the marked cell holds {total}.")
        wrong = tuple(str(v) for v in dice.shuffled((1, 2, 3, 4)) if v != total)
    return Draft(
        Sudoku(clues, asked, "1234", dice.pick(PALETTE[:5])),
        f"{dice.pick(_RULES)} {dice.pick(_SUM if level == 3 else _CELL)}",
        "在这个4×4数独中，每行、每列以及每个2×2粗线宫内都恰好包含数字1到4各一次。"
        + ("两个问号格中的数字之和是多少？" if level == 3 else "问号格中应填哪个数字？"),
        str(total),
        wrong,
        (*facts, marks),
        steps,
        min(1.0, work / 10),
    )


_RULES = (
    "Every row, every column and every 2x2 block of the grid must contain the numbers 1 to 4 exactly once.",
    "In this 4x4 sudoku the numbers 1, 2, 3 and 4 appear once in each row, each column and each bold 2x2 block.",
    "Fill the grid so that no number from 1 to 4 repeats in a row, a column or a bold-framed 2x2 block.",
)
_CELL = (
    "Which number belongs in the cell with the question mark?",
    "What number must replace the question mark?",
    "What does the marked cell have to contain?",
)
_SUM = (
    "What is the sum of the two numbers in the cells with question marks?",
    "Add the numbers that belong in the two marked cells. What do you get?",
    "Once solved, what do the two cells with question marks add up to?",
)

FAMILY = Family("sudoku_like", Domain.PUZZLE, "Puzzle / Logic Diagram", (0.2, 0.95), make)
