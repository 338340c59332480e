"""Reading a clock with hands, then counting hours and minutes on from it."""

from __future__ import annotations

from dataclasses import dataclass

from mmfinereason.lab.puzzles.canvas import GREY, INK, PALETTE, Canvas, polar
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.puzzle import Draft, Family
from mmfinereason.schema import Domain

_HALF_DAY = 720


@dataclass(frozen=True)
class Clock:
    """A clock face; `minutes` since twelve, 0 to 719. `digits` is how many numerals stand on it: 12, 4 or 0."""

    minutes: int
    digits: int
    colour: str
    caption: str
    height: float = 100.0

    def draw(self, canvas: Canvas) -> None:
        """Frame, ticks, numerals and the two hands."""
        centre = (50.0, 47.0)
        canvas.circle(centre, 42, fill=self.colour, outline=None)
        canvas.circle(centre, 38, fill="#ffffff", outline=None)
        for tick in range(60):
            inner = 34.5 if tick % 5 else 33
            edge = [polar(centre, r, tick * 6) for r in (inner, 36.5)]
            canvas.line(edge, INK if tick % 5 == 0 else GREY, 0.5 if tick % 5 else 0.9)
        for hour in range(1, 13):
            if self.digits == 12 or (self.digits == 4 and hour % 3 == 0):
                canvas.text(polar(centre, 28.5, hour * 30 - 90), str(hour), 5.5)
        canvas.line([centre, polar(centre, 18, self.minutes / 2 - 90)], INK, 2.2)
        canvas.line([centre, polar(centre, 31, self.minutes % 60 * 6 - 90)], self.colour, 1.2)
        canvas.circle(centre, 1.8, fill=INK, outline=None)
        canvas.text((50, 95), self.caption, 4.2, GREY)


def _time(minutes: int) -> str:
    minutes %= _HALF_DAY
    return f"{minutes // 60 or 12}:{minutes % 60:02d}"


def _span(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} hour{'s' * (hours != 1)}"] if hours else []
    return " and ".join([*parts, f"{rest} minutes"] if rest else parts)


def make(dice: Dice, level: int) -> Draft:
    """Level 1 reads steps of five minutes, level 2 single minutes, level 3 adds or takes away a span of time."""
    grain = 5 if level == 1 else 1
    now = dice.between(0, _HALF_DAY // grain - 1) * grain
    digits = {1: 12, 2: dice.pick((12, 4)), 3: dice.pick((12, 4, 0))}[level]
    place = dice.pick(("Station", "Kitchen", "School hall", "Library", "Office", "Gym", "Harbour", "Museum"))
    scene = Clock(now, digits, dice.pick(PALETTE), f"{place} clock")
    minute = now % 60
    facts = (
        f"The picture shows the {place.lower()} clock, an analogue clock with {_face(digits)}.",
        f"The short hour hand points {'exactly at' if minute == 0 else 'past'} {now // 60 or 12}.",
        f"The long minute hand points at minute {minute}.",
    )
    hands = f"The hour hand gives {now // 60 or 12} and the minute hand gives {minute:02d}"
    read = f"{hands}, so the clock shows {_time(now)}."
    swapped = (minute // 5 * 60 + now // 60 * 5) % _HALF_DAY
    if level < 3:
        wrong = [swapped, now + 60, now - 60, now + 30, now - grain, now + 5]
        return Draft(
            scene,
            dice.pick(_READ),
            "图中的时钟显示的是几点几分？请按“时：分”的格式作答。",
            _time(now),
            tuple(_time(t) for t in wrong),
            facts,
            (read,),
            0.2 if minute % 15 == 0 else 0.7,
        )
    span = dice.between(35, 290)
    ahead = dice.chance(0.6)
    then = now + span if ahead else now - span
    question = dice.pick(_AHEAD if ahead else _BACK).format(span=_span(span))
    other = now - span if ahead else now + span
    return Draft(
        scene,
        question,
        f"图中的时钟显示当前时间。{span} 分钟{'之后' if ahead else '之前'}是几点几分？请按“时：分”的格式作答。",
        _time(then),
        tuple(_time(t) for t in (then + 60, other, then - 60, then + 10, then - 10, now)),
        facts,
        (read, f"{_span(span)} {'later' if ahead else 'earlier'} than {_time(now)} is {_time(then)}."),
        min(1.0, span / 290),
    )


def _face(digits: int) -> str:
    return {12: "all twelve numerals", 4: "only the numerals 12, 3, 6 and 9", 0: "no numerals"}[digits]


_READ = (
    "What time does the clock show? Give it as hours:minutes.",
    "Read the clock in the picture. What time is it (h:mm)?",
    "Which time do the hands of this clock indicate? Write it in the form h:mm.",
    "The photo was taken when the clock looked like this. What was the time, in the form h:mm?",
)
_AHEAD = (
    "The clock shows the time now. What time will it be in {span}? Answer in the form h:mm.",
    "A train leaves {span} after the time on the clock. At what time does it leave (h:mm)?",
    "A film starts at the time shown and lasts {span}. When does it end? Answer in the form h:mm.",
)
_BACK = (
    "The clock shows the time now. What time was it {span} ago? Answer in the form h:mm.",
    "A meeting that lasted {span} ended at the time on the clock. When did it begin (h:mm)?",
    "The cake came out of the oven at the time shown, after {span}. When was it put in? Answer in the form h:mm.",
)

FAMILY = Family("clock_reading", Domain.GENERAL, "Product / Still Life Object", (0.05, 0.6), make)
