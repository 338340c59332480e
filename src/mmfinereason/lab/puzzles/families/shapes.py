"""Small shapes for counting scenes and pattern matrices."""

from __future__ import annotations

from mmfinereason.lab.puzzles.canvas import INK, Canvas, Point, polar

COLOURS = {
    "blue": "#1467b3",
    "orange": "#f0a000",
    "green": "#00946b",
    "pink": "#dc86b8",
    "black": "#33363d",
}
"""Colours that a person, colour-blind or not, would call by these names."""

_CORNERS = {"triangle": 3, "square": 4, "pentagon": 5, "hexagon": 6, "star": 10}
SHAPES = ("circle", "square", "triangle", "star", "hexagon", "cross")


def stamp(
    canvas: Canvas, shape: str, at: Point, radius: float, *, fill: str | None, turn: float = 0, line: float = 0.35
) -> None:
    """Draw one of the `SHAPES` (or a pentagon) inside a circle of `radius`."""
    if shape == "circle":
        canvas.circle(at, radius * 0.92, fill=fill, outline=INK, width=line)
        return
    canvas.polygon(outline(shape, at, radius, turn), fill=fill, outline=INK, width=line)


def outline(shape: str, at: Point, radius: float, turn: float = 0) -> list[Point]:
    """The corners of a shape with corners."""
    if shape == "cross":
        third = radius * 0.36
        edge = [(-third, -radius), (third, -radius), (third, -third), (radius, -third), (radius, third)]
        edge += [(third, third), (third, radius), (-third, radius), (-third, third), (-radius, third)]
        return [(at[0] + x, at[1] + y) for x, y in [*edge, (-radius, -third), (-third, -third)]]
    count = _CORNERS[shape]
    start = turn - 90 + (45 if shape == "square" else 0)
    inner = 0.42 if shape == "star" else 1.0
    return [polar(at, radius if i % 2 == 0 else radius * inner, start + i * 360 / count) for i in range(count)]


def plural(shape: str, count: int) -> str:
    """`1 star`, `3 crosses`."""
    ending = "" if count == 1 else "es" if shape.endswith(("s", "x")) else "s"
    return f"{count} {shape}{ending}"
