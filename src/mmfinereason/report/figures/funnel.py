"""The way of the rows: how many are left after each step, and why the others are not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmfinereason.report.figures.drawing import BLUE, GREEN, INK, LINE, MUTED, Layout, Spec, canvas
from mmfinereason.report.figures.rows import fitted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mmfinereason.report.facts import Facts, Step

_MORE = ", {} more reasons"

_SAID = {
    "sources": "read from the sources",
    "collect": "clean samples",
    "distill": "with a good trace",
    "verify": "with a consistent trace",
    "select": "in a subset",
}


def _draw(facts: Facts, layout: Layout) -> Figure:
    row = 52.0 if layout.narrow else 42.0
    figure = canvas(layout, row * len(facts.steps) + 12)
    axes = figure.add_subplot()
    axes.set_axis_off()
    whole = max(1, facts.steps[0].rows)
    left = 0.0 if layout.narrow else 0.26
    axes.set(xlim=(0, 1), ylim=(len(facts.steps), 0))
    for index, step in enumerate(facts.steps):
        _step(axes, index, step, whole, left, layout)
    return figure


def _step(axes: Axes, index: int, step: Step, whole: int, left: float, layout: Layout) -> None:
    """A bar on the track of all rows, the step's name, its rows, and underneath what left."""
    y, track = index + (0.5 if layout.narrow else 0.3), 1 - left - (0.27 if layout.narrow else 0.16)
    thick = 0.3 if layout.narrow else 0.42
    name = f"subset {fitted(step.name, 22)}" if step.kind == "subset" else _SAID[step.name]
    axes.barh(y, track, left=left, height=thick, color=LINE)
    axes.barh(y, track * step.rows / whole, left=left, height=thick, color=GREEN if step.kind == "subset" else BLUE)
    axes.text(left + track + 0.012, y, f"{step.rows:,} ({step.rows / whole:.0%})", va="center", size=layout.text)
    if layout.narrow:
        axes.text(0, index + 0.32, name, va="bottom", color=INK)
    else:
        axes.text(left - 0.015, y, name, va="center", ha="right", color=INK)
    if step.left:
        axes.text(left, y + thick / 2 + 0.05, _left(step.left, 64 if layout.narrow else 110), va="top",
                  size=layout.small, color=MUTED)  # fmt: skip


def _left(reasons: dict[str, int], width: int) -> str:
    """`−13: coding task 4, bad image 3, ...` as far as it fits."""
    text = f"−{sum(reasons.values()):,}: "
    for number, (reason, rows) in enumerate(reasons.items()):
        said = f"{', ' if number else ''}{fitted(reason.replace('_', ' '), 30)} {rows:,}"
        if len(text) + len(said) > width - len(_MORE):
            return f"{text}{_MORE.format(len(reasons) - number)}"
        text += said
    return text


FUNNEL = Spec(
    "funnel",
    "Rows from source to subset.",
    lambda facts: "Bars are shares of all rows read; under a bar stands what left at that step. Subsets may overlap.",
    lambda facts: bool(facts.steps),
    _draw,
)
