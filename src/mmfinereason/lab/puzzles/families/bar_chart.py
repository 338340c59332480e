"""A bar chart: read a value, combine some, or compare two series of bars."""

from __future__ import annotations

from dataclasses import dataclass

from mmfinereason.lab.puzzles.canvas import INK, PALETTE, Canvas
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families.chart import BOTTOM, HEIGHT, LEFT, RIGHT, SERIES, Topic, frame, legend, level
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family
from mmfinereason.lab.puzzles.words import listed
from mmfinereason.schema import Domain

_TOPICS = (
    Topic("Books lent by the library", "books", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")),
    Topic("Fruit sold at the market", "kilograms", ("Apples", "Pears", "Plums", "Figs", "Grapes", "Kiwis", "Limes")),
    Topic("Visitors of the museum", "visitors", ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul")),
    Topic("Trees planted by each school", "trees", ("Hill", "Lake", "Park", "River", "Stone", "West", "Grove")),
    Topic("Medals won by each team", "medals", ("Reds", "Blues", "Hawks", "Lions", "Stars", "Bears", "Owls")),
    Topic("Bottles collected by each class", "bottles", ("5a", "5b", "6a", "6b", "7a", "7b", "8a")),
    Topic("Bikes repaired in each shop", "bikes", ("Ada", "Bolt", "Cog", "Dyno", "Echo", "Fix", "Gear")),
)


@dataclass(frozen=True)
class Bars:
    """A chart with one or two series; `values[s][n]` is the bar of name n in series s."""

    topic: Topic
    names: tuple[str, ...]
    series: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]
    step: int
    colours: tuple[str, ...]
    height: float = HEIGHT

    def draw(self, canvas: Canvas) -> None:
        """The frame, then the bars in groups."""
        lines = max(max(row) for row in self.values) // self.step + 1
        frame(canvas, self.topic, lines, self.step)
        slot = (RIGHT - LEFT) / len(self.names)
        width = slot * 0.62 / len(self.series)
        for n, name in enumerate(self.names):
            middle = LEFT + slot * (n + 0.5)
            canvas.text((middle, BOTTOM + 4), name, 3.4)
            for s, row in enumerate(self.values):
                x = middle - slot * 0.31 + s * width
                top = level(row[n], lines * self.step)
                canvas.box((x, top), (x + width, BOTTOM), fill=self.colours[s], outline=None)
        canvas.line([(LEFT, BOTTOM), (RIGHT, BOTTOM)], INK, 0.4)
        legend(canvas, self.series, self.colours)


def make(dice: Dice, level: int) -> Draft:
    """Level 1 one bar or a difference, level 2 totals and ranges, level 3 two series compared."""
    topic = dice.pick(_TOPICS)
    step = dice.pick((2, 4, 10, 20, 50, 100))
    count = dice.between(4, 5) + (level > 1)
    start = dice.between(0, len(topic.names) - count)
    series = dice.pick(SERIES) if level == 3 else ("",)
    unit, top = (step, 7) if level == 1 else (step // 2, 14)
    values = tuple(tuple(v * unit for v in dice.sample(range(1, top + 1), count)) for _ in series)
    colours = tuple(dice.sample(PALETTE[:5], len(series)))
    scene = Bars(topic, topic.names[start : start + count], series, values, step, colours)
    asked = {1: dice.pick((_one, _gap)), 2: dice.pick((_sum, _range)), 3: dice.pick((_groups, _where_higher))}[level]
    return asked(dice, scene).draft(scene, _facts(scene), dice)


def _facts(bars: Bars) -> tuple[str, ...]:
    facts = [f"The bar chart is titled “{bars.topic.title}” and its value axis counts {bars.topic.axis}."]
    for name, row in zip(bars.series, bars.values, strict=True):
        told = listed([f"{n} {value}" for n, value in zip(bars.names, row, strict=True)])
        facts.append(f"The bars{f' of {name}' if name else ''} show {told}.")
    return tuple(facts)


def _one(dice: Dice, bars: Bars) -> Asked:
    values = dict(zip(bars.names, bars.values[0], strict=True))
    name = dice.pick(bars.names)
    question = dice.pick(
        (
            f"According to the chart, how many {bars.topic.axis} are shown for {name}?",
            f"What value does the bar for {name} show?",
            f"How high is the bar labelled {name}?",
        )
    )
    slips = tuple(value for n, value in values.items() if n != name)
    steps = (f"The bar for {name} ends at {values[name]}.",)
    return Asked(question, f"根据柱状图，{name} 对应的数值是多少？", values[name], slips, steps, 0.1)


def _gap(dice: Dice, bars: Bars) -> Asked:
    values = dict(zip(bars.names, bars.values[0], strict=True))
    low, high = sorted(dice.sample(bars.names, 2), key=values.__getitem__)
    question = dice.pick(
        (
            f"How many more {bars.topic.axis} does the chart show for {high} than for {low}?",
            f"What is the difference between the bars for {high} and {low}?",
            f"By how much does {high} exceed {low}?",
        )
    )
    a, b = values[high], values[low]
    steps = (f"The bar for {high} ends at {a} and the bar for {low} at {b}.", f"The difference is {a} - {b} = {a - b}.")
    return Asked(question, f"根据柱状图，{high} 比 {low} 多多少？", a - b, (a, a + b), steps, 0.6)


def _sum(dice: Dice, bars: Bars) -> Asked:
    chosen = sorted(dice.sample(range(len(bars.names)), 3))
    names, parts = [bars.names[i] for i in chosen], [bars.values[0][i] for i in chosen]
    told, total = listed(names), sum(parts)
    question = dice.pick(
        (
            f"What is the total for {told}?",
            f"Add up the bars for {told}. How many {bars.topic.axis} is that?",
            f"How many {bars.topic.axis} are there in {told} together?",
        )
    )
    steps = (f"The bars for {told} show {listed(parts)}.", f"{' + '.join(map(str, parts))} = {total}.")
    return Asked(question, f"{'、'.join(names)} 的数值之和是多少？", total, (total - parts[0],), steps, 0.4)


def _range(dice: Dice, bars: Bars) -> Asked:
    row = bars.values[0]
    high, low = max(row), min(row)
    question = dice.pick(
        (
            "How far apart are the highest and the lowest bar?",
            f"What is the range of the numbers of {bars.topic.axis} in the chart?",
            "By how much does the longest bar exceed the shortest one?",
        )
    )
    names = bars.names[row.index(high)], bars.names[row.index(low)]
    steps = (
        f"The highest bar is {names[0]} with {high} and the lowest is {names[1]} with {low}.",
        f"{high} - {low} = {high - low}.",
    )
    return Asked(question, "图中最高的柱与最低的柱相差多少？", high - low, (high, high + low), steps, 0.6)


def _groups(dice: Dice, bars: Bars) -> Asked:
    (one, two), (first, second) = bars.series, bars.values
    gaps = [abs(a - b) for a, b in zip(first, second, strict=True)]
    widest = max(gaps)
    question = dice.pick(
        (
            f"What is the largest difference between {one} and {two} in any single group of bars?",
            f"Look at the group in which {one} and {two} differ most. How large is that difference?",
            f"What is the greatest gap between the bars of {one} and {two} standing side by side?",
        )
    )
    told = ", ".join(f"{name} {gap}" for name, gap in zip(bars.names, gaps, strict=True))
    steps = (f"The differences are {told}.", f"The largest, for {bars.names[gaps.index(widest)]}, is {widest}.")
    return Asked(question, f"{one} 与 {two} 在同一组中的最大差值是多少？", widest, (min(gaps), max(first)), steps, 0.6)


def _where_higher(dice: Dice, bars: Bars) -> Asked:
    (one, two), (first, second) = bars.series, bars.values
    ahead = [i for i in range(len(first)) if first[i] > second[i]]
    parts = [second[i] for i in ahead]
    if not 0 < len(ahead) < len(first):
        return _groups(dice, bars)
    total = sum(parts)
    question = dice.pick(
        (
            f"Take only the groups in which {one} is higher than {two}. What do their bars of {two} add up to?",
            f"Wherever {one} beats {two}, add the value of {two}. What is the sum?",
        )
    )
    steps = (
        f"{one} is higher than {two} for {listed([bars.names[i] for i in ahead])}.",
        f"The bars of {two} there add up to {' + '.join(map(str, parts))} = {total}.",
    )
    chinese = f"只看 {one} 高于 {two} 的各组，这些组中 {two} 的数值之和是多少？"
    slips = (sum(first[i] for i in ahead), sum(second) - total, sum(second))
    return Asked(question, chinese, total, slips, steps, 0.9)


FAMILY = Family("bar_chart", Domain.MATHEMATICS, "Mathematical Plot / Chart", (0.05, 0.7), make)
