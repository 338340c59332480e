"""Graphs on squared paper: read a point or slope, read a parabola, combine two graphs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from mmfinereason.lab.puzzles.canvas import GREY, INK, PALETTE, PAPER, Canvas, Point
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.puzzle import Draft, Family
from mmfinereason.schema import Domain

_REACH = 6
"""The axes run from -6 to 6."""


@dataclass(frozen=True)
class Graph:
    """A named graph given by its corners, joined by straight lines, or by a vertex (h, k) and a factor."""

    name: str
    corners: tuple[Point, ...] = ()
    parabola: tuple[int, int, Fraction] | None = None

    def at(self, x: float) -> float:
        """The value at x."""
        if self.parabola:
            h, k, factor = self.parabola
            return float(factor) * (x - h) ** 2 + k
        left, right = next((a, b) for a, b in zip(self.corners, self.corners[1:], strict=False) if a[0] <= x <= b[0])
        return left[1] + (right[1] - left[1]) * (x - left[0]) / (right[0] - left[0])

    def points(self) -> list[Point]:
        """Points close enough to draw the part inside the axes."""
        if not self.parabola:
            return list(self.corners)
        xs = [i / 10 - _REACH - 0.4 for i in range(20 * _REACH + 9)]
        return [(x, self.at(x)) for x in xs if abs(self.at(x)) <= _REACH + 0.4]


@dataclass(frozen=True)
class Plot:
    """Axes with a unit grid and one or two graphs."""

    graphs: tuple[Graph, ...]
    colours: tuple[str, ...]
    height: float = 100.0

    def draw(self, canvas: Canvas) -> None:
        """Grid, axes with numbers, graphs, names."""
        low, high = _on((-_REACH - 0.6, -_REACH - 0.6)), _on((_REACH + 0.6, _REACH + 0.6))
        for i in range(-_REACH, _REACH + 1):
            x, y = _on((i, i))
            canvas.line([(x, low[1]), (x, high[1])], "#d5d9e0", 0.3)
            canvas.line([(low[0], y), (high[0], y)], "#d5d9e0", 0.3)
        canvas.arrow((low[0], 50), (high[0] + 1.5, 50), INK, 0.45)
        canvas.arrow((50, low[1]), (50, high[1] - 1.5), INK, 0.45)
        for i in range(-_REACH, _REACH + 1):
            if i:
                canvas.text((_on((i, 0))[0], 52.6), str(i), 2.9, GREY)
                canvas.text((48.8, _on((0, i))[1]), str(i), 2.9, GREY, "rm")
        canvas.text((97.5, 47), "x", 4)
        canvas.text((53, 2.5), "y", 4)
        for graph, colour in zip(self.graphs, self.colours, strict=True):
            canvas.line([_on(p) for p in graph.points()], colour, 0.9)
            for corner in graph.corners[1:-1]:
                canvas.circle(_on(corner), 0.9, fill=colour, outline=None)
        for i, (graph, colour) in enumerate(zip(self.graphs, self.colours, strict=True)):
            canvas.text((7, 5 + 6 * i), f"y = {graph.name}(x)", 4, colour, "lm", bold=True, halo=PAPER)


def _on(point: Point) -> Point:
    return (50 + point[0] * 6.8, 50 - point[1] * 6.8)


@dataclass(frozen=True)
class Asked:
    """A question about a plot; answers may be negative or fractions."""

    graphs: tuple[Graph, ...]
    question: str
    chinese: str
    answer: Fraction
    slips: tuple[Fraction | int, ...]
    facts: tuple[str, ...]
    steps: tuple[str, ...]
    effort: float


def make(dice: Dice, level: int) -> Draft:
    """Level 1 broken lines and straight lines, level 2 parabolas and areas, level 3 two graphs."""
    asked = dice.pick(_TASKS[level])(dice)
    near = [asked.answer + d for d in dice.shuffled((-1, 1, -2, 2))]
    wrong = [Fraction(s) for s in (*asked.slips, *near) if s != asked.answer]
    return Draft(
        Plot(asked.graphs, tuple(dice.sample(PALETTE[:5], len(asked.graphs)))),
        asked.question,
        asked.chinese,
        str(asked.answer),
        tuple(str(w) for w in wrong),
        ("The grid lines of the picture are one unit apart.", *asked.facts),
        asked.steps,
        asked.effort,
    )


def _broken(dice: Dice, name: str, low: int = -5, high: int = 5) -> Graph:
    """A broken line whose corners lie on the grid."""
    xs = [-_REACH, *sorted(dice.sample(range(-4, 5), 3)), _REACH]
    return Graph(name, tuple((x, dice.between(low, high)) for x in xs))


def _corners(graph: Graph) -> str:
    told = " and ".join([", ".join(_pair(c) for c in graph.corners[:-1]), _pair(graph.corners[-1])])
    return f"The graph of {graph.name} is a broken line through {told}."


def _pair(point: Point) -> str:
    return f"({point[0]:g}, {point[1]:g})"


def _added(*numbers: Fraction | int) -> str:
    """`-3 + 4 - 1`."""
    first, *rest = numbers
    return str(first) + "".join(f" {'-' if n < 0 else '+'} {abs(n)}" for n in rest)


def _name(dice: Dice) -> str:
    return dice.pick(("f", "g", "h", "p", "q", "u"))


def _value(dice: Dice) -> Asked:
    graph = _broken(dice, _name(dice))
    x, y = dice.pick(graph.corners[1:-1])
    question = dice.pick(
        (
            f"Read the graph: what is {graph.name}({x})?",
            f"What value does the function {graph.name} take at x = {x}?",
            f"Find {graph.name}({x}) from the graph.",
        )
    )
    slips = (*(Fraction(int(c[1])) for c in graph.corners), Fraction(int(-y)))
    steps = (f"Above or below x = {x} the graph passes the point ({x}, {y}).", f"So {graph.name}({x}) = {y}.")
    chinese = f"根据图像，求 {graph.name}({x}) 的值。"
    return Asked((graph,), question, chinese, Fraction(int(y)), slips, (_corners(graph),), steps, 0.2)


def _slope(dice: Dice) -> Asked:
    rise, run = dice.pick([(r, n) for r in range(-4, 5) for n in range(1, 5) if r])
    x0 = dice.between(-4, 3 - run)
    y0 = dice.between(max(-5, -5 - rise), min(5, 5 - rise))
    slope = Fraction(rise, run)
    name = _name(dice)
    marks = ((x0, y0), (x0 + run, y0 + rise))
    graph = _line(name, *marks)
    question = dice.pick(
        (
            f"What is the slope of the line y = {name}(x)?",
            f"Two points of the line are marked. What is the gradient of {name}?",
            f"Determine the slope of the graph of {name}.",
        )
    )
    facts = (
        f"The graph of {name} is a straight line through the marked points {_pair(marks[0])} and {_pair(marks[1])}.",
    )
    steps = (
        f"From {_pair(marks[0])} to {_pair(marks[1])} x grows by {run} and y changes by {rise}.",
        f"The slope is {rise} / {run} = {slope}.",
    )
    return Asked(
        (graph,), question, f"求直线 y = {name}(x) 的斜率。", slope, (-slope, 1 / slope, -1 / slope), facts, steps, 0.7
    )


def _line(name: str, one: Point, two: Point) -> Graph:
    """The straight line through two points, from edge to edge of the axes."""
    slope = (two[1] - one[1]) / (two[0] - one[0])
    limit = _REACH + 0.4
    across = (-limit, limit) if not slope else (one[0] + (-limit - one[1]) / slope, one[0] + (limit - one[1]) / slope)
    ends = [max(-limit, min(limit, x)) for x in sorted(across)]
    return Graph(name, tuple((x, one[1] + slope * (x - one[0])) for x in (ends[0], one[0], two[0], ends[1])))


def _vertex(dice: Dice) -> Asked:
    h, k = dice.between(-3, 3), dice.between(-5, 5)
    factor = Fraction(dice.pick((1, 2))) if k <= 1 else Fraction(-dice.pick((1, 2)))
    name = _name(dice)
    graph = Graph(name, parabola=(h, k, factor))
    offset = dice.pick([d for d in (-2, -1, 1, 2, 3, -3) if abs(k + factor * d * d) <= _REACH])
    facts = (f"The graph of {name} is a parabola with its vertex at ({h}, {k}).",)
    if dice.chance(0.5):
        word = "minimum" if factor > 0 else "maximum"
        question = dice.pick(
            (
                f"The function {name} has its {word} at x = a with value b. What is a + b?",
                f"What is the sum of the two coordinates of the vertex of y = {name}(x)?",
            )
        )
        steps = (f"The vertex lies at ({h}, {k}).", f"{_added(h, k)} = {h + k}.")
        chinese = f"抛物线 y = {name}(x) 的顶点的横坐标与纵坐标之和是多少？"
        return Asked((graph,), question, chinese, Fraction(h + k), (h - k, h, k, h * k), facts, steps, 0.3)
    x, y = h + offset, k + factor * offset**2
    question = dice.pick(
        (
            f"What is {name}({x}) + {name}({h})?",
            f"Read the parabola and add {name}({h}) and {name}({x}).",
        )
    )
    steps = (f"From the graph, {name}({h}) = {k} and {name}({x}) = {y}.", f"{_added(k, y)} = {k + y}.")
    chinese = f"根据图像，求 {name}({x}) + {name}({h})。"
    return Asked((graph,), question, chinese, k + y, (k - y, y - k, k, y), facts, steps, 0.5)


def _area(dice: Dice) -> Asked:
    graph = _broken(dice, _name(dice), 0, 6)
    inner = [int(c[0]) for c in graph.corners[1:-1]]
    a, b = (inner[0], inner[2])
    parts = [
        Fraction(int(left[1] + right[1]) * int(right[0] - left[0]), 2)
        for left, right in zip(graph.corners[1:3], graph.corners[2:4], strict=True)
    ]
    total = sum(parts, Fraction(0))
    name = graph.name
    question = dice.pick(
        (
            f"What is the area between the graph of {name} and the x-axis from x = {a} to x = {b}?",
            f"Find the definite integral of {name} from {a} to {b}.",
        )
    )
    steps = (
        f"Between x = {a} and x = {inner[1]} lies a trapezoid of area {parts[0]}.",
        f"Between x = {inner[1]} and x = {b} lies a trapezoid of area {parts[1]}.",
        f"Together {parts[0]} + {parts[1]} = {total}.",
    )
    chinese = f"求函数 {name} 的图像与 x 轴在 x = {a} 到 x = {b} 之间围成的面积。"
    return Asked((graph,), question, chinese, total, (2 * total, *parts, total + 3), (_corners(graph),), steps, 0.8)


def _compose(dice: Dice) -> Asked:
    inner, outer = _broken(dice, "g"), _broken(dice, "f")
    reachable = [(int(x), int(y)) for x, y in inner.corners[1:-1] if y in [c[0] for c in outer.corners]]
    if not reachable:
        x, y = (int(v) for v in inner.corners[2])
        moved = dict(outer.corners[1:-1]) | {y: dice.between(-5, 5)}
        outer = Graph("f", (outer.corners[0], *sorted(moved.items()), outer.corners[-1]))
        reachable = [(x, y)]
    x, y = reachable[0]
    value = int(outer.at(y))
    question = dice.pick(
        (
            f"Use both graphs to find f(g({x})).",
            f"What is the value of the composition f(g({x}))?",
            f"Apply g to {x} and then f to the result. What number comes out?",
        )
    )
    steps = (
        f"The graph of g gives g({x}) = {y}.",
        f"The graph of f gives f({y}) = {value}.",
        f"So f(g({x})) = {value}.",
    )
    slips = (y, int(Fraction(round(outer.at(x)))), y + value, y * value)
    facts = (_corners(outer), _corners(inner))
    return Asked((outer, inner), question, f"根据两个图像，求 f(g({x}))。", Fraction(value), slips, facts, steps, 0.6)


def _meet(dice: Dice) -> Asked:
    h, k = dice.between(-2, 2), dice.between(-5, -3)
    one, two = sorted(dice.sample((-3, -2, -1, 1, 2, 3), 2))
    parabola = Graph("f", parabola=(h, k, Fraction(1)))
    (x1, y1), (x2, y2) = ((h + d, k + d * d) for d in (one, two))
    line = _line("g", (x1, y1), (x2, y2))
    total = x1 + x2 + y1 + y2
    question = dice.pick(
        (
            "The two graphs meet in two points. What is the sum of all four coordinates of these points?",
            "Find the two points in which the graphs cross and add up their coordinates.",
        )
    )
    facts = (
        f"The graph of f is a parabola with its vertex at ({h}, {k}).",
        f"The graph of g is a straight line that meets it at ({x1}, {y1}) and ({x2}, {y2}).",
    )
    steps = (
        f"The graphs meet at ({x1}, {y1}) and ({x2}, {y2}).",
        f"{_added(x1, y1, x2, y2)} = {total}.",
    )
    chinese = "两个图像相交于两点，这两点的四个坐标之和是多少？"
    return Asked((parabola, line), question, chinese, Fraction(total), (x1 + x2, y1 + y2, -total), facts, steps, 0.9)


_TASKS: dict[int, tuple[Callable[[Dice], Asked], ...]] = {
    1: (_value, _slope),
    2: (_vertex, _area),
    3: (_compose, _meet),
}

FAMILY = Family("function_plot", Domain.MATHEMATICS, "Mathematical Plot / Chart", (0.12, 0.8), make)
