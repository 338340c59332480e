"""Right triangles: a missing side, a height or diagonal found through one, and two triangles in a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isqrt

from mmfinereason.lab.puzzles.canvas import PALETTE
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families.figure import Figure
from mmfinereason.lab.puzzles.puzzle import Draft, Family
from mmfinereason.lab.puzzles.words import misses, with_unit
from mmfinereason.schema import Domain

_TRIPLES = ((3, 4, 5), (5, 12, 13), (8, 15, 17), (20, 21, 29), (12, 35, 37), (9, 40, 41), (7, 24, 25), (28, 45, 53))
_UNITS = ("cm", "m", "mm", "in", "ft")
_LETTERS = ("ABCD", "PQRS", "KLMN", "EFGH", "RSTU", "UVWX", "GHIJ")


@dataclass(frozen=True)
class Problem:
    """A figure, the square of the length asked for, and how to get there."""

    figure: Figure
    target: str
    squared: int
    slips: tuple[int, ...]
    facts: tuple[str, ...]
    steps: tuple[str, ...]
    effort: float


def make(dice: Dice, level: int) -> Draft:
    """One of the problems of the level; lengths that are no whole numbers stay roots."""
    unit = dice.pick(_UNITS)
    problem = dice.pick(_PROBLEMS[level])(dice, tuple(dice.pick(_LETTERS)), unit)
    figure = replace(
        problem.figure,
        turn=dice.between(0, 359),
        mirrored=dice.chance(0.5),
        colour=dice.pick(("#1f2430", PALETTE[0], PALETTE[4], PALETTE[6])),
    )
    length = isqrt(problem.squared)
    whole = length**2 == problem.squared
    answer = with_unit(_root(problem.squared), unit)
    wrong = misses(length, dice, unit, problem.slips)
    if not whole:
        near = [problem.squared + d for d in dice.shuffled((-3, -2, -1, 1, 2, 3))]
        wrong = (*(f"{_root(n)} {unit}" for n in near if isqrt(n) ** 2 != n), f"{sum(problem.slips)} {unit}")
    exact = "" if whole else " Give the exact value."
    return Draft(
        figure,
        dice.pick(_QUESTIONS).format(target=problem.target) + exact,
        f"求图中线段 {problem.target[-2:]} 的长度。{'' if whole else '请给出精确值。'}",
        answer,
        wrong,
        problem.facts,
        (*problem.steps, f"So {problem.target[-2:]} = {answer}."),
        problem.effort,
    )


def _root(number: int) -> str:
    """The square root in lowest terms: `5`, `√41` or `2√10`."""
    outside = max(n for n in range(1, isqrt(number) + 1) if number % (n * n) == 0)
    inside = number // outside**2
    return str(outside) if inside == 1 else f"{outside if outside > 1 else ''}√{inside}"


def _triple(dice: Dice) -> tuple[int, int, int]:
    """A right triangle with whole sides, legs in random order."""
    a, b, c = dice.pick(_TRIPLES[:4] + _TRIPLES[6:])
    factor = dice.between(1, max(1, 60 // c))
    a, b = (a, b) if dice.chance(0.5) else (b, a)
    return a * factor, b * factor, c * factor


Names = tuple[str, ...]


def _hypotenuse(dice: Dice, names: Names, unit: str) -> Problem:
    a, b, c = names[:3]
    x, y, z = _triple(dice)
    figure = Figure(
        ((a, (x, 0)), (b, (0, 0)), (c, (0, y))),
        sides=(a + b, b + c, c + a),
        squares=(a + b + c,),
        lengths=((a + b, f"{x} {unit}"), (b + c, f"{y} {unit}")),
    )
    facts = (
        f"Triangle {a}{b}{c} has a right angle at {b}.",
        f"{a}{b} = {x} {unit} and {b}{c} = {y} {unit}.",
    )
    steps = (
        f"{a}{c} is the hypotenuse: {a}{c}² = {x}² + {y}² = {x * x} + {y * y} = {z * z}.",
        f"The square root of {z * z} is {z}.",
    )
    return Problem(figure, a + c, z * z, (x + y, abs(x - y)), facts, steps, 0.3)


def _leg(dice: Dice, names: Names, unit: str) -> Problem:
    a, b, c = names[:3]
    x, y, z = _triple(dice)
    figure = Figure(
        ((a, (x, 0)), (b, (0, 0)), (c, (0, y))),
        sides=(a + b, b + c, c + a),
        squares=(a + b + c,),
        lengths=((a + b, f"{x} {unit}"), (c + a, f"{z} {unit}")),
    )
    facts = (
        f"Triangle {a}{b}{c} has a right angle at {b}.",
        f"{a}{b} = {x} {unit} and the hypotenuse {a}{c} = {z} {unit}.",
    )
    steps = (
        f"{b}{c} is a leg: {b}{c}² = {z}² - {x}² = {z * z} - {x * x} = {y * y}.",
        f"The square root of {y * y} is {y}.",
    )
    return Problem(figure, b + c, y * y, (z - x, z + x), facts, steps, 0.7)


def _height(dice: Dice, names: Names, unit: str) -> Problem:
    a, b, c, d = names
    half, height, side = _triple(dice)
    figure = Figure(
        ((a, (-half, 0)), (b, (half, 0)), (c, (0, height)), (d, (0, 0))),
        sides=(a + d, d + b, b + c, c + a),
        dashed=(c + d,),
        squares=(b + d + c,),
        ticks=(b + c, c + a),
        lengths=((b + c, f"{side} {unit}"),),
        spans=((a + b, f"{2 * half} {unit}"),),
    )
    facts = (
        f"Triangle {a}{b}{c} is isosceles: {c}{a} and {c}{b} are marked as equal.",
        f"{c}{b} = {side} {unit} and the base {a}{b} = {2 * half} {unit}.",
        f"The dashed height from {c} meets {a}{b} at {d} in a right angle.",
    )
    steps = (
        f"The height halves the base: {d}{b} = {half} {unit}.",
        f"{c}{d}² = {side}² - {half}² = {side * side} - {half * half} = {height * height}.",
    )
    return Problem(
        figure, f"the height {c}{d}", height * height, (side - half, abs(side - 2 * half)), facts, steps, 0.6
    )


def _diagonal(dice: Dice, names: Names, unit: str) -> Problem:
    a, b, c, d = names
    x, y, z = _triple(dice)
    figure = Figure(
        ((a, (0, 0)), (b, (x, 0)), (c, (x, y)), (d, (0, y))),
        sides=(a + b, b + c, c + d, d + a, a + c),
        squares=(a + b + c, c + d + a),
        lengths=((a + b, f"{x} {unit}"), (a + c, f"{z} {unit}")),
    )
    facts = (
        f"{a}{b}{c}{d} is a rectangle with its diagonal {a}{c}.",
        f"{a}{b} = {x} {unit} and {a}{c} = {z} {unit}.",
    )
    steps = (
        f"The diagonal and two sides form a right triangle, and {a}{d} = {b}{c}.",
        f"{a}{d}² = {z}² - {x}² = {z * z} - {x * x} = {y * y}.",
    )
    return Problem(figure, f"the side {a}{d}", y * y, (z - x, x, z), facts, steps, 0.4)


def _two(dice: Dice, names: Names, unit: str) -> Problem:
    a, b, c, d = names
    x, y, z = dice.between(4, 12), dice.between(4, 12), dice.between(4, 12)
    slope = x * x + y * y
    out = (y / slope**0.5 * z, x / slope**0.5 * z)
    figure = Figure(
        ((a, (0, 0)), (b, (x, 0)), (c, (x, y)), (d, (x - out[0], y + out[1]))),
        sides=(a + b, b + c, c + d, a + c, a + d),
        squares=(a + b + c, a + c + d),
        lengths=((a + b, f"{x} {unit}"), (b + c, f"{y} {unit}"), (c + d, f"{z} {unit}")),
    )
    total = slope + z * z
    facts = (
        f"Triangle {a}{b}{c} has a right angle at {b}, with {a}{b} = {x} {unit} and {b}{c} = {y} {unit}.",
        f"On {a}{c} stands triangle {a}{c}{d} with a right angle at {c} and {c}{d} = {z} {unit}.",
    )
    steps = (
        f"{a}{c}² = {x}² + {y}² = {slope}.",
        f"{a}{d}² = {a}{c}² + {c}{d}² = {slope} + {z * z} = {total}.",
    )
    return Problem(figure, a + d, total, (x + y + z, x + z), facts, steps, 0.6)


def _shared_height(dice: Dice, names: Names, unit: str) -> Problem:
    a, b, c, d = names
    height, (near, far) = dice.between(5, 15), dice.sample(range(4, 15), 2)
    left = near * near + height * height
    side = _root(left)
    figure = Figure(
        ((a, (-near, 0)), (b, (far, 0)), (c, (0, height)), (d, (0, 0))),
        sides=(a + d, d + b, b + c, c + a, c + d),
        squares=(b + d + c,),
        lengths=((a + d, f"{near} {unit}"), (d + b, f"{far} {unit}"), (a + c, f"{side} {unit}")),
    )
    total = far * far + height * height
    facts = (
        f"In triangle {a}{b}{c} the segment {c}{d} meets {a}{b} at {d} in a right angle.",
        f"{a}{d} = {near} {unit}, {d}{b} = {far} {unit} and {a}{c} = {side} {unit}.",
    )
    steps = (
        f"In triangle {a}{d}{c}: {c}{d}² = {left} - {near * near} = {height * height}, so {c}{d} = {height} {unit}.",
        f"In triangle {c}{d}{b}: {b}{c}² = {far * far} + {height * height} = {total}.",
    )
    return Problem(figure, b + c, total, (near + far, height + far), facts, steps, 0.9)


_PROBLEMS: dict[int, tuple[Callable[[Dice, Names, str], Problem], ...]] = {
    1: (_hypotenuse, _leg),
    2: (_height, _diagonal),
    3: (_two, _shared_height),
}
_QUESTIONS = (
    "How long is {target} in the figure?",
    "Find the length of {target}.",
    "Use the right angles in the figure to work out {target}.",
    "What is the length of {target}? Give the unit.",
    "Determine {target} from the lengths marked in the picture.",
)

FAMILY = Family("pythagoras", Domain.MATHEMATICS, "Geometric Diagram", (0.1, 0.7), make)
