"""Geometric figures: named points in a plane of their own, turned, scaled to the canvas and labelled without clashes.

Points with a capital name are lettered in the picture, others are helpers. Sides and angles are named by their points:
"AB", "ABC" (the angle at B).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mmfinereason.lab.puzzles.canvas import GREY, INK, PAPER, Canvas, Point, toward

_BOX = (18.0, 13.0, 82.0, 62.0)


@dataclass(frozen=True)
class Figure:
    """What is drawn; `turn` in degrees. Coordinates are of any scale, y upwards."""

    points: tuple[tuple[str, Point], ...]
    sides: tuple[str, ...] = ()
    dashed: tuple[str, ...] = ()
    lengths: tuple[tuple[str, str], ...] = ()
    spans: tuple[tuple[str, str], ...] = ()
    angles: tuple[tuple[str, str], ...] = ()
    squares: tuple[str, ...] = ()
    ticks: tuple[str, ...] = ()
    fills: tuple[tuple[str, str], ...] = ()
    discs: tuple[tuple[str, float, str | None], ...] = ()
    slices: tuple[tuple[str, float, float, float, str], ...] = ()
    turn: float = 0.0
    mirrored: bool = False
    colour: str = INK
    height: float = 75.0

    def draw(self, canvas: Canvas) -> None:
        """Areas first, then lines, marks and labels."""
        at, scale = self._placed()
        for names, fill in self.fills:
            canvas.polygon([at[n] for n in names], fill=fill, outline=None)
        for name, radius, inside in self.discs:
            canvas.circle(at[name], radius * scale, fill=inside, outline=self.colour, width=0.6)
        for name, radius, start, end, fill in self.slices:
            canvas.sector(at[name], radius * scale, start, end, fill)
            canvas.arc(at[name], radius * scale, start, end, self.colour, 0.6)
        for a, b in map(tuple, self.dashed):
            canvas.dashed(at[a], at[b], GREY)
        for a, b in map(tuple, self.sides):
            canvas.line([at[a], at[b]], self.colour, 0.6)
        for names in self.squares:
            _square(canvas, *(at[n] for n in names))
        for a, b in map(tuple, self.ticks):
            _tick(canvas, at[a], at[b])
        for names, words in self.angles:
            _angle(canvas, [at[n] for n in names], words)
        centre = _mean(list(at.values()))
        for names, words in self.lengths:
            _length(canvas, at[names[0]], at[names[1]], centre, words, inward=names in self.dashed)
        for names, words in self.spans:
            _span(canvas, at[names[0]], at[names[1]], centre, words)
        for name in at:
            if name.isupper():
                self._letter(canvas, name, at, centre)

    def _placed(self) -> tuple[dict[str, Point], float]:
        """The points on the canvas and the scale from figure to canvas."""
        sin, cos = math.sin(math.radians(self.turn)), math.cos(math.radians(self.turn))
        flip = -1 if self.mirrored else 1
        turned = {n: (flip * x * cos - y * sin, -(flip * x * sin + y * cos)) for n, (x, y) in self.points}
        reach = [(turned[n][0] + s * r, turned[n][1] + s * r) for n, r, _ in self.discs for s in (-1, 1)]
        xs, ys = zip(*[*turned.values(), *reach], strict=True)
        left, top, right, bottom = _BOX
        width, height = max(xs) - min(xs), max(ys) - min(ys)
        scale = min((right - left) / (width or 1), (bottom - top) / (height or 1))
        dx = (left + right - scale * (max(xs) + min(xs))) / 2
        dy = (top + bottom - scale * (max(ys) + min(ys))) / 2
        return {n: (x * scale + dx, y * scale + dy) for n, (x, y) in turned.items()}, scale

    def _letter(self, canvas: Canvas, name: str, at: dict[str, Point], centre: Point) -> None:
        """A point's letter, in the widest gap between the lines that leave it."""
        here = at[name]
        ends = [at[line.replace(name, "")] for line in (*self.sides, *self.dashed) if name in line]
        angles = sorted(math.atan2(y - here[1], x - here[0]) for x, y in ends)
        if not angles:
            spot = toward(here, (2 * here[0] - centre[0], 2 * here[1] - centre[1] - 0.01), 4.2)
        else:
            gaps = [(b - a, a) for a, b in zip(angles, [*angles[1:], angles[0] + 2 * math.pi], strict=True)]
            width, start = max(gaps, key=lambda g: (round(g[0], 6), _away(here, centre, g)))
            middle = start + width / 2
            spot = (here[0] + 4.2 * math.cos(middle), here[1] + 4.2 * math.sin(middle))
        if not ends or len(ends) > 2:
            canvas.circle(here, 0.7, fill=self.colour, outline=None)
        canvas.text(spot, name, 4.6, bold=True, halo=PAPER)


