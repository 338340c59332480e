"""A battery and resistors in series and parallel: total resistance, and at level 3 a current or a voltage."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from mmfinereason.lab.puzzles.canvas import INK, PALETTE, PAPER, Canvas, Point
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.puzzle import Asked, Draft, Family
from mmfinereason.lab.puzzles.words import listed
from mmfinereason.schema import Domain

_PAIRS = tuple(
    (a, b) for a in range(2, 61) for b in range(2, 61) if a * b % (a + b) == 0 and max(a, b) <= 6 * min(a, b)
)
"""Two resistances whose parallel connection is a whole number of ohms."""


@dataclass(frozen=True)
class Circuit:
    """Resistors `series` along the top wire and `branches` side by side on the right, in ohms."""

    volts: int | None
    series: tuple[int, ...]
    branches: tuple[int, ...]
    colour: str
    height: float = 72.0

    def draw(self, canvas: Canvas) -> None:
        """Wires, battery on the left, resistors as boxes numbered from left to right."""
        left, top, bottom = 14.0, 16.0, 62.0
        span = 30.0 if len(self.branches) < 3 else 22.0
        rails = [92 - span * i for i in range(max(1, len(self.branches)))][::-1]
        canvas.line([(left, bottom), (left, top), (rails[-1], top), (rails[-1], bottom), (left, bottom)], INK, 0.6)
        self._battery(canvas, (left, (top + bottom) / 2))
        room = rails[0] - left if self.branches else 92 - left
        for i, ohms in enumerate(self.series):
            x = left + room * (i + 0.5) / len(self.series)
            self._resistor(canvas, (x, top), i + 1, ohms)
        for i, ohms in enumerate(self.branches):
            canvas.line([(rails[i], top), (rails[i], bottom)], INK, 0.6)
            for y in (top, bottom) if i < len(self.branches) - 1 else ():
                canvas.circle((rails[i], y), 0.9, fill=INK, outline=None)
            at = (rails[i], (top + bottom) / 2)
            self._resistor(canvas, at, len(self.series) + i + 1, ohms, upright=True)

    def _battery(self, canvas: Canvas, at: Point) -> None:
        x, y = at
        canvas.box((x - 1, y - 1.4), (x + 1, y + 1.4), fill=PAPER, outline=None)
        canvas.line([(x - 5, y - 1.4), (x + 5, y - 1.4)], INK, 0.7)
        canvas.line([(x - 2.5, y + 1.4), (x + 2.5, y + 1.4)], INK, 1.4)
        canvas.text((x - 3, y - 5), "+", 4)
        if self.volts is not None:
            canvas.text((x + 6.5, y), f"{self.volts} V", 4, anchor="lm")

    def _resistor(self, canvas: Canvas, at: Point, number: int, ohms: int, *, upright: bool = False) -> None:
        x, y = at
        wide, tall = (2.6, 7.0) if upright else (7.0, 2.6)
        canvas.box((x - wide, y - tall), (x + wide, y + tall), fill=PAPER, outline=self.colour, width=0.8)
        if upright:
            canvas.text((x - 4.2, y - 2.6), _name(number), 3.8, anchor="rm")
            canvas.text((x - 4.2, y + 2.6), f"{ohms} Ω", 3.8, anchor="rm")
        else:
            canvas.text((x, y - 6), f"{_name(number)} = {ohms} Ω", 3.6)


def _name(number: int) -> str:
    return f"R{'₀₁₂₃₄₅₆'[number]}"


def make(dice: Dice, level: int) -> Draft:
    """Level 1 series or parallel, level 2 both, level 3 both with a battery of known voltage."""
    series, branches = _parts(dice, level)
    total = sum(series) + int(_parallel(branches))
    volts = None if level < 3 else total * dice.between(1, 6)
    scene = Circuit(volts, series, branches, dice.pick((INK, *PALETTE[:3], PALETTE[4], PALETTE[6])))
    facts = [f"A battery{f' of {volts} V' if volts else ''} is drawn on the left."]
    names = [_name(i + 1) for i in range(len(series) + len(branches))]
    told = [f"{name} = {ohms} Ω" for name, ohms in zip(names, (*series, *branches), strict=True)]
    if series:
        facts.append(
            f"In series along the top wire {'is' if len(series) == 1 else 'are'} {listed(told[: len(series)])}."
        )
    if branches:
        facts.append(f"In parallel on the right are {listed(told[len(series) :])}.")
    steps = _resistance_steps(series, branches, names, total)
    if volts is None:
        wrong = (sum(series) + sum(branches), total * 2, abs(total - (series or branches)[0]))
        question, chinese = dice.pick(_TOTAL), "求电路的总电阻。"
        asked = Asked(question, chinese, total, wrong, steps, 0.3 if level == 1 else len(names) / 5)
        return asked.draft(scene, tuple(facts), dice, "Ω")
    current = volts // total
    steps = (*steps, f"The battery drives {volts} V / {total} Ω = {current} A.")
    if dice.chance(0.5):
        slips = (current + 1, volts // min(series), current * 2)
        asked = Asked(dice.pick(_CURRENT), "求流过电池的电流。", current, slips, steps, 0.4)
        return asked.draft(scene, tuple(facts), dice, "A")
    across = current * int(_parallel(branches))
    steps = (*steps, f"Across the parallel part lie {current} A × {total - sum(series)} Ω = {across} V.")
    asked = Asked(
        dice.pick(_VOLTAGE).format(names=listed(names[len(series) :])),
        "求并联部分两端的电压。",
        across,
        (volts - across, volts, current * sum(branches)),
        steps,
        0.8,
    )
    return asked.draft(scene, tuple(facts), dice, "V")


def _parts(dice: Dice, level: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Resistances in series and in parallel."""
    if level == 1:
        if dice.chance(0.5):
            return tuple(dice.between(2, 60) for _ in range(dice.between(2, 3))), ()
        return (), _branches(dice)
    branches = _branches(dice)
    count = 1 if len(branches) == 3 else dice.between(1, 2)
    return tuple(dice.between(2, 30) for _ in range(count)), branches


