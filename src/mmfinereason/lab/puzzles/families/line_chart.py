"""A line chart: read a point, find a change between points, or compare two lines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from mmfinereason.lab.puzzles.canvas import PALETTE, Canvas
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families.chart import BOTTOM, HEIGHT, LEFT, RIGHT, SERIES, Topic, frame, legend, level
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family
from mmfinereason.lab.puzzles.words import listed
from mmfinereason.schema import Domain

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HOURS = tuple(f"{h}:00" for h in range(8, 20))
_YEARS = tuple(str(y) for y in range(2008, 2020))

_TOPICS = (
    Topic("Water level of the reservoir", "centimetres", _MONTHS),
    Topic("Rainfall at the weather station", "millimetres", _MONTHS),
    Topic("Customers in the bakery", "customers", _HOURS),
    Topic("Cars on the bridge", "cars", _HOURS),
    Topic("Members of the chess club", "members", _YEARS),
    Topic("Storks counted in the valley", "storks", _YEARS),
)


@dataclass(frozen=True)
class Lines:
    """One or two lines; `values[s][n]` is the point above name n."""

    topic: Topic
    names: tuple[str, ...]
    series: tuple[str, ...]
    values: tuple[tuple[int, ...], ...]
    step: int
    colours: tuple[str, ...]
    height: float = HEIGHT

    def draw(self, canvas: Canvas) -> None:
        """The frame, then each line with round or square points."""
        lines = max(max(row) for row in self.values) // self.step + 1
        frame(canvas, self.topic, lines, self.step)
        slot = (RIGHT - LEFT) / len(self.names)
        across = [LEFT + slot * (n + 0.5) for n in range(len(self.names))]
        for x, name in zip(across, self.names, strict=True):
            canvas.text((x, BOTTOM + 4), name, 3.2)
            canvas.line([(x, BOTTOM), (x, BOTTOM + 1)])
        for s, row in enumerate(self.values):
            points = [(x, level(value, lines * self.step)) for x, value in zip(across, row, strict=True)]
            canvas.line(points, self.colours[s], 0.8)
            for x, y in points:
                if s == 0:
                    canvas.circle((x, y), 1.2, fill=self.colours[s], outline=None)
                else:
                    canvas.box((x - 1.1, y - 1.1), (x + 1.1, y + 1.1), fill=self.colours[s], outline=None)
        legend(canvas, self.series, self.colours)


def make(dice: Dice, level: int) -> Draft:
    """Level 1 one point or a change, level 2 the steepest change or a count, level 3 two lines."""
    topic = dice.pick(_TOPICS)
    step = dice.pick((2, 4, 10, 20, 40, 100))
    count = {1: dice.between(4, 5), 2: dice.between(6, 7), 3: dice.between(6, 7)}[level]
    start = dice.between(0, len(topic.names) - count)
    series = dice.pick(SERIES[2:]) if level == 3 else ("",)
    unit, top = (step, 7) if level == 1 else (step // 2, 14)
    values = tuple(_walk(dice, count, top, unit) for _ in series)
    colours = tuple(dice.sample(PALETTE[:5], len(series)))
    scene = Lines(topic, topic.names[start : start + count], series, values, step, colours)
    asked = {1: dice.pick((_one, _change)), 2: dice.pick((_steepest, _above)), 3: dice.pick((_gap, _totals))}
    return asked[level](dice, scene).draft(scene, _facts(scene), dice)


def _walk(dice: Dice, count: int, top: int, unit: int) -> tuple[int, ...]:
    """A line whose neighbouring points always differ."""
    points = [dice.between(2, top)]
    while len(points) < count:
        points.append(dice.pick([v for v in range(1, top + 1) if v != points[-1]]))
    return tuple(p * unit for p in points)


def _facts(lines: Lines) -> tuple[str, ...]:
    facts = [f"The line chart is titled “{lines.topic.title}” and its value axis is in {lines.topic.axis}."]
    for name, row in zip(lines.series, lines.values, strict=True):
        told = listed([f"{value} at {n}" for n, value in zip(lines.names, row, strict=True)])
        facts.append(f"The line{f' of {name}' if name else ''} passes {told}.")
    return tuple(facts)


def _one(dice: Dice, lines: Lines) -> Asked:
    at = dice.between(0, len(lines.names) - 1)
    name, value = lines.names[at], lines.values[0][at]
    question = dice.pick(
        (
            f"What value does the line show at {name}?",
            f"Read the chart: how many {lines.topic.axis} were recorded at {name}?",
            f"How many {lines.topic.axis} belong to the point at {name}?",
        )
    )
    slips = tuple(v for v in lines.values[0] if v != value)
    return Asked(
        question, f"折线图中 {name} 处的数值是多少？", value, slips, (f"The point at {name} lies at {value}.",), 0.1
    )


def _change(dice: Dice, lines: Lines) -> Asked:
    a, b = sorted(dice.sample(range(len(lines.names)), 2))
    first, last, names = lines.values[0][a], lines.values[0][b], (lines.names[a], lines.names[b])
    if first == last:
        return _one(dice, lines)
    question = dice.pick(
        (
            f"By how many {lines.topic.axis} did the value change from {names[0]} to {names[1]}?",
            f"How large is the difference between the points at {names[0]} and {names[1]}?",
        )
    )
    gap = abs(first - last)
    steps = (f"The line is at {first} at {names[0]} and at {last} at {names[1]}.", f"The difference is {gap}.")
    return Asked(
        question, f"从 {names[0]} 到 {names[1]}，数值变化了多少？", gap, (first, last, first + last), steps, 0.6
    )


def _steepest(dice: Dice, lines: Lines) -> Asked:
    row = lines.values[0]
    rises = [b - a for a, b in pairwise(row)]
    if max(rises) <= 0:
        return _above(dice, lines)
    best = max(rises)
    at = rises.index(best)
    question = dice.pick(
        (
            "How large is the biggest rise between two neighbouring points?",
            f"Between consecutive points, what was the greatest increase in {lines.topic.axis}?",
            "Find the steepest upward step of the line. By how much does it rise?",
        )
    )
    steps = (
        f"The steps from point to point are {', '.join(f'{r:+d}' for r in rises)}.",
        f"The biggest rise is from {lines.names[at]} to {lines.names[at + 1]}: {row[at + 1]} - {row[at]} = {best}.",
    )
    slips = (max(row) - min(row), abs(min(rises)), max(row))
    return Asked(question, "相邻两点之间最大的上升量是多少？", best, slips, steps, 0.5)


def _above(dice: Dice, lines: Lines) -> Asked:
    row = lines.values[0]
    mean = sum(row) // len(row)
    half = lines.step // 2
    bound = mean // half * half + half
    above = [n for n, value in zip(lines.names, row, strict=True) if value > bound]
    question = dice.pick(
        (
            f"At how many of the marked points is the value above {bound}?",
            f"How many points of the line lie higher than {bound}?",
        )
    )
    steps = (
        f"The values are {', '.join(map(str, row))}.",
        f"Above {bound} lie {listed(above)}, so there are {len(above)}." if above else f"None lies above {bound}: 0.",
    )
    return Asked(question, f"折线上有多少个点的数值大于 {bound}？", len(above), (len(row) - len(above),), steps, 0.4)


def _gap(dice: Dice, lines: Lines) -> Asked:
    (one, two), (first, second) = lines.series, lines.values
    gaps = [abs(a - b) for a, b in zip(first, second, strict=True)]
    widest = max(gaps)
    question = dice.pick(
        (
            f"What is the largest gap between the lines of {one} and {two} at the same point of the axis?",
            f"Where the two lines are farthest apart, how many {lines.topic.axis} lie between them?",
        )
    )
    told = ", ".join(f"{name} {gap}" for name, gap in zip(lines.names, gaps, strict=True))
    steps = (f"The gaps are {told}.", f"The largest gap, at {lines.names[gaps.index(widest)]}, is {widest}.")
    return Asked(question, "两条折线在同一位置的最大差距是多少？", widest, (max(first), max(second)), steps, 0.6)


def _totals(dice: Dice, lines: Lines) -> Asked:
    (one, two), (first, second) = lines.series, lines.values
    total = sum(first) - sum(second)
    if total == 0:
        return _gap(dice, lines)
    ahead, behind = (one, two) if total > 0 else (two, one)
    question = dice.pick(
        (
            f"Add up all points of each line. By how much is the total of {ahead} greater than that of {behind}?",
            f"Summed over the whole chart, how many more {lines.topic.axis} has {ahead} than {behind}?",
        )
    )
    steps = (
        f"{one}: {' + '.join(map(str, first))} = {sum(first)}.",
        f"{two}: {' + '.join(map(str, second))} = {sum(second)}.",
        f"The totals differ by {abs(total)}.",
    )
    slips = (sum(first), sum(second), abs(first[-1] - second[-1]))
    return Asked(question, f"全图合计，{ahead} 比 {behind} 多多少？", abs(total), slips, steps, 0.9)


FAMILY = Family("line_chart", Domain.MATHEMATICS, "Mathematical Plot / Chart", (0.08, 0.75), make)
