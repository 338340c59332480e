"""The paper's Figure 7: average score against training samples, a bubble as large as the model."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mmfinereason.errors import MmfrError
from mmfinereason.evaluate import published
from mmfinereason.evaluate.compare import Comparison

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_AREA = 90.0
"""Points² of a bubble for a billion parameters."""
_LINE = 11.0
"""Points from one name to the next."""


@dataclass(frozen=True, slots=True)
class Point:
    """One bubble; `parameters` in billions, `score` in %."""

    name: str
    samples: int
    parameters: float
    score: float
    ours: bool


def points(comparison: Comparison) -> list[Point]:
    """The models whose size and number of training samples are known, measured and published."""
    found = [
        Point(model.name, model.samples, model.parameters, average, True)
        for model in comparison.models
        if model.samples and model.parameters and (average := comparison.average(model)) is not None
    ]
    for column in comparison.reference:
        known, average = published.TRAINED.get(column), comparison.published_average(column)
        if known and average is not None:
            found.append(Point(column, known.samples, known.parameters, average, False))
    return found


def draw(comparison: Comparison, path: Path) -> list[str]:
    """Draw the figure to `path`; returns a sentence for each model that could not be drawn.

    Raises MmfrError when none can.
    """
    drawn = points(comparison)
    if not drawn:
        raise MmfrError(
            "no model has both a size and a number of training samples",
            "give them in evaluate.about: {NAME: {parameters: 8, samples: 120000}}, and evaluate again",
        )
    shown = ", ".join(comparison.averaged[:3]) + " and more" * (len(comparison.averaged) > 3)
    _draw(drawn, f"accuracy in %, mean of {shown}", path)
    names = {point.name for point in drawn}
    missing = [model.name for model in comparison.models if model.name not in names]
    return [f"{name} is not drawn: evaluate.about says no parameters or samples of it" for name in missing]


def _draw(drawn: list[Point], label: str, path: Path) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 4.8), layout="constrained")
    axes = figure.add_subplot()
    for point in sorted(drawn, key=lambda one: -one.parameters):
        axes.scatter(
            point.samples,
            point.score,
            s=_AREA * point.parameters,
            color="#1b6ca8" if point.ours else "#b8bec5",
            alpha=0.75,
            edgecolors="white",
            zorder=3 if point.ours else 2,
        )
    axes.set_xscale("log")
    axes.margins(x=0.25, y=0.2)
    axes.set_xlabel("training samples")
    axes.set_ylabel(label)
    axes.grid(alpha=0.25, zorder=0)
    published_too = "; grey: published (arXiv 2601.21821, Table 3)" if not all(point.ours for point in drawn) else ""
    axes.set_title(f"blue: measured{published_too}; area: parameters", fontsize=9)
    figure.canvas.draw()  # settles the axes, so that labels can be set apart in points
    _write_names(axes, drawn)
    figure.savefig(path, dpi=150)


def _write_names(axes: Axes, drawn: list[Point]) -> None:
    """Names to the right of bubbles in the left part; those of the right part stand in one column left of them all."""
    low, high = axes.get_xlim()
    names = [_Name(axes, point, math.log(point.samples / low) > 0.6 * math.log(high / low)) for point in drawn]
    column = min((name.x - name.away for name in names if name.crowded), default=0.0)
    last = math.inf
    for name in sorted(names, key=lambda one: -one.y):
        x, y = (column, min(name.y, last - _LINE)) if name.crowded else (name.x + name.away, name.y)
        last = y if name.crowded else last
        axes.annotate(
            f"{name.point.name} ({name.point.parameters:g}B)" if name.point.ours else name.point.name,
            (name.point.samples, name.point.score),
            xytext=(x - name.x, y - name.y),
            textcoords="offset points",
            ha="right" if name.crowded else "left",
            va="center",
            fontsize=8,
            arrowprops={"arrowstyle": "-", "color": "#8a9199", "linewidth": 0.6, "shrinkA": 1, "shrinkB": 0},
        )


class _Name:
    """Where a bubble lies, in points, and how far its name must stay away from its middle."""

    def __init__(self, axes: Axes, point: Point, crowded: bool) -> None:
        self.point, self.crowded = point, crowded
        at = axes.transData.transform((point.samples, point.score))
        self.x, self.y = (float(place) * 72 / axes.figure.dpi for place in at)
        self.away = math.sqrt(_AREA * point.parameters / math.pi) + 8
