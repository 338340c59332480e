"""Three price tags: one price, two prices, the change."""

from __future__ import annotations

from dataclasses import dataclass, field

from mmfinereason.lab.puzzles.canvas import INK, Canvas
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families.small.grid import COLOURS, ROWS, SIZE, Look, added, look
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family
from mmfinereason.lab.puzzles.words import listed
from mmfinereason.schema import Domain

ITEMS = ("TEA", "PIE", "EGG", "NUT", "CAKE", "RICE", "SOUP", "FISH")
_PAID = 20
_SLOT = 15.8
"""Room for a letter, in units; two share a cell."""


@dataclass(frozen=True)
class Tags:
    """Items and prices from top to bottom."""

    items: tuple[str, ...]
    prices: tuple[int, ...]
    look: Look = field(compare=False)
    height: float = 100.0

    def draw(self, canvas: Canvas) -> None:
        """A line for each item: its letters in the first two columns, its price in the third."""
        self.look.begin(canvas)
        for row, (item, price) in enumerate(zip(self.items, self.prices, strict=True)):
            x, y = self.look.at(3 * row)
            for i, letter in enumerate(item):
                canvas.text((x - 7.5 + i * _SLOT, y), letter, 19.5, INK, bold=True)
            canvas.text(self.look.at(3 * row + 2), str(price), 31, COLOURS["blue"], bold=True)


Item = tuple[str, int]


def make(dice: Dice, level: int) -> Draft:
    """Three items with prices from 1 to 9."""
    items = [(name, dice.between(1, 9)) for name in dice.sample(ITEMS, 3)]
    scene = Tags(tuple(name for name, _ in items), tuple(price for _, price in items), look(dice, reach=1))
    facts = tuple(f"{row.title()}: {name} {price}." for row, (name, price) in zip(ROWS, items, strict=True))
    return (_price, _two, _change)[level - 1](dice, items).draft(scene, facts, dice, low=0)


def _price(dice: Dice, items: list[Item]) -> Asked:
    name, price = dice.pick(items)
    question = dice.pick((f"What does {name} cost?", f"What is the price of {name}?"))
    others = ", ".join(f"{other} {cost}" for other, cost in items if other != name)
    steps = (f"Find {name}.", f"{name} {price}.", f"The others are {others}, so {name} {price}.")
    return Asked(question, f"{name} 的价格是多少？", price, tuple(cost for _, cost in items), steps, 0.5)


def _two(dice: Dice, items: list[Item]) -> Asked:
    (one, a), (two, b) = dice.sample(items, 2)
    total = a + b
    question = dice.pick((f"What do {one} and {two} cost together?", f"What is the price of {one} plus {two}?"))
    steps = (f"Add {one} and {two}.", f"{one} {a}, {two} {b}.", f"{a} + {b} = {total}.", f"{total} - {b} = {a}.")
    slips = (sum(cost for _, cost in items), *(cost + c for _, cost in items for c in (a, b)))
    return Asked(question, f"{one} 和 {two} 一共多少钱？", total, slips, steps, 0.5)


def _change(dice: Dice, items: list[Item]) -> Asked:
    count = 3 if sum(cost for _, cost in items) <= _PAID and dice.chance(0.5) else 2
    bought = dice.sample(items, count)
    names, prices = [name for name, _ in bought], [cost for _, cost in bought]
    total = sum(prices)
    change = _PAID - total
    question = dice.pick(
        (
            f"You buy {listed(names)} and pay {_PAID}. How much change?",
            f"How much of {_PAID} is left after buying {listed(names)}?",
        )
    )
    told = ", ".join(f"{name} {cost}" for name, cost in bought)
    steps = (
        f"Add, then subtract from {_PAID}.",
        f"{told}.",
        added(prices),
        f"{_PAID} - {total} = {change}.",
        f"{total} + {change} = {_PAID}.",
    )
    chinese = f"买 {'、'.join(names)}，付 {_PAID}，应找回多少？"
    return Asked(question, chinese, change, (total, _PAID - prices[0], _PAID - prices[1]), steps, 0.3 * count)


FAMILY = Family("small_tags", Domain.GENERAL, "Document / Text Image", (0.1, 0.8), make, SIZE)
