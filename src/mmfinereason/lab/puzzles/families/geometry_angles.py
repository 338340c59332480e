"""Finding an angle in a figure drawn to scale: from one rule at level 1 to a chain of three at level 3."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from mmfinereason.lab.puzzles.canvas import PALETTE, Point
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families.figure import Figure
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family
from mmfinereason.schema import Domain

Names = tuple[str, ...]
"""The letters of a figure's points."""

_LETTERS = ("ABCD", "PQRS", "KLMN", "XYZW", "EFGH", "RSTU", "DEFG", "UVWX")


@dataclass(frozen=True)
class Problem:
    """A figure, the angle asked for (by its three points), its size in degrees, and how to get there."""

    figure: Figure
    target: str
    answer: int
    facts: tuple[str, ...]
    steps: tuple[str, ...]
    slips: tuple[int, ...]
    effort: float
    note: str = ""
    """What the question must say because a picture cannot."""
    chinese_note: str = ""


def make(dice: Dice, level: int) -> Draft:
    """One of the problems of the level, turned and mirrored at random."""
    problem = dice.pick(_PROBLEMS[level])(dice, tuple(dice.pick(_LETTERS)))
    mark = dice.pick(("x", "?", "θ"))
    figure = replace(
        problem.figure,
        angles=(*problem.figure.angles, (problem.target, mark)),
        turn=dice.between(0, 359),
        mirrored=dice.chance(0.5),
        colour=dice.pick(("#1f2430", *PALETTE[:1], PALETTE[4], PALETTE[6])),
    )
    question = dice.pick(_QUESTIONS).format(mark=mark, angle=f"∠{problem.target}")
    question = f"{problem.note} {question}".lstrip()
    facts = (*problem.facts, f"The angle ∠{problem.target} is marked {mark}.")
    asked = Asked(
        question,
        f"{problem.chinese_note}求图中标有 {mark} 的角的度数。",
        problem.answer,
        problem.slips,
        problem.steps,
        problem.effort,
    )
    return asked.draft(figure, facts, dice, "°")


def _ray(start: Point, degrees: float, length: float) -> Point:
    return (start[0] + length * math.cos(math.radians(degrees)), start[1] + length * math.sin(math.radians(degrees)))


def _apex(left: int, right: int) -> Point:
    """The third corner over the base (0, 0)-(1, 0) with the given base angles."""
    height = 1 / (1 / math.tan(math.radians(left)) + 1 / math.tan(math.radians(right)))
    return (height / math.tan(math.radians(left)), height)


def _triangle(dice: Dice) -> tuple[int, int, int]:
    """Three angles of 30° and more that add up to 180°."""
    left = dice.between(32, 85)
    right = dice.between(32, min(85, 148 - left))
    return left, right, 180 - left - right


def _third(dice: Dice, names: Names) -> Problem:
    a, b, c = names[:3]
    left, right, top = _triangle(dice)
    figure = Figure(
        ((a, (0, 0)), (b, (1, 0)), (c, _apex(left, right))),
        sides=(a + b, b + c, c + a),
        angles=((c + a + b, f"{left}°"), (a + b + c, f"{right}°")),
    )
    facts = (
        f"Triangle {a}{b}{c} is drawn.",
        f"The angle at {a} is {left}°.",
        f"The angle at {b} is {right}°.",
    )
    steps = (
        "The angles of a triangle add up to 180°.",
        f"So the angle at {c} is 180° - {left}° - {right}° = {top}°.",
    )
    return Problem(figure, a + c + b, top, facts, steps, (180 - left, 180 - right, left + right), 0.3)


def _straight(dice: Dice, names: Names) -> Problem:
    a, o, b, c = names
    known = dice.between(28, 152)
    figure = Figure(
        ((a, (-1, 0)), (o, (0, 0)), (b, (1, 0)), (c, _ray((0, 0), 180 - known, 0.95))),
        sides=(a + o, o + b, o + c),
        angles=((a + o + c, f"{known}°"),),
    )
    facts = (f"{a}, {o} and {b} lie on a straight line.", f"The angle ∠{a}{o}{c} is {known}°.")
    steps = (f"∠{a}{o}{c} and ∠{c}{o}{b} form a straight angle.", f"180° - {known}° = {180 - known}°.")
    return Problem(figure, c + o + b, 180 - known, facts, steps, (abs(90 - known), known, 360 - known), 0.1)


def _exterior(dice: Dice, names: Names) -> Problem:
    a, b, c, d = names
    left, right, top = _triangle(dice)
    figure = Figure(
        ((a, (0, 0)), (b, (1, 0)), (c, _apex(left, right)), (d, (1.5, 0))),
        sides=(a + b, b + c, c + a, b + d),
        angles=((c + a + b, f"{left}°"), (a + c + b, f"{top}°")),
    )
    facts = (
        f"In triangle {a}{b}{c} side {a}{b} is extended beyond {b} to {d}.",
        f"The angle at {a} is {left}° and the angle at {c} is {top}°.",
    )
    steps = (
        f"∠{c}{b}{d} is an exterior angle of the triangle at {b}.",
        f"It equals the sum of the two opposite angles: {left}° + {top}° = {left + top}°.",
    )
    return Problem(figure, c + b + d, left + top, facts, steps, (right, 180 - left, 180 - top), 0.9)


