"""Marks that several figures share, and their entries in a legend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mmfinereason.report.figures.drawing import BLUE, GREEN, INK, MUTED, ORANGE, PAGE, PURPLE
from mmfinereason.schema import Domain

if TYPE_CHECKING:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch


DOMAINS = {
    Domain.MATHEMATICS.value: BLUE,
    Domain.SCIENCE.value: GREEN,
    Domain.PUZZLE.value: ORANGE,
    Domain.GENERAL.value: PURPLE,
}
"""The colour of each domain; any other is grey."""

GHOST: dict[str, Any] = {
    "marker": "D",
    "markersize": 7,
    "markerfacecolor": PAGE,
    "markeredgecolor": INK,
    "linestyle": "none",
    "zorder": 5,
}
"""A value of the paper beside the run's."""


def patch(label: str, colour: str) -> Patch:
    """A legend's entry for an area."""
    from matplotlib.patches import Patch

    return Patch(color=colour, label=label)


def line(label: str, **look: Any) -> Line2D:
    """A legend's entry for a line or a mark."""
    from matplotlib.lines import Line2D

    return Line2D([], [], label=label, **look)


def dot(label: str, area: float) -> Line2D:
    """A legend's entry for a bubble of this area in square points."""
    return line(label, marker="o", markersize=area**0.5, color=MUTED, linestyle="none")
