"""What bar and line charts share: topics and the frame with its grid lines."""

from __future__ import annotations

from dataclasses import dataclass

from mmfinereason.lab.puzzles.canvas import GREY, INK, PALE, Canvas

LEFT, RIGHT, TOP, BOTTOM = 14.0, 97.0, 15.0, 65.0
HEIGHT = 75.0


@dataclass(frozen=True)
class Topic:
    """What a chart is about: title, the label of the value axis, and the names along the other axis."""

    title: str
    axis: str
    names: tuple[str, ...]


SERIES = (("2023", "2024"), ("Girls", "Boys"), ("Morning", "Evening"), ("Site 1", "Site 2"), ("North", "South"))
"""Names for charts of two series."""


def frame(canvas: Canvas, topic: Topic, lines: int, step: int) -> None:
    """Title, value axis with `lines` grid lines `step` apart, and the base line."""
    canvas.text((50, 4.5), topic.title, 4.2, bold=True)
    canvas.text((2, 11), topic.axis, 3.2, GREY, "lm")
    for i in range(lines + 1):
        y = level(i, lines)
        canvas.line([(LEFT, y), (RIGHT, y)], PALE if i else INK, 0.35)
        canvas.text((LEFT - 1.5, y), str(i * step), 3.2, anchor="rm")
    canvas.line([(LEFT, TOP - 2), (LEFT, BOTTOM)], INK, 0.4)


def level(value: float, top: float) -> float:
    """The y of a value on an axis that ends at `top`."""
    return BOTTOM - (BOTTOM - TOP) * value / top


def legend(canvas: Canvas, names: tuple[str, ...], colours: tuple[str, ...]) -> None:
    """A small square and a name for each of two series; nothing for one."""
    for s, name in enumerate(names if len(names) > 1 else ()):
        x = 60.0 + s * 20
        canvas.box((x, 9.7), (x + 2.6, 12.3), fill=colours[s], outline=None)
        canvas.text((x + 4, 11), name, 3.2, anchor="lm")