def _isosceles(dice: Dice, names: Names) -> Problem:
    a, b, c, d = names
    base = dice.between(32, 74)
    top = 180 - 2 * base
    figure = Figure(
        ((a, (0, 0)), (b, (1, 0)), (c, _apex(base, base)), (d, (1.45, 0))),
        sides=(a + b, b + c, c + a, b + d),
        ticks=(b + c, c + a),
        angles=((a + c + b, f"{top}°"),),
    )
    facts = (
        f"In triangle {a}{b}{c} the sides {c}{a} and {c}{b} are marked as equal.",
        f"The angle at {c} is {top}°.",
        f"Side {a}{b} is extended beyond {b} to {d}.",
    )
    steps = (
        f"The triangle is isosceles, so its base angles are (180° - {top}°) / 2 = {base}°.",
        f"∠{c}{b}{d} is the supplement of the base angle: 180° - {base}° = {180 - base}°.",
    )
    return Problem(figure, c + b + d, 180 - base, facts, steps, (base, 180 - top, top + base // 2), 0.5)


def _parallels(dice: Dice, names: Names) -> Problem:
    p, q, r, s = names
    known = dice.between(35, 145)
    top, bottom = _ray((0, 0), known, 0.55 / math.sin(math.radians(known))), (0.0, 0.0)
    over, under = _ray(top, known, 0.3), _ray(bottom, known, -0.3)
    figure = Figure(
        (
            ("l", (-0.8, 0)), ("m", (0.9, 0)), ("n", (top[0] - 0.8, top[1])), ("o", (top[0] + 0.9, top[1])),
            (p, bottom), (q, top), (r, (0.65, 0)), (s, (top[0] + 0.65, top[1])), ("t", over), ("u", under),
        ),
        sides=("l" + p, p + r, r + "m", "n" + q, q + s, s + "o", "t" + q, q + p, p + "u"),
        angles=((r + p + q, f"{known}°"),),
    )  # fmt: skip
    facts = (
        f"Two parallel lines, one through {p} and {r}, the other through {q} and {s}, are cut by the line {p}{q}.",
        f"The angle ∠{r}{p}{q} is {known}°.",
    )
    notes = (f"The lines {p}{r} and {q}{s} are parallel.", f"直线 {p}{r} 与 {q}{s} 平行。")
    steps = (
        f"The lines {p}{r} and {q}{s} are parallel, so ∠{r}{p}{q} and ∠{p}{q}{s} are co-interior angles.",
        f"They add up to 180°: 180° - {known}° = {180 - known}°.",
    )
    return Problem(figure, p + q + s, 180 - known, facts, steps, (known, abs(90 - known), 360 - known), 0.3, *notes)


def _quadrilateral(dice: Dice, names: Names) -> Problem:
    a, b, c, d = names
    at = {
        a: (dice.real(-0.15, 0.1), dice.real(-0.1, 0.1)),
        b: (1 + dice.real(-0.1, 0.3), dice.real(-0.2, 0.15)),
        c: (1 + dice.real(-0.25, 0.1), 0.8 + dice.real(-0.1, 0.2)),
        d: (dice.real(-0.1, 0.3), 0.7 + dice.real(-0.1, 0.1)),
    }
    sizes = [round(_size(at[x], at[y], at[z])) for x, y, z in ((d, a, b), (a, b, c), (b, c, d))]
    last = 360 - sum(sizes)
    figure = Figure(
        tuple(at.items()),
        sides=(a + b, b + c, c + d, d + a),
        angles=tuple((n, f"{s}°") for n, s in zip((d + a + b, a + b + c, b + c + d), sizes, strict=True)),
    )
    told = zip((a, b, c), sizes, strict=True)
    facts = (f"Quadrilateral {a}{b}{c}{d} is drawn.", *(f"The angle at {n} is {s}°." for n, s in told))
    steps = (
        "The angles of a quadrilateral add up to 360°.",
        f"360° - {sizes[0]}° - {sizes[1]}° - {sizes[2]}° = {last}°.",
    )
    return Problem(figure, c + d + a, last, facts, steps, (180 - sizes[1], sum(sizes) - 180, 180 - last), 0.4)


def _size(a: Point, corner: Point, b: Point) -> float:
    """The angle at `corner` in degrees, 0 to 180."""
    arms = [math.atan2(p[1] - corner[1], p[0] - corner[0]) for p in (a, b)]
    turn = abs(math.degrees(arms[0] - arms[1])) % 360
    return min(turn, 360 - turn)


def _folded(dice: Dice, names: Names) -> Problem:
    a, b, c, d = names
    beta = dice.between(55, 78)
    gamma = dice.between(25, beta - 22)
    apex = _apex(beta, gamma)
    figure = Figure(
        ((b, (0, 0)), (c, (1, 0)), (a, apex), (d, (2 * apex[0], 0))),
        sides=(a + b, b + d, d + c, c + a, a + d),
        ticks=(a + b, a + d),
        angles=((a + b + d, f"{beta}°"), (a + c + d, f"{gamma}°")),
    )
    facts = (
        f"In triangle {a}{b}{c} the point {d} lies on side {b}{c}.",
        f"{a}{b} and {a}{d} are marked as equal.",
        f"The angle at {b} is {beta}° and the angle at {c} is {gamma}°.",
    )
    steps = (
        f"{a}{b} = {a}{d}, so ∠{a}{d}{b} = {beta}°.",
        f"∠{a}{d}{b} is an exterior angle of triangle {a}{d}{c}, so ∠{d}{a}{c} = {beta}° - {gamma}°.",
        f"∠{d}{a}{c} = {beta - gamma}°.",
    )
    slips = (180 - beta - gamma, 180 - 2 * beta, 180 - beta)
    return Problem(figure, d + a + c, beta - gamma, facts, steps, slips, 0.5)


def _bisectors(dice: Dice, names: Names) -> Problem:
    a, b, c, i = names
    left, right = (2 * dice.between(22, 33) for _ in range(2))
    top = 180 - left - right
    apex, inner = _apex(left, right), _apex(left // 2, right // 2)
    figure = Figure(
        ((b, (0, 0)), (c, (1, 0)), (a, apex), (i, inner)),
        sides=(a + b, b + c, c + a, b + i, c + i),
        angles=((b + a + c, f"{top}°"),),
    )
    facts = (
        f"In triangle {a}{b}{c} the angle at {a} is {top}°.",
        f"The bisectors of the angles at {b} and {c} meet at {i}.",
    )
    answer = 90 + top // 2
    notes = (f"{b}{i} and {c}{i} bisect the angles at {b} and {c}.", f"{b}{i} 和 {c}{i} 分别平分角 {b} 和角 {c}。")
    steps = (
        f"The angles at {b} and {c} add up to 180° - {top}° = {180 - top}°.",
        f"Their halves add up to {(180 - top) // 2}°.",
        f"In triangle {b}{i}{c}, ∠{b}{i}{c} = 180° - {(180 - top) // 2}° = {answer}°.",
    )
    return Problem(figure, b + i + c, answer, facts, steps, (180 - top, 2 * top, 90 - top // 2), 0.7, *notes)


def _circle(dice: Dice, names: Names) -> Problem:
    a, b, c, o = names
    half = dice.between(28, 68)
    sides = 180 - half
    corner = 90 + dice.between(-sides // 3, sides // 3)
    on = {a: _ray((0, 0), 270 - half, 1), b: _ray((0, 0), 270 + half, 1), c: _ray((0, 0), corner, 1)}
    figure = Figure(
        (*on.items(), (o, (0.0, 0.0))),
        sides=(a + c, c + b, a + o, o + b, a + b),
        discs=((o, 1.0, None),),
        angles=((a + c + b, f"{half}°"),),
    )
    facts = (f"{a}, {b} and {c} lie on the circle with centre {o}.", f"The angle ∠{a}{c}{b} is {half}°.")
    steps = (
        f"The central angle over the chord {a}{b} is twice the inscribed angle: ∠{a}{o}{b} = {2 * half}°.",
        f"Triangle {a}{o}{b} is isosceles because {o}{a} and {o}{b} are radii.",
        f"∠{o}{a}{b} = (180° - {2 * half}°) / 2 = {90 - half}°.",
    )
    return Problem(
        figure,
        o + a + b,
        90 - half,
        facts,
        steps,
        (half, 2 * half, 180 - 2 * half),
        0.9,
        f"{o} is the centre of the circle.",
        f"{o} 是圆心。",
    )


_PROBLEMS: dict[int, tuple[Callable[[Dice, Names], Problem], ...]] = {
    1: (_third, _straight, _exterior),
    2: (_isosceles, _parallels, _quadrilateral),
    3: (_folded, _bisectors, _circle),
}
_QUESTIONS = (
    "What is the size of the angle marked {mark} in the figure?",
    "In the figure, find {angle} in degrees.",
    "Work out the angle labelled {mark}.",
    "How many degrees does the angle {angle} measure?",
    "Determine the measure of {angle}, which is marked {mark}.",
)

FAMILY = Family("geometry_angles", Domain.MATHEMATICS, "Geometric Diagram", (0.1, 0.75), make)
