"""The paper's Figure 3: the share of consistent traces by source."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmfinereason.report.figures.drawing import BLUE, GREY, MUTED, ORANGE, PAGE, Layout, Spec, canvas
from mmfinereason.report.figures.marks import GHOST, line, patch
from mmfinereason.report.figures.rows import height, left_out, name_rows, shown
from mmfinereason.report.paper_sources import paper_sources

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure

    from mmfinereason.report.facts import Facts

_PARTS = (("consistent", BLUE), ("inconsistent", ORANGE), ("undecided", GREY))


def _draw(facts: Facts, layout: Layout) -> Figure:
    every = sorted(facts.consistency, key=lambda one: (-one.share, one.source))
    rows = shown(every, [one.rows for one in every])
    paper = paper_sources() if facts.recipe.report.published else {}
    ghosts = {row: paper[one.source] for row, one in enumerate(rows) if one.source in paper}
    figure = canvas(layout, height(layout, len(rows), 95))
    axes = figure.add_subplot()
    for row, one in enumerate(rows):
        start = 0.0
        for name, colour in _PARTS:
            part = getattr(one, name) / one.rows
            axes.barh(row, part, left=start, height=0.4 if layout.narrow else 0.62, color=colour, edgecolor=PAGE)
            start += part
        axes.text(1.02, row, f"{one.share:.0%} of {one.rows:,}", size=layout.small, color=MUTED, va="center")
    for row, source in ghosts.items():
        axes.plot(source.consistent / source.rows, row, **GHOST)
    name_rows(axes, [one.source for one in rows], layout)
    axes.set_xlim(0, 1)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    handles: list[Artist] = [patch(name, colour) for name, colour in _PARTS if any(getattr(one, name) for one in rows)]
    if ghosts:
        handles.append(line("consistent in the paper", **GHOST))
    figure.legend(handles=handles, loc="outside upper left", ncols=2 if layout.narrow else 4)
    return figure


def _note(facts: Facts) -> str:
    return "Rows whose trace agrees with the reference, best source first." + left_out(len(facts.consistency))


CONSISTENCY = Spec(
    "consistency", "Consistency by source (the paper's Figure 3).", _note, lambda facts: bool(facts.consistency), _draw
)
