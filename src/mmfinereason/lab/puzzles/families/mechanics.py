"""Levers, slopes and pulleys, with g = 10 m/s² so that the numbers stay whole."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mmfinereason.lab.puzzles.canvas import GREY, INK, PALETTE, Canvas, Point, toward
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family, Scene
from mmfinereason.schema import Domain

_HEIGHT = 64.0
_GRAVITY = "Take g = 10 m/s²."


@dataclass(frozen=True)
class Weight:
    """A block hanging `arm` from the support, with its label."""

    arm: int
    unit: str
    label: str


@dataclass(frozen=True)
class Lever:
    """A beam on a support; arms are to scale."""

    left: tuple[Weight, ...]
    right: Weight
    colour: str
    height: float = _HEIGHT

    def draw(self, canvas: Canvas) -> None:
        """Beam, support, blocks with labels, and the arms below."""
        longest = max(w.arm for w in (*self.left, self.right))
        scale, y = 40 / longest, 26.0
        canvas.polygon([(50, y + 1), (45, y + 11), (55, y + 11)], fill="#c9ced6")
        canvas.box((7, y - 1), (93, y + 1), fill="#d9a766", width=0.4)
        rows = [(-1, w, 17 + 7 * i) for i, w in enumerate(self.left)] + [(1, self.right, 17)]
        for side, weight, below in rows:
            x = 50 + side * weight.arm * scale
            canvas.box((x - 6.2, y - 11), (x + 6.2, y - 1), fill=self.colour, width=0.4)
            canvas.text((x, y - 6), weight.label, 3.4, "#ffffff", bold=True)
            canvas.line([(x, y + 1), (x, y + below + 1.5)], GREY, 0.25)
            canvas.arrow((50, y + below), (x, y + below), INK, 0.35, 1.8)
            words = f"{weight.arm} {weight.unit}"
            canvas.tag(((x + 50) / 2, y + below), words, 3.6)
        canvas.line([(50, y + 11), (50, y + 17 + 7 * (len(self.left) - 1) + 1.5)], GREY, 0.25)


@dataclass(frozen=True)
class Slope:
    """A block on a slope of a given rise and length, and a second block over a pulley if `hanging`."""

    rise: int
    length: int
    block: str
    hanging: str
    notes: tuple[str, ...]
    colour: str
    height: float = _HEIGHT

    def draw(self, canvas: Canvas) -> None:
        """Slope with its measures, block, and the rope over the pulley at the top."""
        run = (self.length**2 - self.rise**2) ** 0.5
        scale = min(62 / run, 36 / self.rise)
        foot, corner = (12.0, 54.0), (12 + run * scale, 54.0)
        top = (corner[0], 54 - self.rise * scale)
        canvas.polygon([foot, corner, top], fill="#eceff3", width=0.6)
        along = ((top[0] - foot[0]) / self.length / scale, (top[1] - foot[1]) / self.length / scale)
        canvas.text((corner[0] + 2.5, (corner[1] + top[1]) / 2 + 6), f"{self.rise} m", 3.8, anchor="lm")
        below = toward(foot, top, self.length * scale * 0.5)
        canvas.text((below[0] - along[1] * 5, below[1] + along[0] * 5), f"{self.length} m", 3.8)
        middle = toward(foot, top, self.length * scale * 0.48)
        self._block(canvas, middle, along)
        if self.hanging:
            self._pulley(canvas, middle, top, along)
        for i, note in enumerate(self.notes):
            canvas.text((3, 4.5 + 6 * i), note, 3.8, anchor="lm")

    def _block(self, canvas: Canvas, at: Point, along: Point) -> None:
        (dx, dy), (nx, ny) = along, (along[1], -along[0])
        corners = [
            (at[0] + a * dx + b * nx, at[1] + a * dy + b * ny) for a, b in ((-6.5, 0), (6.5, 0), (6.5, 9), (-6.5, 9))
        ]
        canvas.polygon(corners, fill=self.colour, width=0.4)
        canvas.text((at[0] + 4.5 * nx, at[1] + 4.5 * ny), self.block, 3.5, "#ffffff", bold=True)

    def _pulley(self, canvas: Canvas, block: Point, top: Point, along: Point) -> None:
        nx, ny = along[1], -along[0]
        start = (block[0] + 6.5 * along[0] + 4.5 * nx, block[1] + 6.5 * along[1] + 4.5 * ny)
        centre = (top[0] + 2.2, top[1] - 2.2)
        over = (centre[0] + 2.4 * nx, centre[1] + 2.4 * ny)
        canvas.line([top, centre], INK, 0.9)
        canvas.circle(centre, 2.4, fill="#c9ced6")
        canvas.line([start, over], INK, 0.45)
        x = centre[0] + 2.4
        canvas.line([(x, centre[1]), (x, centre[1] + 9)], INK, 0.45)
        canvas.box((x - 1, centre[1] + 9), (x + 11, centre[1] + 18), fill=self.colour, width=0.4)
        canvas.text((x + 5, centre[1] + 13.5), self.hanging, 3.5, "#ffffff", bold=True)


@dataclass(frozen=True)
class Atwood:
    """Two blocks on a rope over one fixed pulley."""

    labels: tuple[str, str]
    colours: tuple[str, str]
    drops: tuple[int, int]
    height: float = _HEIGHT

    def draw(self, canvas: Canvas) -> None:
        """Ceiling, pulley, rope and blocks."""
        canvas.box((30, 2), (70, 4.5), fill="#c9ced6", width=0.4)
        canvas.line([(50, 4.5), (50, 13)], INK, 0.8)
        canvas.circle((50, 14), 6, fill="#eceff3")
        canvas.circle((50, 14), 0.8, fill=INK, outline=None)
        for side, label, colour, drop in zip((-1, 1), self.labels, self.colours, self.drops, strict=True):
            x, y = 50 + 6 * side, 14.0 + drop
            canvas.line([(x, 14), (x, y)], INK, 0.45)
            left = x - 2 if side > 0 else x - 10
            canvas.box((left, y), (left + 12, y + 10), fill=colour, width=0.4)
            canvas.text((left + 6, y + 5), label, 3.8, "#ffffff", bold=True)


@dataclass(frozen=True)
class Problem:
    """A scene with a question, its unit, and what is to be seen."""

    scene: Scene
    asked: Asked
    unit: str
    facts: tuple[str, ...]


def make(dice: Dice, level: int) -> Draft:
    """Level 1 a lever, level 2 a slope or a lever with three blocks, level 3 two blocks joined by a rope."""
    problem = dice.pick(_PROBLEMS[level])(dice)
    return problem.asked.draft(problem.scene, problem.facts, dice, problem.unit)


_DARK = (PALETTE[0], PALETTE[2], PALETTE[4], PALETTE[6], PALETTE[7])


def _balance(dice: Dice) -> Problem:
    unit = dice.pick(("m", "dm", "cm"))
    arm, other = dice.between(2, 12), dice.between(2, 12)
    factor = dice.between(1, 6)
    mass, answer = other * factor, arm * factor
    scene = Lever((Weight(arm, unit, f"{mass} kg"),), Weight(other, unit, "?"), dice.pick(_DARK))
    facts = (
        "A beam rests on a support in its middle.",
        f"On the left a block of {mass} kg stands {arm} {unit} from the support.",
        f"On the right a block marked ? stands {other} {unit} from the support.",
    )
    steps = (
        f"In balance the moments are equal: {mass} kg × {arm} {unit} = m × {other} {unit}.",
        f"m = {mass * arm} / {other} = {answer} kg.",
    )
    question = dice.pick(
        (
            "The light beam is in balance. What is the mass of the block marked with a question mark?",
            "Which mass must the block marked ? have so that the lever balances?",
            "How many kilograms must stand on the right to keep the beam level?",
        )
    )
    chinese = "轻质杠杆处于平衡状态，标有问号的物块质量是多少？"
    slips = (mass, mass * arm, mass * other // arm)
    return Problem(scene, Asked(question, chinese, answer, slips, steps, 0.4), "kg", facts)


def _three(dice: Dice) -> Problem:
    unit = dice.pick(("m", "dm", "cm"))
    near, far = dice.between(2, 4), dice.between(8, 12)
    first, second = dice.between(1, 12), dice.between(1, 12)
    moment = near * first + far * second
    arms = [a for a in range(2, 13) if moment % a == 0]
    if not arms:
        return _three(dice)
    other = dice.pick(arms)
    left = (Weight(near, unit, f"{first} kg"), Weight(far, unit, f"{second} kg"))
    scene = Lever(left, Weight(other, unit, "?"), dice.pick(_DARK))
    facts = (
        "A beam rests on a support in its middle.",
        f"On the left stand {first} kg at {near} {unit} and {second} kg at {far} {unit} from the support.",
        f"On the right a block marked ? stands {other} {unit} from the support.",
    )
    steps = (
        f"The moments on the left add up to {first} × {near} + {second} × {far} = {moment} kg·{unit}.",
        f"On the right m × {other} {unit} must be the same, so m = {moment} / {other} = {moment // other} kg.",
    )
    question = dice.pick(
        (
            "The light beam is in balance. What is the mass of the block on the right?",
            "What must the block marked ? weigh, in kilograms, to balance both blocks on the left?",
        )
    )
    chinese = "轻质杠杆处于平衡状态，右侧标有问号的物块质量是多少？"
    asked = Asked(question, chinese, moment // other, (first + second, moment, first + far), steps, 0.5)
    return Problem(scene, asked, "kg", facts)


def _incline(dice: Dice) -> Problem:
    rise, length = dice.pick(((3, 5), (4, 5), (5, 13), (6, 10), (8, 10), (1, 2), (2, 4), (3, 6), (8, 17), (2, 5)))
    mass = dice.between(1, 90)
    while mass * 10 * rise % length:
        mass += 1
    force = mass * 10 * rise // length
    scene = Slope(rise, length, f"{mass} kg", "", ("no friction",), dice.pick(_DARK))
    facts = (
        f"A block of {mass} kg lies on a slope without friction.",
        f"The slope rises {rise} m over a length of {length} m.",
    )
    steps = (
        f"The weight of the block is {mass} × 10 = {mass * 10} N.",
        f"Along the slope acts the share {rise}/{length} of it: {mass * 10} × {rise} / {length} = {force} N.",
    )
    question = dice.pick(
        (
            f"Which force along the slope keeps the block at rest? {_GRAVITY}",
            f"How large is the component of the block's weight along the slope? {_GRAVITY}",
            f"With what force must the block be pulled up along the slope to move steadily? {_GRAVITY}",
        )
    )
    chinese = "斜面光滑，取 g = 10 m/s²，沿斜面方向用多大的力才能使物块保持静止？"
    asked = Asked(question, chinese, force, (mass * 10, mass * rise, mass * 10 * length // rise), steps, 0.6)
    return Problem(scene, asked, "N", facts)


def _atwood(dice: Dice) -> Problem:
    light, heavy = dice.pick([(a, b) for b in range(2, 60) for a in range(1, b) if 10 * (b - a) % (a + b) == 0])
    factor = dice.between(1, 3)
    light, heavy = light * factor, heavy * factor
    rate = 10 * (heavy - light) // (heavy + light)
    swap = dice.chance(0.5)
    masses = (heavy, light) if swap else (light, heavy)
    scene = Atwood(
        (f"{masses[0]} kg", f"{masses[1]} kg"),
        (dice.pick(_DARK), dice.pick(_DARK)),
        (dice.between(14, 34), dice.between(14, 34)),
    )
    facts = (
        "Two blocks hang from a rope that runs over one fixed pulley.",
        f"The left block has {masses[0]} kg, the right block {masses[1]} kg.",
    )
    steps = (
        f"The net force is ({heavy} - {light}) × 10 = {(heavy - light) * 10} N.",
        f"It moves {heavy} + {light} = {heavy + light} kg.",
        f"The acceleration is {(heavy - light) * 10} / {heavy + light} = {rate} m/s².",
    )
    question = dice.pick(
        (
            f"Rope and pulley are light and run without friction. What is the acceleration of the blocks? {_GRAVITY}",
            f"The blocks are let go. Neglect friction and the pulley's mass. What is their acceleration? {_GRAVITY}",
        )
    )
    chinese = "绳与滑轮质量及摩擦均不计，取 g = 10 m/s²，两物块的加速度是多少？"
    return Problem(scene, Asked(question, chinese, rate, (10 - rate, 10, rate + 3), steps, 0.5), "m/s²", facts)


def _joined(dice: Dice) -> Problem:
    rise, length = dice.pick(((3, 5), (4, 5), (6, 10), (8, 10), (1, 2), (2, 4), (3, 6)))
    fits = []
    for block in range(1, 41):
        for hanging in range(1, 41):
            net = hanging * length - block * rise
            if net > 0 and 10 * net % (length * (block + hanging)) == 0:
                fits.append((block, hanging))
    block, hanging = dice.pick(fits)
    pull = 10 * block * rise // length
    rate = (10 * hanging * length - 10 * block * rise) // (length * (block + hanging))
    scene = Slope(rise, length, f"{block} kg", f"{hanging} kg", ("no friction",), dice.pick(_DARK))
    facts = (
        f"A block of {block} kg on a slope without friction is joined by a rope over a pulley to a hanging block.",
        f"The hanging block has {hanging} kg.",
        f"The slope rises {rise} m over a length of {length} m.",
    )
    steps = (
        f"The hanging block pulls with {hanging} × 10 = {hanging * 10} N.",
        f"Down the slope the other block pulls with {block} × 10 × {rise} / {length} = {pull} N.",
        f"The net force is {hanging * 10} - {pull} = {hanging * 10 - pull} N and moves {block + hanging} kg.",
        f"The acceleration is {hanging * 10 - pull} / {block + hanging} = {rate} m/s².",
    )
    question = dice.pick(
        (
            f"The hanging block sinks. What is the acceleration of the two blocks? {_GRAVITY}",
            f"Rope and pulley are light. With what acceleration does the block move up the slope? {_GRAVITY}",
        )
    )
    chinese = "斜面光滑，绳与滑轮质量不计，取 g = 10 m/s²，两物块的加速度是多少？"
    return Problem(scene, Asked(question, chinese, rate, (10, 10 - rate, rate + 2), steps, 0.9), "m/s²", facts)


_PROBLEMS: dict[int, tuple[Callable[[Dice], Problem], ...]] = {
    1: (_balance,),
    2: (_three, _incline),
    3: (_atwood, _joined),
}

FAMILY = Family("mechanics", Domain.SCIENCE, "Physics / Mechanics Diagram", (0.2, 0.85), make)
