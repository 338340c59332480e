"""The area of a figure with its measures written beside it; level 3 takes circles out of squares and leaves π exact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mmfinereason.lab.puzzles.canvas import PAPER
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families.figure import Figure
from mmfinereason.lab.puzzles.puzzle import Draft, Family
from mmfinereason.lab.puzzles.words import misses, with_unit
from mmfinereason.schema import Domain

_UNITS = ("cm", "m", "mm", "km", "in", "ft")
_TINTS = ("#cfe5f5", "#fbe3b6", "#c9ece0", "#f4dcea", "#e3d7ec", "#f8d5c2")


@dataclass(frozen=True)
class Problem:
    """A figure and its area, as a number or as a text with π; `wrong` has the same form."""

    figure: Figure
    shape: str
    area: str
    wrong: tuple[str, ...]
    facts: tuple[str, ...]
    steps: tuple[str, ...]
    effort: float


def make(dice: Dice, level: int) -> Draft:
    """Level 1 one formula, level 2 a composite or a trapezoid, level 3 a shaded region."""
    unit, tint = dice.pick(_UNITS), dice.pick(_TINTS)
    problem = dice.pick(_PROBLEMS[level])(dice, unit, tint)
    exact = " Leave π in the answer." if "π" in problem.area else ""
    return Draft(
        problem.figure,
        dice.pick(_QUESTIONS).format(shape=problem.shape) + exact,
        f"求图中阴影部分的面积。{'结果保留 π。' if exact else ''}",
        with_unit(problem.area, f"{unit}²"),
        tuple(with_unit(w, f"{unit}²") for w in problem.wrong),
        problem.facts,
        (*problem.steps, f"The area is {with_unit(problem.area, f'{unit}²')}."),
        problem.effort,
    )


def _pair(dice: Dice) -> tuple[int, int]:
    """Two measures of which neither is more than about three times the other."""
    long = dice.between(6, 30)
    return long, dice.between(max(3, long // 3 + 1), long)


def _whole(area: int, dice: Dice, *slips: int) -> tuple[str, tuple[str, ...]]:
    return str(area), misses(area, dice, slips=slips)


def _rectangle(dice: Dice, unit: str, tint: str) -> Problem:
    a, b = _pair(dice)
    figure = Figure(
        (("a", (0, 0)), ("b", (a, 0)), ("c", (a, b)), ("d", (0, b))),
        sides=("ab", "bc", "cd", "da"),
        fills=(("abcd", tint),),
        squares=("abc", "cda"),
        lengths=(("ab", f"{a} {unit}"), ("bc", f"{b} {unit}")),
    )
    facts = ("A shaded rectangle is drawn.", f"Its sides are {a} {unit} and {b} {unit}.")
    area, wrong = _whole(a * b, dice, 2 * (a + b), a + b)
    return Problem(figure, "rectangle", area, wrong, facts, (f"Length times width: {a} × {b} = {a * b}.",), 0.1)


def _triangle(dice: Dice, unit: str, tint: str) -> Problem:
    base, height = _pair(dice)
    base += base * height % 2
    foot = dice.between(1, base - 1)
    figure = Figure(
        (("a", (0, 0)), ("b", (base, 0)), ("c", (foot, height)), ("f", (foot, 0))),
        sides=("ab", "bc", "ca"),
        dashed=("cf",),
        fills=(("abc", tint),),
        squares=("bfc",),
        lengths=(("ab", f"{base} {unit}"), ("cf", f"{height} {unit}")),
    )
    facts = ("A shaded triangle is drawn.", f"Its base is {base} {unit} and its dashed height is {height} {unit}.")
    area, wrong = _whole(base * height // 2, dice, base * height, base + height)
    steps = (f"Half of base times height: {base} × {height} / 2 = {area}.",)
    return Problem(figure, "triangle", area, wrong, facts, steps, 0.4)


def _parallelogram(dice: Dice, unit: str, tint: str) -> Problem:
    base, height = _pair(dice)
    lean = dice.between(2, max(3, base // 2))
    figure = Figure(
        (("a", (0, 0)), ("b", (base, 0)), ("c", (base + lean, height)), ("d", (lean, height)), ("f", (lean, 0))),
        sides=("ab", "bc", "cd", "da"),
        dashed=("df",),
        fills=(("abcd", tint),),
        squares=("bfd",),
        lengths=(("ab", f"{base} {unit}"), ("df", f"{height} {unit}")),
    )
    facts = ("A shaded parallelogram is drawn.", f"Its base is {base} {unit}, its dashed height {height} {unit}.")
    area, wrong = _whole(base * height, dice, base * height // 2, 2 * (base + height))
    return Problem(
        figure, "parallelogram", area, wrong, facts, (f"Base times height: {base} × {height} = {area}.",), 0.4
    )


def _trapezoid(dice: Dice, unit: str, tint: str) -> Problem:
    long, height = _pair(dice)
    short = dice.between(max(3, long // 3), long - 2)
    height += (long + short) * height % 2
    shift = dice.between(0, long - short)
    figure = Figure(
        (("a", (0, 0)), ("b", (long, 0)), ("c", (shift + short, height)), ("d", (shift, height)), ("f", (shift, 0))),
        sides=("ab", "bc", "cd", "da"),
        dashed=("df",),
        fills=(("abcd", tint),),
        squares=("bfd",),
        lengths=(("ab", f"{long} {unit}"), ("cd", f"{short} {unit}"), ("df", f"{height} {unit}")),
    )
    facts = (
        "A shaded trapezoid is drawn.",
        f"Its parallel sides are {long} {unit} and {short} {unit} long; its height is {height} {unit}.",
    )
    area, wrong = _whole((long + short) * height // 2, dice, (long + short) * height, long * height)
    steps = (f"Half the sum of the parallel sides times the height: ({long} + {short}) × {height} / 2 = {area}.",)
    return Problem(figure, "trapezoid", area, wrong, facts, steps, 0.4)


def _corner(dice: Dice, unit: str, tint: str) -> Problem:
    width, depth = dice.between(8, 30), dice.between(8, 24)
    x, y = dice.between(width // 3, 2 * width // 3), dice.between(depth // 3, 2 * depth // 3)
    figure = Figure(
        (("a", (0, 0)), ("b", (width, 0)), ("c", (width, y)), ("d", (x, y)), ("e", (x, depth)), ("f", (0, depth))),
        sides=("ab", "bc", "cd", "de", "ef", "fa"),
        fills=(("abcdef", tint),),
        squares=("abc", "efa"),
        lengths=(
            ("ab", f"{width} {unit}"), ("fa", f"{depth} {unit}"), ("bc", f"{y} {unit}"), ("ef", f"{x} {unit}"),
        ),
    )  # fmt: skip
    facts = (
        "A shaded L-shape with right angles only is drawn.",
        f"Its bottom side is {width} {unit} and its left side {depth} {unit} long.",
        f"Its right side is {y} {unit} and its top side {x} {unit} long.",
    )
    total = width * y + x * (depth - y)
    area, wrong = _whole(total, dice, width * depth, width * y + x * depth, 2 * (width + depth))
    steps = (
        f"Cut off the lower rectangle: {width} × {y} = {width * y}.",
        f"The upper rectangle is {x} × ({depth} - {y}) = {x * (depth - y)}.",
        f"Together {width * y} + {x * (depth - y)} = {total}.",
    )
    return Problem(figure, "L-shaped figure", area, wrong, facts, steps, 0.7)


def _house(dice: Dice, unit: str, tint: str) -> Problem:
    width, wall, roof = 2 * dice.between(4, 12), dice.between(5, 16), dice.between(4, 12)
    top = wall + roof
    figure = Figure(
        (
            ("a", (0, 0)), ("b", (width, 0)), ("c", (width, wall)), ("d", (width / 2, top)), ("e", (0, wall)),
            ("f", (width / 2, wall)),
        ),
        sides=("ab", "bc", "cd", "de", "ea"),
        dashed=("ec", "df"),
        fills=(("abcde", tint),),
        squares=("abc", "cfd"),
        lengths=(("ab", f"{width} {unit}"), ("bc", f"{wall} {unit}"), ("df", f"{roof} {unit}")),
    )  # fmt: skip
    facts = (
        "A shaded pentagon is drawn: a rectangle with a triangle on top.",
        f"The rectangle is {width} {unit} wide and {wall} {unit} high.",
        f"The height of the triangle is {roof} {unit}.",
    )
    total = width * wall + width * roof // 2
    area, wrong = _whole(total, dice, width * top, width * wall, width * wall + width * roof // 4)
    steps = (
        f"The rectangle has {width} × {wall} = {width * wall}.",
        f"The triangle has {width} × {roof} / 2 = {width * roof // 2}.",
        f"Together {total}.",
    )
    return Problem(figure, "pentagon", area, wrong, facts, steps, 0.6)


def _ring(dice: Dice, unit: str, tint: str) -> Problem:
    outer = dice.between(5, 25)
    inner = dice.between(max(2, outer // 3), outer - 2)
    figure = Figure(
        (("O", (0, 0)), ("a", (outer, 0)), ("b", (-0.7 * inner, 0.714 * inner))),
        dashed=("Oa", "Ob"),
        discs=(("O", outer, tint), ("O", inner, PAPER)),
        lengths=(("Ob", f"{inner} {unit}"), ("Oa", f"{outer} {unit}")),
    )
    facts = (
        "The region between two circles with the same centre is shaded.",
        f"The outer radius is {outer} {unit} and the inner radius {inner} {unit}.",
    )
    area = outer**2 - inner**2
    others = ((outer - inner) ** 2, outer**2, 2 * (outer - inner), outer**2 + inner**2, area + 1)
    steps = (f"The area is π × {outer}² - π × {inner}² = {outer**2}π - {inner**2}π = {area}π.",)
    wrong = tuple(f"{n}π" for n in others if n != area)
    return Problem(figure, "shaded ring", f"{area}π", wrong, facts, steps, 0.3)


def _quarter(dice: Dice, unit: str, tint: str) -> Problem:
    side = 2 * dice.between(2, 20)
    figure = Figure(
        (("a", (0, 0)), ("b", (side, 0)), ("c", (side, side)), ("d", (0, side))),
        sides=("ab", "bc", "cd", "da"),
        fills=(("abcd", tint),),
        slices=(("a", side, 270, 360, PAPER),),
        lengths=(("ab", f"{side} {unit}"),),
    )
    facts = (
        f"A square with side {side} {unit} is drawn.",
        "A quarter circle around one corner, its radius as long as the side, is left white; the rest is shaded.",
    )
    square, circle = side**2, side**2 // 4
    area = f"({square} - {circle}π)"
    steps = (
        f"The square has {side}² = {square}.",
        f"The quarter circle has π × {side}² / 4 = {circle}π.",
        f"The shaded rest is {square} - {circle}π.",
    )
    others = ((square, square), (square, 2 * circle), (2 * square, circle), (square // 2, circle))
    return Problem(figure, "shaded region", area, tuple(f"({a} - {b}π)" for a, b in others), facts, steps, 0.8)


def _inscribed(dice: Dice, unit: str, tint: str) -> Problem:
    radius, extra = dice.between(2, 9), dice.between(0, 12)
    width, depth = 2 * radius + extra, 2 * radius
    figure = Figure(
        (("a", (0, 0)), ("b", (width, 0)), ("c", (width, depth)), ("d", (0, depth)), ("o", (width / 2, radius))),
        sides=("ab", "bc", "cd", "da"),
        fills=(("abcd", tint),),
        discs=(("o", radius, PAPER),),
        lengths=(("ab", f"{width} {unit}"), ("bc", f"{depth} {unit}")),
    )
    facts = (
        f"A rectangle of {width} {unit} by {depth} {unit} is drawn.",
        "A white circle touches its long sides; the rest of the rectangle is shaded.",
    )
    whole, disc = width * depth, radius**2
    area = f"({whole} - {disc}π)"
    steps = (
        f"The rectangle has {width} × {depth} = {whole}.",
        f"The circle is {depth} {unit} across, so its radius is {radius} {unit} and its area {disc}π.",
        f"The shaded rest is {whole} - {disc}π.",
    )
    others = ((whole, 4 * disc), (whole, 2 * radius), (width + depth, disc), (whole, 2 * disc), (2 * whole, disc))
    wrong = tuple(f"({a} - {b}π)" for a, b in others if (a, b) != (whole, disc))
    return Problem(figure, "shaded region", area, wrong, facts, steps, 0.6)


_PROBLEMS: dict[int, tuple[Callable[[Dice, str, str], Problem], ...]] = {
    1: (_rectangle, _triangle, _parallelogram),
    2: (_trapezoid, _corner, _house),
    3: (_ring, _quarter, _inscribed),
}
_QUESTIONS = (
    "What is the area of the {shape} in the figure?",
    "Find the area of the {shape} shown.",
    "Using the measures in the figure, work out the area of the {shape}.",
    "How large is the area of the {shape}? Give the unit.",
    "Calculate the area of the {shape} from the lengths marked in the picture.",
)

FAMILY = Family("geometry_areas", Domain.MATHEMATICS, "Geometric Diagram", (0.08, 0.7), make)