def _branches(dice: Dice) -> tuple[int, ...]:
    """Two or three resistances in parallel that make a whole number of ohms."""
    one, two = dice.pick(_PAIRS)
    third = [n for n in range(2, 61) if _parallel((one, two, n)).denominator == 1]
    return (one, two, dice.pick(third)) if third and dice.chance(0.35) else (one, two)


def _parallel(branches: tuple[int, ...]) -> Fraction:
    """The resistance of parallel branches, 0 for none."""
    return 1 / sum((Fraction(1, b) for b in branches), Fraction(0)) if branches else Fraction(0)


def _resistance_steps(
    series: tuple[int, ...], branches: tuple[int, ...], names: list[str], total: int
) -> tuple[str, ...]:
    steps: list[str] = []
    if branches:
        inverse = " + ".join(f"1/{b}" for b in branches)
        steps.append(f"In parallel, {inverse} gives {_parallel(branches)} Ω for {listed(names[len(series) :])}.")
    parts = [*series, int(_parallel(branches))] if branches else list(series)
    if series:
        steps.append(f"In series these add up: {' + '.join(map(str, parts))} = {total} Ω.")
    return (*steps, f"The total resistance is {total} Ω.")


_TOTAL = (
    "What is the total resistance of the circuit?",
    "Find the equivalent resistance that the battery sees.",
    "By which single resistor could all resistors of the circuit be replaced? Give its resistance.",
    "Calculate the total resistance between the poles of the battery.",
)
_CURRENT = (
    "What current flows through the battery?",
    "How large is the total current in the circuit?",
    "Find the current that the battery delivers.",
)
_VOLTAGE = (
    "What is the voltage across the parallel resistors {names}?",
    "How many volts lie across the parallel part of the circuit ({names})?",
    "Find the voltage drop across {names}, which are connected in parallel.",
)

FAMILY = Family("circuit", Domain.SCIENCE, "Circuit / Network Diagram", (0.15, 0.8), make)
