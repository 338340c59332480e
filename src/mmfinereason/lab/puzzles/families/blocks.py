"""Stacks of cubes seen from above a corner: count the cubes, also those that others hide from the side."""

from __future__ import annotations

from dataclasses import dataclass

from mmfinereason.lab.puzzles.canvas import INK, Canvas, Point
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family
from mmfinereason.schema import Domain

_TONES = (
    ("#9fd0ee", "#3f93c7", "#1b6699"),
    ("#fbd58a", "#e2a12a", "#ad7410"),
    ("#9adcc4", "#2fa981", "#137556"),
    ("#efc3da", "#cd86ae", "#985479"),
    ("#d5d8de", "#a2a8b3", "#6d7480"),
    ("#c9b3da", "#9069b0", "#5f3f7d"),
)
"""Top, left and right face of a cube."""


@dataclass(frozen=True)
class Blocks:
    """Heights of the stacks, row by row from the back; no stack is lower than one in front of it."""

    heights: tuple[tuple[int, ...], ...]
    tones: tuple[str, str, str]
    height: float = 90.0

    def draw(self, canvas: Canvas) -> None:
        """Cubes from back to front, so that nearer ones cover farther ones, then an arrow for the front."""
        rows, columns = len(self.heights), len(self.heights[0])
        tall = max(max(row) for row in self.heights)
        side = min(72 / ((rows + columns) * 0.866), 66 / ((rows + columns) / 2 + tall))
        left = 50 + (rows - columns) * 0.433 * side
        top = 8 + (tall - 1) * side
        for r, row in enumerate(self.heights):
            for c, tower in enumerate(row):
                for level in range(tower):
                    at = (left + (c - r) * 0.866 * side, top + ((c + r) / 2 - level) * side)
                    _cube(canvas, at, side, self.tones)
        foot = (left + (columns / 2 - rows) * 0.866 * side, top + (rows + columns / 2) / 2 * side + side)
        near, far = (foot[0] - 3, foot[1] + 5.2), (foot[0] - 9.5, foot[1] + 9)
        canvas.arrow(far, near, INK, 0.8)
        canvas.text((far[0] - 1.5, far[1] + 1.5), "front", 4, anchor="rm")


def _cube(canvas: Canvas, at: Point, side: float, tones: tuple[str, str, str]) -> None:
    """One cube whose top face has its back corner at `at`."""
    x, y = at
    w, h = 0.866 * side, side / 2
    back, left, right, front = (x, y), (x - w, y + h), (x + w, y + h), (x, y + 2 * h)
    canvas.polygon([back, right, front, left], fill=tones[0], width=0.4)
    canvas.polygon([left, front, (x, y + 2 * h + side), (x - w, y + h + side)], fill=tones[1], width=0.4)
    canvas.polygon([right, front, (x, y + 2 * h + side), (x + w, y + h + side)], fill=tones[2], width=0.4)


def make(dice: Dice, level: int) -> Draft:
    """Up to 3x4 stacks of 3 cubes at level 1, of 4 cubes at level 2, and 4x4 stacks of 5 cubes at level 3."""
    rows, columns, tall = {1: (3, dice.between(3, 4), 3), 2: (3, 4, 4), 3: (4, 4, 5)}[level]
    heights: list[list[int]] = []
    for r in range(rows):
        row: list[int] = []
        for c in range(columns):
            ceiling = min(heights[r - 1][c] if r else tall, row[c - 1] if c else tall)
            floor = 0 if r and c else 1
            row.append(max(floor, ceiling - dice.pick((0, 0, 1, 1, 2))) if r or c else tall - dice.between(0, 1))
        heights.append(row)
    scene = Blocks(tuple(map(tuple, heights)), dice.pick(_TONES))
    asked = dice.pick({1: (_total, _above), 2: (_total, _front), 3: (_total, _front, _missing)}[level])(dice, scene)
    told = tuple(
        f"Row {r + 1} from the back has stacks of {', '.join(map(str, row))} cubes, from left to right."
        for r, row in enumerate(heights)
    )
    return asked.draft(scene, ("The picture shows stacks of equal cubes without gaps below.", *told), dice)


def _total(dice: Dice, scene: Blocks) -> Asked:
    rows = [sum(row) for row in scene.heights]
    total = sum(rows)
    question = dice.pick(
        (
            "How many cubes does the pile consist of, if there are no gaps below the cubes you see?",
            "Hidden cubes support all visible ones. How many cubes are there in total?",
            "Count all the cubes of the building, including those that must be hidden under others.",
        )
    )
    steps = (
        f"Row by row from the back there are {', '.join(map(str, rows))} cubes.",
        f"{' + '.join(map(str, rows))} = {total}.",
    )
    stacks = sum(tower > 0 for row in scene.heights for tower in row)
    chinese = "图中的立体由相同的小正方体堆成，下方没有空隙，一共有多少个小正方体？"
    return Asked(question, chinese, total, (total - 1, total + 1, stacks), steps, min(1.0, total / 40))


def _above(dice: Dice, scene: Blocks) -> Asked:
    stacks = sum(tower > 0 for row in scene.heights for tower in row)
    question = dice.pick(
        (
            "Seen from straight above, how many squares does the building show?",
            "On how many squares of the floor does at least one cube stand?",
            "How many separate stacks of one or more cubes does the building have?",
        )
    )
    steps = ("Every stack shows one square from above.", f"There are {stacks} stacks, so {stacks} squares.")
    slips = (sum(map(sum, scene.heights)), len(scene.heights) * len(scene.heights[0]))
    return Asked(question, "从正上方看，这个立体能看到多少个正方形？", stacks, slips, steps, 0.3)


def _front(dice: Dice, scene: Blocks) -> Asked:
    columns = [max(column) for column in zip(*scene.heights, strict=True)]
    total = sum(columns)
    question = dice.pick(
        (
            "Look at the building from the front, in the direction of the arrow. How many squares do you see?",
            "How many unit squares does the view from the front show? The arrow marks the front.",
        )
    )
    steps = (
        "From the front each column shows its tallest stack.",
        f"From left to right these are {', '.join(map(str, columns))}.",
        f"{' + '.join(map(str, columns))} = {total}.",
    )
    side = sum(max(row) for row in scene.heights)
    chinese = "沿箭头方向从正面看，能看到多少个正方形？"
    return Asked(question, chinese, total, (side, sum(map(sum, scene.heights))), steps, 0.5)


def _missing(dice: Dice, scene: Blocks) -> Asked:
    total = sum(map(sum, scene.heights))
    rows, columns = len(scene.heights), len(scene.heights[0])
    rows = max(r for r in range(rows) if any(scene.heights[r])) + 1
    columns = max(c for c in range(columns) if any(row[c] for row in scene.heights)) + 1
    tall = max(map(max, scene.heights))
    box = rows * columns * tall
    if box == total:
        return _total(dice, scene)
    question = dice.pick(
        (
            "How many more cubes are needed to fill the building up to the smallest possible solid cuboid?",
            "The pile is to become a full box of the same length, width and height. How many cubes are missing?",
        )
    )
    steps = (
        f"The pile has {total} cubes.",
        f"The box is {rows} by {columns} by {tall} and holds {box} cubes.",
        f"{box} - {total} = {box - total}.",
    )
    chinese = "至少还需要多少个小正方体才能把这个立体补成一个完整的长方体？"
    return Asked(question, chinese, box - total, (total, box, box - total + tall), steps, 0.9)


FAMILY = Family("spatial_scene", Domain.PUZZLE, "Spatial Reasoning Scene", (0.2, 0.9), make)
