"""A robot on its way to a flag: along a line, to any cell, around walls."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby, pairwise, product

from mmfinereason.lab.puzzles.canvas import INK, Canvas, Point
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families.small.grid import EMPTY, NINE, SIZE, Look, look, told
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family
from mmfinereason.schema import Domain

_PAIRS = tuple(product(NINE, NINE))
_MOVES = {"up": -3, "left": -1, "right": 1, "down": 3}


@dataclass(frozen=True)
class Field:
    """Nine cells row by row, each with `robot`, `flag`, `wall`, `tree` or `none`."""

    cells: tuple[str, ...]
    look: Look = field(compare=False)
    height: float = 100.0

    def draw(self, canvas: Canvas) -> None:
        """The grid and what stands in it."""
        self.look.begin(canvas)
        self.look.rule(canvas)
        for cell, content in enumerate(self.cells):
            if content != EMPTY:
                _DRAWN[content](canvas, self.look.at(cell))


def make(dice: Dice, level: int) -> Draft:
    """Trees beside the way at levels 1 and 2, two to four walls at level 3."""
    cells = {1: _in_line, 2: _across, 3: _walled}[level](dice)
    scene = Field(tuple(cells), look(dice))
    return _asked(dice, level, cells).draft(scene, told(cells), dice)


def way(cells: list[str]) -> list[int]:
    """The cells of a shortest way from the robot to the flag, both included; empty if walls leave none."""
    start, goal = cells.index("robot"), cells.index("flag")
    before, queue = {start: start}, [start]
    for cell in queue:
        for new in _neighbours(cell):
            if new not in before and cells[new] not in ("wall", "tree"):
                before[new] = cell
                queue.append(new)
    if goal not in before:
        return []
    path = [goal]
    while path[-1] != start:
        path.append(before[path[-1]])
    return path[::-1]


def _neighbours(cell: int) -> list[int]:
    new = (cell + step for step in _MOVES.values())
    return [n for n in new if n in NINE and (n // 3 == cell // 3 or n % 3 == cell % 3)]


def _in_line(dice: Dice) -> list[str]:
    steps = dice.between(1, 2)
    return _planted(dice, *dice.pick([pair for pair in _PAIRS if sorted(_apart(*pair)) == [0, steps]]))


def _across(dice: Dice) -> list[str]:
    steps = dice.between(2, 4)
    return _planted(
        dice, *dice.pick([pair for pair in _PAIRS if min(_apart(*pair)) > 0 and sum(_apart(*pair)) == steps])
    )


def _planted(dice: Dice, start: int, goal: int) -> list[str]:
    """Up to three trees that leave the way free."""
    cells = _placed({start: "robot", goal: "flag"})
    direct = way(cells)
    free = [n for n in NINE if n not in direct]
    for n in dice.sample(free, dice.between(0, min(3, len(free)))):
        cells[n] = "tree"
    return cells


def _walled(dice: Dice) -> list[str]:
    """Walls that leave a way, in two of three puzzles a longer one than without them."""
    detour = dice.chance(2 / 3)
    while True:
        start, goal, *walls = dice.sample(NINE, 2 + dice.between(2, 4))
        cells = _placed({start: "robot", goal: "flag", **dict.fromkeys(walls, "wall")})
        steps = len(way(cells)) - 1
        if steps >= 3 and (steps > sum(_apart(start, goal)) or not detour):
            return cells


def _placed(contents: dict[int, str]) -> list[str]:
    return [contents.get(n, EMPTY) for n in NINE]


def _apart(start: int, goal: int) -> tuple[int, int]:
    """Rows and columns between two cells."""
    return abs(start // 3 - goal // 3), abs(start % 3 - goal % 3)


def _asked(dice: Dice, level: int, cells: list[str]) -> Asked:
    path = way(cells)
    start, goal, steps = path[0], path[-1], len(path) - 1
    wordings, chinese = _WALLED if level == 3 else _OPEN
    names = {step: name for name, step in _MOVES.items()}
    moves = [names[b - a] for a, b in pairwise(path)]
    rows, columns = _apart(start, goal)
    told_steps = (
        _PLANS[level],
        f"Robot row {start // 3 + 1} column {start % 3 + 1}, flag row {goal // 3 + 1} column {goal % 3 + 1}.",
        f"Steps: {', '.join(f'{n} {move}' for n, move in enumerate(moves, 1))}.",
        _by_runs(moves) if level == 3 else f"Rows apart {rows}, columns apart {columns}: {rows} + {columns} = {steps}.",
    )
    slips = (rows + columns, steps + 2, steps - 1, steps + 1)
    return Asked(dice.pick(wordings), chinese, steps, slips, told_steps, steps / 8)


_PLANS = {1: "Walk along rows and columns.", 2: "Walk along rows and columns.", 3: "Walk around the walls."}
"""A plan says nothing that takes a look to know: a tiny model would have to guess it."""
_OPEN = (
    ("How many steps is the robot from the flag?", "How many steps must the robot walk to the flag?"),
    "机器人走到旗子要走几步？",
)
_WALLED = (
    (
        "How many steps is the shortest way to the flag around the walls?",
        "Walls block. How few steps take the robot to the flag?",
    ),
    "机器人绕过墙到达旗子最少要走几步？",
)


def _by_runs(moves: list[str]) -> str:
    """`Right 2, down 1: 2 + 1 = 3.`"""
    runs = [(move, len(list(same))) for move, same in groupby(moves)]
    words = ", ".join(f"{move} {count}" for move, count in runs).capitalize()
    return f"{words}: {' + '.join(str(count) for _, count in runs)} = {len(moves)}."


def _robot(canvas: Canvas, at: Point) -> None:
    x, y = at
    canvas.line([(x, y - 12), (x, y - 7)], INK, 2.2)
    canvas.box((x - 11, y - 8), (x + 11, y + 5), fill="#1f55e0", outline=None)
    canvas.box((x - 7, y + 5), (x + 7, y + 12), fill="#6f8fe8", outline=None)
    for eye in (x - 5, x + 5):
        canvas.circle((eye, y - 2), 3, fill="#ffffff", outline=None)


def _flag(canvas: Canvas, at: Point) -> None:
    x, y = at
    canvas.polygon([(x - 7, y - 12), (x + 12, y - 6), (x - 7, y + 1)], fill="#d81e1e", outline=None)
    canvas.line([(x - 8, y - 12), (x - 8, y + 12)], INK, 3.0)


def _wall(canvas: Canvas, at: Point) -> None:
    x, y = at
    canvas.box((x - 12, y - 12), (x + 12, y + 12), fill="#4a4d55", outline=None)
    for line in (y - 4.5, y + 4.5):
        canvas.line([(x - 12, line), (x + 12, line)], "#c9ccd2", 1.4)
    for low, high, across in ((-12, -4.5, x), (-4.5, 4.5, x - 6), (-4.5, 4.5, x + 6), (4.5, 12, x)):
        canvas.line([(across, y + low), (across, y + high)], "#c9ccd2", 1.4)


def _tree(canvas: Canvas, at: Point) -> None:
    x, y = at
    canvas.box((x - 2.6, y), (x + 2.6, y + 12), fill="#8a5a2b", outline=None)
    canvas.circle((x, y - 3), 9, fill="#0f9d3a", outline=None)


_DRAWN = {"robot": _robot, "flag": _flag, "wall": _wall, "tree": _tree}

FAMILY = Family("small_path", Domain.PUZZLE, "Puzzle / Logic Diagram", (0.1, 0.9), make, SIZE)
