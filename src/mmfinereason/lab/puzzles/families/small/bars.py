"""Three bars built of blocks: one height, the sum of two, the range or the sum of all."""

from __future__ import annotations

from dataclasses import dataclass, field

from mmfinereason.lab.puzzles.canvas import INK, Canvas
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families.small.grid import (
    CHINESE_COLOURS,
    COLOURS,
    COLUMNS,
    SIZE,
    Look,
    added,
    centre,
    look,
)
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family
from mmfinereason.schema import Domain

_FLOOR, _BLOCK, _HALF = 96.0, 15.0, 11.0
"""Where the bars stand, how high a block is and half its width, in units."""


@dataclass(frozen=True)
class Bars:
    """Colours and heights from left to right."""

    colours: tuple[str, ...]
    heights: tuple[int, ...]
    look: Look = field(compare=False)
    height: float = 100.0

    def draw(self, canvas: Canvas) -> None:
        """Blocks with gaps, on a floor."""
        self.look.begin(canvas)
        for column, (colour, blocks) in enumerate(zip(self.colours, self.heights, strict=True)):
            x = centre(column)[0] + self.look.offsets[column][0]
            for block in range(blocks):
                base = _FLOOR - block * _BLOCK
                canvas.box((x - _HALF, base - _BLOCK + 2.4), (x + _HALF, base), fill=COLOURS[colour], outline=None)
        canvas.line([(4, 98.0), (96, 98.0)], INK, 1.6)


def make(dice: Dice, level: int) -> Draft:
    """Three bars of different colours, 1 to 6 blocks high, not all alike."""
    colours = tuple(dice.sample(tuple(COLOURS), 3))
    heights = [dice.between(1, 6) for _ in colours]
    if len(set(heights)) == 1:
        heights[dice.between(0, 2)] = heights[0] % 6 + 1
    scene = Bars(colours, tuple(heights), look(dice))
    bars = list(zip(colours, heights, strict=True))
    facts = tuple(f"{place.title()}: {c} {h}." for place, (c, h) in zip(COLUMNS, bars, strict=True))
    asked = dice.pick(((_one,), (_two,), (_range, _sum))[level - 1])(dice, bars)
    return asked.draft(scene, facts, dice, low=0)


Bar = tuple[str, int]


def _one(dice: Dice, bars: list[Bar]) -> Asked:
    colour, height = dice.pick(bars)
    question = dice.pick((f"How high is the {colour} bar?", f"How many blocks has the {colour} bar?"))
    blocks = " ".join(str(n) for n in range(1, height + 1))
    place = COLUMNS[bars.index((colour, height))]
    steps = (f"Read the {colour} bar.", f"{colour.title()} is {place}: {height}.", f"Count its blocks: {blocks}.")
    slips = tuple(h for _, h in bars)
    return Asked(question, f"{CHINESE_COLOURS[colour]}柱子有多少格高？", height, slips, steps, height / 7)


def _two(dice: Dice, bars: list[Bar]) -> Asked:
    (one, a), (two, b) = dice.sample(bars, 2)
    question = dice.pick(
        (f"How high are the {one} and the {two} bar together?", f"What is {one} plus {two}, in blocks?")
    )
    steps = (f"Add {one} and {two}.", f"{one.title()} {a}, {two} {b}.", f"{a} + {b} = {a + b}.", _back(a, b))
    chinese = f"{CHINESE_COLOURS[one]}和{CHINESE_COLOURS[two]}柱子一共多少格？"
    return Asked(question, chinese, a + b, (abs(a - b), sum(h for _, h in bars)), steps, (a + b) / 13)


def _back(a: int, b: int) -> str:
    return f"{a + b} - {b} = {a}."


def _range(dice: Dice, bars: list[Bar]) -> Asked:
    tall, short = max(bars, key=lambda bar: bar[1]), min(bars, key=lambda bar: bar[1])
    gap = tall[1] - short[1]
    question = dice.pick(
        ("How many blocks is the tallest bar above the shortest?", "What is tallest minus shortest, in blocks?")
    )
    steps = (
        "Find tallest and shortest, then subtract.",
        f"Tallest {tall[0]} {tall[1]}, shortest {short[0]} {short[1]}.",
        f"{tall[1]} - {short[1]} = {gap}.",
        f"{short[1]} + {gap} = {tall[1]}.",
    )
    middle = sorted(h for _, h in bars)[1]
    slips = (tall[1] - middle, middle - short[1], tall[1] + short[1])
    return Asked(question, "最高的柱子比最矮的高多少格？", gap, slips, steps, 0.6)


def _sum(dice: Dice, bars: list[Bar]) -> Asked:
    heights = [h for _, h in bars]
    total = sum(heights)
    question = dice.pick(("How high are all three bars together?", "How many blocks are there in all?"))
    steps = ("Add all three bars.", added(heights), f"Backward: {added(heights[::-1])}")
    slips = tuple(total - h for h in heights)
    return Asked(question, "三根柱子一共有多少格？", total, slips, steps, total / 19)


FAMILY = Family("small_bars", Domain.MATHEMATICS, "Mathematical Plot / Chart", (0.1, 0.8), make, SIZE)
