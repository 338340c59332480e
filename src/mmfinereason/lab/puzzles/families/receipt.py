"""A till receipt without its total: read a price, add it up, work out the change or a discount."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mmfinereason.lab.puzzles.canvas import GREY, INK, Canvas
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.puzzle import Draft, Family
from mmfinereason.schema import Domain

_GOODS = (
    "Apples", "Bread", "Butter", "Cheese", "Coffee", "Cookies", "Eggs", "Flour", "Grapes", "Honey", "Jam", "Lemons",
    "Milk", "Noodles", "Oats", "Olives", "Onions", "Pepper", "Rice", "Salt", "Soap", "Sugar", "Tea", "Tomatoes",
    "Walnuts", "Yogurt",
)  # fmt: skip
_SHOPS = ("Corner Shop", "Green Market", "Daily Foods", "Harbour Store", "Village Grocer", "Sunny Mart", "Old Mill")


@dataclass(frozen=True)
class Item:
    """A line of the receipt; price of one piece in cents."""

    name: str
    count: int
    price: int


@dataclass(frozen=True)
class Receipt:
    """Shop, date and lines; `footer` is printed below the lines."""

    shop: str
    date: str
    items: tuple[Item, ...]
    footer: tuple[str, ...]

    @property
    def height(self) -> float:
        """A line for each item and one for each line of the footer."""
        return 46 + 7.0 * (len(self.items) + len(self.footer))

    def draw(self, canvas: Canvas) -> None:
        """A slip of paper on a grey counter."""
        canvas.box((0, 0), (100, self.height), fill="#d8d4cc", outline=None)
        canvas.box((7, 4), (93, self.height - 4), fill="#fffefa", outline="#b9b4a8", width=0.3)
        canvas.text((50, 12), self.shop.upper(), 5.2, bold=True)
        canvas.text((50, 18.5), self.date, 3.6, GREY)
        for x, head, anchor in ((12, "Item", "lm"), (58, "Qty", "rm"), (88, "Price each", "rm")):
            canvas.text((x, 26), head, 3.6, GREY, anchor)
        canvas.dashed((12, 29.5), (88, 29.5), GREY, 0.3)
        y = 34.0
        for item in self.items:
            canvas.mono((12, y), item.name, 4)
            canvas.mono((58, y), str(item.count), 4, anchor="rm")
            canvas.mono((88, y), money(item.price), 4, anchor="rm")
            y += 7
        canvas.dashed((12, y - 2.5), (88, y - 2.5), GREY, 0.3)
        for line in self.footer:
            canvas.mono((12, y + 2), line, 4, INK)
            y += 7


def money(cents: int) -> str:
    """`$12.40`."""
    return f"${cents // 100}.{cents % 100:02d}"


@dataclass(frozen=True)
class Asked:
    """A question about a receipt; amounts in cents."""

    question: str
    chinese: str
    answer: int
    slips: tuple[int, ...]
    steps: tuple[str, ...]
    effort: float
    footer: tuple[str, ...] = ()


def make(dice: Dice, level: int) -> Draft:
    """Level 1 one line, level 2 the total, level 3 change or a discount."""
    count = dice.between(*{1: (3, 5), 2: (3, 5), 3: (4, 6)}[level])
    names = dice.sample(_GOODS, count)
    items = tuple(Item(name, dice.between(1, 1 + level), dice.between(10, 180) * 5) for name in names)
    asked = dice.pick(_TASKS[level])(dice, items)
    date = f"{dice.between(1, 28):02d}/{dice.between(1, 12):02d}/{dice.between(2015, 2025)}"
    receipt = Receipt(dice.pick(_SHOPS), date, items, asked.footer)
    near = [asked.answer + d for d in dice.shuffled((-100, -10, 10, 100, 50))]
    wrong = [s for s in (*asked.slips, *near) if s > 0 and s != asked.answer]
    facts = (
        f"The picture shows a receipt of {receipt.shop} dated {date}.",
        *(f"It lists {item.name}: quantity {item.count}, {money(item.price)} each." for item in items),
        *(f"Below it says “{line}”." for line in asked.footer),
    )
    return Draft(
        receipt,
        asked.question,
        asked.chinese,
        money(asked.answer),
        tuple(money(w) for w in wrong),
        facts,
        (*asked.steps, f"The answer is {money(asked.answer)}."),
        asked.effort,
    )


def _cost(item: Item) -> int:
    return item.count * item.price


def _sums(items: tuple[Item, ...]) -> tuple[str, ...]:
    lines = tuple(f"{i.name}: {i.count} × {money(i.price)} = {money(_cost(i))}." for i in items)
    return (*lines, f"Together {money(sum(map(_cost, items)))}.")


def _price(dice: Dice, items: tuple[Item, ...]) -> Asked:
    item = dice.pick(items)
    question = dice.pick(
        (
            f"How much does one piece of the item “{item.name}” cost according to the receipt?",
            f"What is the price each of {item.name} on the receipt?",
            f"Read the receipt: what is printed as the price each for {item.name}?",
        )
    )
    steps = (f"The line {item.name} gives {money(item.price)} each.",)
    slips = tuple(i.price for i in items)
    return Asked(question, f"收据上 {item.name} 的单价是多少？", item.price, slips, steps, 0.1)


def _line(dice: Dice, items: tuple[Item, ...]) -> Asked:
    item = dice.pick(items)
    question = dice.pick(
        (
            f"How much was paid for {item.name} in all?",
            f"What is the amount for the whole line {item.name}, quantity times price?",
        )
    )
    steps = (f"The line {item.name} gives {item.count} × {money(item.price)} = {money(_cost(item))}.",)
    slips = (item.price, (item.count + 1) * item.price)
    return Asked(question, f"购买 {item.name} 一共花了多少钱？", _cost(item), slips, steps, 0.5)


def _total(dice: Dice, items: tuple[Item, ...]) -> Asked:
    total = sum(map(_cost, items))
    question = dice.pick(
        (
            "The total is not printed. What does the whole purchase cost?",
            "What is the total amount of the receipt?",
            "How much has to be paid for all items on the receipt?",
        )
    )
    slips = (sum(i.price for i in items), total - _cost(items[-1]))
    return Asked(question, "这张收据的总金额是多少？", total, slips, _sums(items), len(items) / 6)


def _change(dice: Dice, items: tuple[Item, ...]) -> Asked:
    total = sum(map(_cost, items))
    paid = next(note for note in (2000, 5000, 10000, 20000, 50000) if note > total)
    question = dice.pick(
        (
            "How much change does the customer get back?",
            "The customer paid in cash as printed. What is the change?",
        )
    )
    steps = (*_sums(items), f"The change is {money(paid)} - {money(total)} = {money(paid - total)}.")
    slips = (total, paid - sum(i.price for i in items))
    chinese = "顾客按收据所示付现金，应找回多少钱？"
    return Asked(question, chinese, paid - total, slips, steps, 0.6, (f"Cash paid   {money(paid)}",))


def _discount(dice: Dice, items: tuple[Item, ...]) -> Asked:
    total = sum(map(_cost, items))
    percents = [p for p in (10, 20, 30, 40, 50) if total * p % 100 == 0]
    percent = dice.pick(percents or (20,))
    off = total * percent // 100
    question = dice.pick(
        (
            "What has to be paid after the discount printed at the bottom?",
            "Apply the discount at the bottom of the receipt. How much is left to pay?",
        )
    )
    steps = (*_sums(items), f"The discount is {money(off)}, so {money(total - off)} is left.")
    chinese = "扣除收据底部所示的折扣后，应付多少钱？"
    return Asked(
        question, chinese, total - off, (total, off, total - percent), steps, 0.8, (f"Discount    {percent}%",)
    )


_TASKS: dict[int, tuple[Callable[[Dice, tuple[Item, ...]], Asked], ...]] = {
    1: (_price, _line),
    2: (_total,),
    3: (_change, _discount),
}

FAMILY = Family("receipt_reading", Domain.GENERAL, "Document / Text Image", (0.05, 0.6), make)
