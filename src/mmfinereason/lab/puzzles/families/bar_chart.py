"""A bar chart: read a value, combine some, or compare two series of bars."""

from __future__ import annotations

from dataclasses import dataclass

from mmfinereason.lab.puzzles.canvas import GREY, INK, PALE, PALETTE, Canvas
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.puzzle import Draft, Family
from mmfinereason.lab.puzzles.words import listed, misses
from mmfinereason.schema import Domain


@dataclass(frozen=True)
class Topic:
    """What a chart is about: title, the label of the value axis, and the names of its bars."""

    title: str
    axis: str
    names: tuple[str, ...]


TOPICS = (
    Topic("Books lent by the library", "books", ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")),
    Topic("Fruit sold at the market", "kilograms", ("Apples", "Pears", "Plums", "Figs", "Grapes", "Kiwis", "Limes")),
    Topic("Visitors of the museum", "visitors", ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul")),
    Topic("Trees planted by each school", "trees", ("Hill", "Lake", "Park", "River", "Stone", "West", "Grove")),
    Topic("Medals won by each team", "medals", ("Reds", "Blues", "Hawks", "Lions", "Stars", "Bears", "Owls")),
    Topic("Bottles collected by each class", "bottles", ("5a", "5b", "6a", "6b", "7a", "7b", "8a")),
    Topic("Bikes repaired in each shop", "bikes", ("Ada", "Bolt", "Cog", "Dyno", "Echo", "Fix", "Gear")),
)
_SERIES = (("2023", "2024"), ("Girls", "Boys"), ("Morning", "Evening"), ("Plan", "Actual"), ("North", "South"))


@dataclass(frozen=True)
class Bars:
    """A chart with one or two series; `values[s][n]` is the bar of name n in series s."""

    topic: Topic
    names: tuple[str, ...]
    series: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]
    step: int
    colours: tuple[str, ...]
    height: float = 75.0

    def draw(self, canvas: Canvas) -> None:
        """Axes with a grid line a step, then the bars and, for two series, a legend."""
        left, right, top, bottom = 14.0, 97.0, 15.0, 65.0
        lines = max(max(row) for row in self.values) // self.step + 1
        canvas.text((50, 4.5), self.topic.title, 4.2, bold=True)
        canvas.text((2, 11), self.topic.axis, 3.2, GREY, "lm")
        for i in range(lines + 1):
            y = bottom - (bottom - top) * i / lines
            canvas.line([(left, y), (right, y)], PALE if i else INK, 0.35)
            canvas.text((left - 1.5, y), str(i * self.step), 3.2, anchor="rm")
        slot = (right - left) / len(self.names)
        width = slot * 0.62 / len(self.series)
        for n, name in enumerate(self.names):
            middle = left + slot * (n + 0.5)
            canvas.text((middle, bottom + 4), name, 3.4)
            for s, row in enumerate(self.values):
                x = middle - slot * 0.31 + s * width
                y = bottom - (bottom - top) * row[n] / (lines * self.step)
                canvas.box((x, y), (x + width, bottom), fill=self.colours[s], outline=None)
        canvas.line([(left, top - 2), (left, bottom)], INK, 0.4)
        canvas.line([(left, bottom), (right, bottom)], INK, 0.4)
        if len(self.series) == 2:
            for s, name in enumerate(self.series):
                x = 60.0 + s * 20
                canvas.box((x, 9.7), (x + 2.6, 12.3), fill=self.colours[s], outline=None)
                canvas.text((x + 4, 11), name, 3.2, anchor="lm")


def make(dice: Dice, level: int) -> Draft:
    """Level 1 one bar or a difference, level 2 totals and means, level 3 two series compared."""
    topic = dice.pick(TOPICS)
    step = dice.pick((2, 4, 10, 20, 50, 100))
    count = dice.between(4, 5) + (level > 1)
    start = dice.between(0, len(topic.names) - count)
    names = topic.names[start : start + count]
    series = dice.pick(_SERIES) if level == 3 else ("",)
    half = step // 2 if level > 1 else step
    top = 2 * 7 if level > 1 else 7
    values = tuple(tuple(v * half for v in _spread(dice, top, count)) for _ in series)
    colours = tuple(dice.sample(PALETTE[:5], len(series)))
    scene = Bars(topic, names, series, values, step, colours)
    facts = [f"The bar chart is titled “{topic.title}” and its value axis counts {topic.axis}."]
    for s, row in enumerate(values):
        told = listed([f"{name} {value}" for name, value in zip(names, row, strict=True)])
        facts.append(f"The bars{f' of {series[s]}' if series[s] else ''} show {told}.")
    question, chinese, answer, slips, steps, effort = {1: _one, 2: _several, 3: _two_series}[level](dice, scene)
    return Draft(scene, question, chinese, str(answer), misses(answer, dice, slips=slips), tuple(facts), steps, effort)


Task = tuple[str, str, int, tuple[int, ...], tuple[str, ...], float]


def _spread(dice: Dice, top: int, count: int) -> list[int]:
    """Values from 1 to top, all different, so that the longest and shortest bar are clear."""
    return dice.sample(range(1, top + 1), count)


def _one(dice: Dice, bars: Bars) -> Task:
    values = dict(zip(bars.names, bars.values[0], strict=True))
    a, b = dice.sample(bars.names, 2)
    if dice.chance(0.5):
        question = dice.pick(
            (
                f"According to the chart, how many {bars.topic.axis} are shown for {a}?",
                f"What value does the bar for {a} show?",
                f"How high is the bar labelled {a}?",
            )
        )
        slips = tuple(v for n, v in values.items() if n != a)
        return (
            question,
            f"根据柱状图，{a} 对应的数值是多少？",
            values[a],
            slips,
            (f"The bar for {a} ends at {values[a]}.",),
            0.1,
        )
    high, low = (a, b) if values[a] > values[b] else (b, a)
    question = dice.pick(
        (
            f"How many more {bars.topic.axis} does the chart show for {high} than for {low}?",
            f"What is the difference between the bars for {high} and {low}?",
            f"By how much does {high} exceed {low}?",
        )
    )
    gap = values[high] - values[low]
    steps = (
        f"The bar for {high} ends at {values[high]} and the bar for {low} at {values[low]}.",
        f"The difference is {values[high]} - {values[low]} = {gap}.",
    )
    return (
        question,
        f"根据柱状图，{high} 比 {low} 多多少？",
        gap,
        (values[high], values[high] + values[low]),
        steps,
        0.6,
    )


def _several(dice: Dice, bars: Bars) -> Task:
    row, names = bars.values[0], bars.names
    if dice.chance(0.5):
        chosen = sorted(dice.sample(range(len(names)), 3))
        told, parts = listed([names[i] for i in chosen]), [row[i] for i in chosen]
        total = sum(parts)
        question = dice.pick(
            (
                f"What is the total for {told}?",
                f"Add up the bars for {told}. How many {bars.topic.axis} is that?",
                f"How many {bars.topic.axis} are there in {told} together?",
            )
        )
        steps = (
            f"The bars for {told} show {listed(parts)}.",
            f"{' + '.join(str(p) for p in parts)} = {total}.",
        )
        return (
            question,
            f"{'、'.join(names[i] for i in chosen)} 的数值之和是多少？",
            total,
            (total - parts[0],),
            steps,
            0.4,
        )
    gap = max(row) - min(row)
    high, low = names[row.index(max(row))], names[row.index(min(row))]
    question = dice.pick(
        (
            "How far apart are the highest and the lowest bar?",
            f"What is the range of the numbers of {bars.topic.axis} in the chart?",
            "By how much does the longest bar exceed the shortest one?",
        )
    )
    steps = (
        f"The highest bar is {high} with {max(row)} and the lowest is {low} with {min(row)}.",
        f"{max(row)} - {min(row)} = {gap}.",
    )
    return question, "图中最高的柱与最低的柱相差多少？", gap, (max(row), max(row) + min(row)), steps, 0.6


def _two_series(dice: Dice, bars: Bars) -> Task:
    (one, two), (first, second) = bars.series, bars.values
    gaps = [abs(a - b) for a, b in zip(first, second, strict=True)]
    if dice.chance(0.5):
        at = gaps.index(max(gaps))
        question = dice.pick(
            (
                f"What is the largest difference between {one} and {two} in any single group of bars?",
                f"Look at the group in which {one} and {two} differ most. How large is that difference?",
                f"What is the greatest gap between the bars of {one} and {two} standing side by side?",
            )
        )
        told = ", ".join(f"{n} {g}" for n, g in zip(bars.names, gaps, strict=True))
        steps = (f"The differences are {told}.", f"The largest, for {bars.names[at]}, is {gaps[at]}.")
        return question, f"{one} 与 {two} 在同一组中的最大差值是多少？", gaps[at], (min(gaps), max(first)), steps, 0.6
    ahead = [i for i in range(len(first)) if first[i] > second[i]]
    total = sum(second[i] for i in ahead)
    if not ahead or total == sum(second):
        return _two_totals(bars)
    question = f"Take only the groups in which {one} is higher than {two}. What do their bars of {two} add up to?"
    told = listed([bars.names[i] for i in ahead])
    steps = (
        f"{one} is higher than {two} for {told}.",
        f"The bars of {two} there add up to {' + '.join(str(second[i]) for i in ahead)} = {total}.",
    )
    slips = (sum(first[i] for i in ahead), sum(second) - total, sum(second))
    return question, f"只看 {one} 高于 {two} 的各组，这些组中 {two} 的数值之和是多少？", total, slips, steps, 0.9


def _two_totals(bars: Bars) -> Task:
    (one, two), (first, second) = bars.series, bars.values
    gap = abs(sum(first) - sum(second))
    steps = (
        f"{one} adds up to {sum(first)} and {two} to {sum(second)}.",
        f"The totals differ by {gap}.",
    )
    question = f"By how much do the totals of {one} and {two} differ?"
    return question, f"{one} 与 {two} 的总和相差多少？", gap, (sum(first), sum(second)), steps, 0.7


FAMILY = Family("bar_chart", Domain.MATHEMATICS, "Mathematical Plot / Chart", (0.05, 0.7), make)
