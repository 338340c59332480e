"""Counting among scattered shapes: by shape, by shape and colour, and with a condition on size or place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mmfinereason.lab.puzzles.canvas import GREY, Canvas
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families.shapes import COLOURS, SHAPES, plural, stamp
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family
from mmfinereason.schema import Domain

_COLUMNS, _ROWS = 8, 6


@dataclass(frozen=True)
class Thing:
    """One shape of the scene; x and y in units, `big` or small."""

    shape: str
    colour: str
    big: bool
    x: float
    y: float
    turn: float


@dataclass(frozen=True)
class Scatter:
    """Shapes on a plain ground, with a dashed line down the middle if `split`."""

    things: tuple[Thing, ...]
    split: bool
    ground: str
    height: float = 75.0

    def draw(self, canvas: Canvas) -> None:
        """Ground, dividing line, shapes."""
        canvas.box((0, 0), (100, 75), fill=self.ground, outline=None)
        if self.split:
            canvas.dashed((50, 1), (50, 74), GREY, 0.6)
        for thing in self.things:
            radius = 5.0 if thing.big else 2.9
            stamp(canvas, thing.shape, (thing.x, thing.y), radius, fill=COLOURS[thing.colour], turn=thing.turn)


def make(dice: Dice, level: int) -> Draft:
    """8 to 12 shapes at level 1, up to 20 at level 2, up to 32 at level 3."""
    count = dice.between(*{1: (8, 12), 2: (14, 20), 3: (22, 32)}[level])
    kinds, colours = dice.sample(SHAPES, min(5, 2 + level)), dice.sample(tuple(COLOURS), min(4, 2 + level))
    cells = dice.sample([(c, r) for c in range(_COLUMNS) for r in range(_ROWS)], count)
    things = tuple(
        Thing(
            dice.pick(kinds),
            dice.pick(colours),
            dice.chance(0.5),
            round(50 + (c - 3.5) * 12 + dice.real(-0.75, 0.75), 2),
            round(37.5 + (r - 2.5) * 11.8 + dice.real(-0.75, 0.75), 2),
            dice.between(-20, 20),
        )
        for c, r in sorted(cells, key=lambda cell: (cell[1], cell[0]))
    )
    pick = dice.pick({1: (_one_kind,), 2: (_kind_and_colour, _more), 3: (_neither, _side, _sized)}[level])
    scene = Scatter(things, pick is _side, dice.pick(("#ffffff", "#f4f1ea", "#eef3f7", "#f2f5ee")))
    return pick(dice, things).draft(scene, _facts(things), dice, low=0)


def _facts(things: tuple[Thing, ...]) -> tuple[str, ...]:
    """One sentence for each shape and colour."""
    groups: dict[tuple[str, str], int] = {}
    for thing in things:
        key = (thing.colour, thing.shape)
        groups[key] = groups.get(key, 0) + 1
    told = (
        f"There {_are(n)} {n} {colour} {shape if n == 1 else _many(shape)}."
        for (colour, shape), n in sorted(groups.items())
    )
    return (f"The scene holds {len(things)} shapes.", *told)


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _count(things: tuple[Thing, ...], test: Callable[[Thing], bool]) -> int:
    return sum(map(test, things))


def _many(shape: str) -> str:
    return plural(shape, 2).removeprefix("2 ")


def _one_kind(dice: Dice, things: tuple[Thing, ...]) -> Asked:
    shape = dice.pick(things).shape
    total = _count(things, lambda t: t.shape == shape)
    question = dice.pick(
        (
            f"How many {_many(shape)} are there in the picture?",
            f"Count the {_many(shape)}. How many do you find?",
            f"What is the number of {_many(shape)} in the scene?",
        )
    )
    steps = (f"Going row by row, {plural(shape, total)} can be found.", f"The count is {total}.")
    return Asked(question, f"图中有多少个{_CHINESE[shape]}？", total, (len(things),), steps, total / 10)


def _kind_and_colour(dice: Dice, things: tuple[Thing, ...]) -> Asked:
    one = dice.pick(things)
    total = _count(things, lambda t: (t.shape, t.colour) == (one.shape, one.colour))
    name = f"{one.colour} {_many(one.shape)}"
    question = dice.pick(
        (
            f"How many {name} are there in the picture?",
            f"Count only the {name}. How many are there?",
            f"What is the number of {name}?",
        )
    )
    same_shape = _count(things, lambda t: t.shape == one.shape)
    same_colour = _count(things, lambda t: t.colour == one.colour)
    steps = (
        f"There are {plural(one.shape, same_shape)} in all.",
        f"Of these, {total} {_are(total)} {one.colour}: {total}.",
    )
    chinese = f"图中有多少个{_CHINESE[one.colour]}{_CHINESE[one.shape]}？"
    return Asked(question, chinese, total, (same_shape, same_colour), steps, 0.4)


def _more(dice: Dice, things: tuple[Thing, ...]) -> Asked:
    shapes = sorted({t.shape for t in things})
    one, two = dice.sample(shapes, 2)
    counts = {shape: [t.shape for t in things].count(shape) for shape in (one, two)}
    less, more = sorted((one, two), key=lambda s: (counts[s], s))
    gap = counts[more] - counts[less]
    question = dice.pick(
        (
            f"What is the difference between the number of {_many(one)} and the number of {_many(two)}?",
            f"By how many do the counts of {_many(one)} and {_many(two)} differ?",
        )
    )
    steps = (
        f"There are {plural(more, counts[more])} and {plural(less, counts[less])}.",
        f"{counts[more]} - {counts[less]} = {gap}.",
    )
    chinese = f"图中{_CHINESE[one]}与{_CHINESE[two]}的数量相差多少？"
    return Asked(question, chinese, gap, (counts[more], counts[less], counts[more] + counts[less]), steps, 0.8)


def _neither(dice: Dice, things: tuple[Thing, ...]) -> Asked:
    one = dice.pick(things)
    total = _count(things, lambda t: t.shape != one.shape and t.colour != one.colour)
    question = dice.pick(
        (
            f"How many shapes are neither {one.colour} nor {_many(one.shape)}?",
            f"Leave out everything {one.colour} and all {_many(one.shape)}. How many shapes remain?",
        )
    )
    either = len(things) - total
    steps = (
        f"Of {len(things)} shapes, {either} {_are(either)} {one.colour} or {_many(one.shape)}.",
        f"{len(things)} - {either} = {total}.",
    )
    chinese = f"图中既不是{_CHINESE[one.colour]}也不是{_CHINESE[one.shape]}的图形有多少个？"
    return Asked(question, chinese, total, (either, len(things)), steps, 0.7)


def _side(dice: Dice, things: tuple[Thing, ...]) -> Asked:
    one = dice.pick(things)
    left = dice.chance(0.5)
    side = "left" if left else "right"
    total = _count(things, lambda t: t.colour == one.colour and (t.x < 50) == left)
    both = _count(things, lambda t: t.colour == one.colour)
    question = dice.pick(
        (
            f"How many {one.colour} shapes lie to the {side} of the dashed line?",
            f"Count the {one.colour} shapes on the {side} side of the dashed line.",
        )
    )
    steps = (
        f"There are {both} {one.colour} shapes in all.",
        f"{total} of them {_are(total)} to the {side} of the line: {total}.",
    )
    chinese = f"虚线{'左' if left else '右'}侧有多少个{_CHINESE[one.colour]}图形？"
    return Asked(question, chinese, total, (both, both - total), steps, 0.4)


def _sized(dice: Dice, things: tuple[Thing, ...]) -> Asked:
    one = dice.pick(things)
    size = "large" if one.big else "small"
    total = _count(things, lambda t: t.big == one.big and t.shape == one.shape)
    all_sizes = _count(things, lambda t: t.shape == one.shape)
    question = dice.pick(
        (
            f"The shapes come in two sizes. How many of the {_many(one.shape)} are {size}?",
            f"Counting only the {size} ones, how many {_many(one.shape)} are in the scene?",
        )
    )
    steps = (f"There are {plural(one.shape, all_sizes)}.", f"{total} of them {_are(total)} {size}: {total}.")
    chinese = f"图形分大小两种，{'大' if one.big else '小'}的{_CHINESE[one.shape]}有多少个？"
    return Asked(question, chinese, total, (all_sizes, all_sizes - total), steps, 0.6)


_CHINESE = {
    "circle": "圆形", "square": "正方形", "triangle": "三角形", "star": "五角星",
    "hexagon": "六边形", "cross": "十字形",
    "blue": "蓝色", "orange": "橙色", "green": "绿色", "pink": "粉色", "black": "黑色",
}  # fmt: skip

FAMILY = Family("counting_scene", Domain.PUZZLE, "Spatial Reasoning Scene", (0.05, 0.7), make)
