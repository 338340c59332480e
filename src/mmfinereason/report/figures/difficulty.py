"""The paper's Figure 5: how often the small model is right, source by source, as bubbles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mmfinereason.report.figures.drawing import BLUE, INK, LINE, MUTED, SKY, Layout, Spec, canvas
from mmfinereason.report.figures.marks import GHOST, dot, line
from mmfinereason.report.figures.rows import height, left_out, name_rows, row_height, shown
from mmfinereason.report.paper_sources import paper_sources

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mmfinereason.report.facts import Facts, SourcePassRates


_MEAN: dict[str, Any] = {"color": INK, "linewidth": 1.5, "marker": "|", "markersize": 12, "zorder": 4}


def _draw(facts: Facts, layout: Layout) -> Figure:
    rows = shown(facts.pass_rates, [one.rows for one in facts.pass_rates])
    paper = paper_sources() if facts.recipe.report.published else {}
    ghosts = {row: paper[one.source].mean for row, one in enumerate(rows) if one.source in paper}
    figure = canvas(layout, height(layout, len(rows), 125 if layout.narrow else 105))
    left, right = figure.subplots(1, 2, sharey=not layout.narrow, width_ratios=(3.2, 1))
    largest = (row_height(layout) * (0.62 if layout.narrow else 0.95)) ** 2
    _bubbles(left, rows, largest)
    left.plot([one.mean for one in rows], range(len(rows)), **_MEAN)
    left.plot(list(ghosts.values()), list(ghosts), **GHOST)
    name_rows(left, [one.source for one in rows], layout)
    left.set_xlim(-0.09, 1.09)
    left.set_xticks([0, 0.25, 0.5, 0.75, 1])
    left.set_xlabel("pass rate")
    _sizes(right, rows, layout)
    handles = [dot(f"{share:.0%} of a source", largest * share) for share in (0.1, 0.5)]
    handles.append(line("mean", **_MEAN))
    handles += [line("mean in the paper", **GHOST)] if ghosts else []
    figure.legend(handles=handles, loc="outside upper left", ncols=2 if layout.narrow else 4, borderpad=0.8)
    return figure


def _bubbles(axes: Axes, rows: list[SourcePassRates], largest: float) -> None:
    for row, one in enumerate(rows):
        rates, shares = list(one.shares), list(one.shares.values())
        areas = [largest * share for share in shares]
        axes.scatter(rates, [row] * len(rates), s=areas, color=SKY, edgecolors=BLUE, linewidths=0.8, alpha=0.75)
    axes.grid(axis="x")


def _sizes(axes: Axes, rows: list[SourcePassRates], layout: Layout) -> None:
    """The strip of source sizes, on a logarithmic scale."""
    axes.barh(range(len(rows)), [one.rows for one in rows], height=0.3 if layout.narrow else 0.5, color=LINE)
    for row, one in enumerate(rows):
        axes.text(1, row, f" {one.rows:,}", size=layout.small, color=MUTED, va="center",
                  transform=axes.get_yaxis_transform(), ha="right")  # fmt: skip
    axes.set_xscale("log")
    most = max(one.rows for one in rows)
    axes.set_xlim(0.8, 0.8 * (most / 0.8) ** (2.6 if layout.narrow else 1.5))  # room for the numbers
    axes.set_xticks([])
    axes.minorticks_off()
    axes.set_xlabel("rows (log scale)")
    if layout.narrow:
        axes.set_yticks([])
        axes.set_ylim(len(rows) - 0.4, -0.8)
    else:
        axes.tick_params(labelleft=False)


def _note(facts: Facts) -> str:
    return (
        "A bubble is the share of a source's rows at a pass rate; the line joins the means, easiest source first."
        + left_out(len(facts.pass_rates))
    )


DIFFICULTY = Spec(
    "pass-rates", "Pass rates by source (the paper's Figure 5).", _note, lambda facts: bool(facts.pass_rates), _draw
)
