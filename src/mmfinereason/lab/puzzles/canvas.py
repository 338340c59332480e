"""A drawing surface in units instead of pixels: 100 units wide, smooth edges, text that is never cut by its anchor.

Everything is drawn at twice the size and halved, which smooths the edges. The font is the DejaVu Sans that matplotlib
ships, found without importing matplotlib: system fonts differ between machines.
"""

from __future__ import annotations

import importlib.util
import math
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]

INK = "#1f2430"
GREY = "#8a8f98"
PALE = "#e4e7ec"
PAPER = "#ffffff"
PALETTE = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#d55e00", "#56b4e9", "#7a5195", "#4d4d4d")
"""Okabe and Ito's colours for the colour-blind, yellow left out because it is faint on white."""

_OVERSAMPLE = 2


class Canvas:
    """100 x `height` units; the longest side of the final picture is `size` pixels."""

    def __init__(self, height: float, size: int, background: str = PAPER) -> None:
        self.height = height
        self._scale = size * _OVERSAMPLE / max(100.0, height)
        pixels = (round(100 * self._scale / 2) * 2, round(height * self._scale / 2) * 2)
        self._image = Image.new("RGB", pixels, background)
        self._pen = ImageDraw.Draw(self._image)

    def image(self) -> Image.Image:
        """The finished picture, RGB."""
        return self._image.reduce(_OVERSAMPLE)

    def line(self, points: list[Point], colour: str = INK, width: float = 0.5) -> None:
        """A line through the points."""
        self._pen.line([self._at(p) for p in points], fill=colour, width=self._width(width), joint="curve")

    def dashed(self, start: Point, end: Point, colour: str = INK, width: float = 0.4, dash: float = 1.6) -> None:
        """A dashed line."""
        length = math.dist(start, end)
        count = max(1, round(length / dash / 2))
        for i in range(count):
            a, b = (toward(start, end, length * (i + f) / count) for f in (0.0, 0.55))
            self.line([a, b], colour, width)

    def arrow(self, start: Point, end: Point, colour: str = INK, width: float = 0.6, head: float = 2.4) -> None:
        """A line with a filled head at `end`."""
        neck = toward(end, start, head)
        self.line([start, neck], colour, width)
        dx, dy = (end[0] - neck[0]) * 0.45, (end[1] - neck[1]) * 0.45
        self.polygon([end, (neck[0] - dy, neck[1] + dx), (neck[0] + dy, neck[1] - dx)], fill=colour, outline=None)

    def polygon(
        self, points: list[Point], fill: str | None = None, outline: str | None = INK, width: float = 0.5
    ) -> None:
        """A closed polygon."""
        pixels = [self._at(p) for p in points]
        if fill:
            self._pen.polygon(pixels, fill=fill)
        if outline:
            closed = [*pixels, pixels[0], pixels[1]]
            self._pen.line(closed, fill=outline, width=self._width(width), joint="curve")

    def box(
        self, corner: Point, opposite: Point, fill: str | None = None, outline: str | None = INK, width: float = 0.5
    ) -> None:
        """An upright rectangle between two opposite corners."""
        self._pen.rectangle(
            [self._at(corner), self._at(opposite)], fill=fill, outline=outline, width=self._width(width)
        )

    def circle(
        self, centre: Point, radius: float, fill: str | None = None, outline: str | None = INK, width: float = 0.5
    ) -> None:
        """A circle."""
        self._pen.ellipse(self._around(centre, radius), fill=fill, outline=outline, width=self._width(width))

    def arc(
        self, centre: Point, radius: float, start: float, end: float, colour: str = INK, width: float = 0.4
    ) -> None:
        """An arc from angle `start` to `end`, in degrees clockwise from east as seen on the picture."""
        self._pen.arc(self._around(centre, radius), start, end, fill=colour, width=self._width(width))

    def sector(self, centre: Point, radius: float, start: float, end: float, fill: str) -> None:
        """A filled slice of a circle; angles as in `arc`."""
        self._pen.pieslice(self._around(centre, radius), start, end, fill=fill)

    def text(
        self,
        at: Point,
        words: str,
        size: float = 4.0,
        colour: str = INK,
        anchor: str = "mm",
        *,
        bold: bool = False,
        halo: str | None = None,
    ) -> None:
        """Text `size` units high at its anchor (Pillow's two letters); `halo` keeps lines from running into it."""
        font = _font("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf", self._points(size))
        stroke = self._width(0.5) if halo else 0
        self._pen.text(
            self._at(at), words, fill=colour, font=font, anchor=anchor, stroke_width=stroke, stroke_fill=halo
        )

    def tag(self, at: Point, words: str, size: float = 3.8) -> None:
        """Text on a plate of paper, to interrupt a line."""
        wide, (x, y) = self.text_width(words, size) / 2 + 0.8, at
        self.box((x - wide, y - size * 0.6), (x + wide, y + size * 0.6), fill=PAPER, outline=None)
        self.text(at, words, size)

    def mono(self, at: Point, words: str, size: float = 4.0, colour: str = INK, anchor: str = "lm") -> None:
        """Text in a font of fixed width."""
        font = _font("DejaVuSansMono.ttf", self._points(size))
        self._pen.text(self._at(at), words, fill=colour, font=font, anchor=anchor)

    def text_width(self, words: str, size: float, *, bold: bool = False) -> float:
        """How many units wide the text will be."""
        font = _font("DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf", self._points(size))
        return font.getlength(words) / self._scale

    def _at(self, point: Point) -> Point:
        return (point[0] * self._scale, point[1] * self._scale)

    def _around(self, centre: Point, radius: float) -> list[Point]:
        x, y = centre
        return [self._at((x - radius, y - radius)), self._at((x + radius, y + radius))]

    def _width(self, units: float) -> int:
        return max(_OVERSAMPLE, round(units * self._scale))

    def _points(self, units: float) -> int:
        return max(4, round(units * self._scale))


def toward(start: Point, end: Point, distance: float) -> Point:
    """The point `distance` units from `start` in the direction of `end`."""
    length = math.dist(start, end) or 1.0
    share = distance / length
    return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)


def polar(centre: Point, radius: float, degrees: float) -> Point:
    """The point at an angle in degrees, clockwise from east as seen on the picture."""
    turn = math.radians(degrees)
    return (centre[0] + radius * math.cos(turn), centre[1] + radius * math.sin(turn))


@cache
def _font(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    spec = importlib.util.find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("the puzzles draw with the fonts of matplotlib, which is not installed")
    return ImageFont.truetype(str(Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / name), pixels)
