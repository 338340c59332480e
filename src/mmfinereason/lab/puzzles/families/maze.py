"""A maze with exactly one way between any two cells: how long is the way, what lies on it, how often does it turn."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from mmfinereason.lab.puzzles.canvas import INK, Canvas, Point, polar
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family
from mmfinereason.lab.puzzles.words import listed
from mmfinereason.schema import Domain

Cell = tuple[int, int]
"""Row and column, from the top left."""

_MOVES = {"right": (0, 1), "down": (1, 0), "left": (0, -1), "up": (-1, 0)}


@dataclass(frozen=True)
class Maze:
    """An open passage joins the two cells of each pair in `passages`; stars lie on some cells."""

    size: int
    passages: frozenset[tuple[Cell, Cell]]
    start: Cell
    goal: Cell
    stars: tuple[Cell, ...]
    colours: tuple[str, str]
    height: float = 100.0

    def draw(self, canvas: Canvas) -> None:
        """Start, goal and stars, then a wall wherever there is no passage."""
        side = 92 / self.size
        for cell, letter, colour in ((self.start, "S", self.colours[0]), (self.goal, "G", self.colours[1])):
            x, y = self._corner(cell)
            canvas.box((x + 0.8, y + 0.8), (x + side - 0.8, y + side - 0.8), fill=colour, outline=None)
            canvas.text((x + side / 2, y + side / 2), letter, side * 0.55, "#ffffff", bold=True)
        for cell in self.stars:
            x, y = self._corner(cell)
            canvas.polygon(star((x + side / 2, y + side / 2), side * 0.32), fill="#e69f00", outline=None)
        for row in range(self.size):
            for column in range(self.size):
                self._walls(canvas, (row, column), side)
        canvas.box((4, 4), (96, 96), width=1.2)

    def _walls(self, canvas: Canvas, cell: Cell, side: float) -> None:
        x, y = self._corner(cell)
        right, below = (cell[0], cell[1] + 1), (cell[0] + 1, cell[1])
        if right[1] < self.size and not self.open(cell, right):
            canvas.line([(x + side, y), (x + side, y + side)], INK, 1)
        if below[0] < self.size and not self.open(cell, below):
            canvas.line([(x, y + side), (x + side, y + side)], INK, 1)

    def _corner(self, cell: Cell) -> Point:
        return (4 + cell[1] * 92 / self.size, 4 + cell[0] * 92 / self.size)

    def open(self, one: Cell, other: Cell) -> bool:
        """True where no wall stands between two neighbouring cells."""
        return (one, other) in self.passages or (other, one) in self.passages

    def way(self) -> list[Cell]:
        """The cells from start to goal, both included."""
        before: dict[Cell, Cell] = {self.start: self.start}
        queue = [self.start]
        for cell in queue:
            for row, column in _MOVES.values():
                new = (cell[0] + row, cell[1] + column)
                if new not in before and self.open(cell, new):
                    before[new] = cell
                    queue.append(new)
        path = [self.goal]
        while path[-1] != self.start:
            path.append(before[path[-1]])
        return path[::-1]


def star(centre: Point, radius: float) -> list[Point]:
    """The corners of a star with five points."""
    return [polar(centre, radius if i % 2 == 0 else radius * 0.42, i * 36 - 90) for i in range(10)]


def make(dice: Dice, level: int) -> Draft:
    """Mazes of 5, 7 and 9 cells a side."""
    size = {1: 5, 2: 7, 3: 9}[level]
    maze = _grown(dice, size)
    way = maze.way()
    asked = dice.pick(((_moves,), (_moves, _stars), (_moves, _stars, _turns))[level - 1])(dice, maze, way)
    facts = (
        f"The picture shows a maze of {size} by {size} cells.",
        f"The start S is at row {maze.start[0] + 1}, column {maze.start[1] + 1}.",
        f"The goal G is at row {maze.goal[0] + 1}, column {maze.goal[1] + 1}.",
        f"Stars lie at {listed([f'row {r + 1}, column {c + 1}' for r, c in maze.stars])}.",
    )
    return asked.draft(maze, facts, dice, low=0)


def _grown(dice: Dice, size: int) -> Maze:
    """A random spanning tree by depth-first digging, with start and goal far apart."""
    passages: list[tuple[Cell, Cell]] = []
    seen = {(0, 0)}
    trail = [(0, 0)]
    while trail:
        row, column = trail[-1]
        steps = [(row + r, column + c) for r, c in _MOVES.values()]
        new = [(r, c) for r, c in steps if 0 <= r < size and 0 <= c < size and (r, c) not in seen]
        if not new:
            trail.pop()
            continue
        cell = dice.pick(new)
        passages.append((trail[-1], cell))
        seen.add(cell)
        trail.append(cell)
    start = (dice.between(0, size - 1), 0)
    goal = (dice.between(0, size - 1), size - 1)
    cells = [(r, c) for r in range(size) for c in range(size) if (r, c) not in (start, goal)]
    stars = tuple(sorted(dice.sample(cells, size)))
    colours = (dice.pick(("#0072b2", "#56b4e9", "#7a5195")), dice.pick(("#009e73", "#d55e00")))
    return Maze(size, frozenset(passages), start, goal, stars, colours)


def _directions(way: list[Cell]) -> list[str]:
    names = {move: name for name, move in _MOVES.items()}
    return [names[(b[0] - a[0], b[1] - a[1])] for a, b in pairwise(way)]


def _told(way: list[Cell]) -> str:
    """`2 right, 1 down, 3 left`."""
    runs: list[list[str]] = []
    for direction in _directions(way):
        if runs and runs[-1][0] == direction:
            runs[-1].append(direction)
        else:
            runs.append([direction])
    return ", ".join(f"{len(run)} {run[0]}" for run in runs)


def _moves(dice: Dice, maze: Maze, way: list[Cell]) -> Asked:
    question = dice.pick(
        (
            "How many moves does the shortest way from S to G take, if one move goes to a neighbouring open cell?",
            "Starting at S, how many steps from cell to cell are needed to reach G?",
            "One step leads to the next cell without crossing a wall. How many steps lie between S and G?",
        )
    )
    count = len(way) - 1
    straight = abs(maze.start[0] - maze.goal[0]) + abs(maze.start[1] - maze.goal[1])
    steps = (f"From S the only way to G goes {_told(way)}.", f"That is {count} moves.")
    slips = (count + 1, straight, count - 2, count + 2)
    chinese = "每步只能走到相邻且没有墙隔开的格子，从 S 到 G 最少需要走几步？"
    return Asked(question, chinese, count, slips, steps, min(1.0, count / maze.size**2 * 2))


def _stars(dice: Dice, maze: Maze, way: list[Cell]) -> Asked:
    question = dice.pick(
        (
            "How many stars lie on the way from S to G, if no cell is visited twice?",
            "Walk from S to G without detours. How many stars do you pass?",
            "How many stars does the direct way from S to G cross?",
        )
    )
    met = [cell for cell in way if cell in maze.stars]
    told = listed([f"row {r + 1}, column {c + 1}" for r, c in met]) if met else ""
    steps = (
        f"From S the only way to G goes {_told(way)}.",
        f"The stars on it are at {told}: {len(met)}." if met else "It meets no star: 0.",
    )
    chinese = "从 S 走到 G，不走回头路，途中会经过几颗星？"
    return Asked(question, chinese, len(met), (len(maze.stars) - len(met),), steps, 0.6)


def _turns(dice: Dice, maze: Maze, way: list[Cell]) -> Asked:
    question = dice.pick(
        (
            "On the shortest way from S to G, how often do you have to change direction?",
            "How many turns does the direct way from S to G make?",
        )
    )
    turns = sum(a != b for a, b in pairwise(_directions(way)))
    steps = (f"From S the only way to G goes {_told(way)}.", f"The direction changes {turns} times.")
    return Asked(question, "从 S 到 G 的最短路线上需要改变几次方向？", turns, (turns + 1, len(way) - 1), steps, 0.9)


FAMILY = Family("maze", Domain.PUZZLE, "Puzzle / Logic Diagram", (0.3, 1.0), make)