def _away(here: Point, centre: Point, gap: tuple[float, float]) -> float:
    """How much the middle of a gap looks away from the figure's centre."""
    middle = gap[1] + gap[0] / 2
    return (here[0] - centre[0]) * math.cos(middle) + (here[1] - centre[1]) * math.sin(middle)


def _mean(points: list[Point]) -> Point:
    return (sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points))


def _square(canvas: Canvas, a: Point, corner: Point, b: Point) -> None:
    one, two = toward(corner, a, 3), toward(corner, b, 3)
    canvas.line([one, (one[0] + two[0] - corner[0], one[1] + two[1] - corner[1]), two], INK, 0.35)


def _tick(canvas: Canvas, a: Point, b: Point) -> None:
    middle = _mean([a, b])
    length = math.dist(a, b) or 1
    dx, dy = (b[1] - a[1]) / length * 1.3, (a[0] - b[0]) / length * 1.3
    canvas.line([(middle[0] - dx, middle[1] - dy), (middle[0] + dx, middle[1] + dy)], INK, 0.6)


def _angle(canvas: Canvas, corner: list[Point], words: str) -> None:
    """An arc from one arm to the other and its label on the bisector, farther out the sharper the angle."""
    a, here, b = corner
    start, end = (math.degrees(math.atan2(p[1] - here[1], p[0] - here[0])) for p in (a, b))
    if (end - start) % 360 > 180:
        start, end = end, start
    width = (end - start) % 360
    out = min(17.0, max(8.0, 3.4 / math.sin(math.radians(max(width, 8) / 2))))
    canvas.arc(here, max(4.0, out - 4.2), start, start + width)
    middle = math.radians(start + width / 2)
    canvas.text((here[0] + out * math.cos(middle), here[1] + out * math.sin(middle)), words, 3.8, halo=PAPER)


def _length(canvas: Canvas, a: Point, b: Point, centre: Point, words: str, *, inward: bool = False) -> None:
    """A line's label beside its middle: away from the figure's centre, or towards it for a line inside."""
    middle, (nx, ny) = _mean([a, b]), _outward(a, b, centre)
    wide = canvas.text_width(words, 3.8)
    out = (2.6 + abs(nx) * wide / 2) * (-1 if inward else 1)
    x = min(99 - wide / 2, max(1 + wide / 2, middle[0] + nx * out))
    canvas.text((x, middle[1] + ny * out), words, 3.8, halo=PAPER)


def _span(canvas: Canvas, a: Point, b: Point, centre: Point, words: str) -> None:
    """A dimension line beside a side that has letters on it, with the label in its middle."""
    nx, ny = _outward(a, b, centre)
    wide = canvas.text_width(words, 3.8) / 2
    out = 8 + abs(nx) * wide
    ends = [(x + nx * out, y + ny * out) for x, y in (a, b)]
    canvas.arrow(_mean(ends), ends[0], GREY, 0.35, 1.8)
    canvas.arrow(_mean(ends), ends[1], GREY, 0.35, 1.8)
    x, y = _mean(ends)
    canvas.tag((min(99 - wide, max(1 + wide, x)), y), words)


def _outward(a: Point, b: Point, centre: Point) -> Point:
    """The unit normal of a line that looks away from the centre."""
    length = math.dist(a, b) or 1
    nx, ny = (a[1] - b[1]) / length, (b[0] - a[0]) / length
    middle = _mean([a, b])
    away = (middle[0] - centre[0]) * nx + (middle[1] - centre[1]) * ny
    return (nx, ny) if away >= 0 else (-nx, -ny)
