"""Two runs in one figure: where each source stands in both, and how long traces are in both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from mmfinereason.report.figures.drawing import BLUE, GREY, ORANGE, Layout, Spec, canvas
from mmfinereason.report.figures.lengths import curve, token_axis
from mmfinereason.report.figures.marks import line
from mmfinereason.report.figures.rows import fitted, height, left_out, name_rows, shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from mmfinereason.report.facts import Facts

    Values = Callable[[Facts], dict[str, float]]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two runs, and what they are called on the page."""

    first: Facts
    second: Facts
    names: tuple[str, str]

    def both(self, values: Values) -> list[tuple[str, float | None, float | None]]:
        """A value by source in both runs: sources of both first, the greatest rise on top."""
        one, two = values(self.first), values(self.second)
        rows = [(source, one.get(source), two.get(source)) for source in {*one, *two}]
        return sorted(rows, key=lambda row: (row[1] is None or row[2] is None, (row[1] or 0) - (row[2] or 0), row[0]))


def shares(facts: Facts) -> dict[str, float]:
    """Share of consistent rows by source."""
    return {one.source: one.share for one in facts.consistency}


def means(facts: Facts) -> dict[str, float]:
    """Mean pass rate by source."""
    return {one.source: one.mean for one in facts.pass_rates}


_FIRST: dict[str, Any] = {"color": BLUE, "marker": "o", "markersize": 9, "linestyle": "none"}
_SECOND: dict[str, Any] = {"color": ORANGE, "marker": "D", "markersize": 8, "linestyle": "none"}


def _draw(values: Values, percent: bool, pair: Pair, layout: Layout) -> Figure:
    every = pair.both(values)
    rows = shown(every, [1] * len(every))
    figure = canvas(layout, height(layout, len(rows), 95))
    axes = figure.add_subplot()
    for row, (_, one, two) in enumerate(rows):
        if one is not None and two is not None:
            axes.plot([one, two], [row, row], color=GREY, linewidth=2)
        if one is not None:
            axes.plot(one, row, **_FIRST)
        if two is not None:
            axes.plot(two, row, **_SECOND)
    name_rows(axes, [source for source, _, _ in rows], layout)
    axes.set_xlim(-0.03, 1.03)
    axes.grid(axis="x")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}" if percent else f"{value:.2f}")
    _name_runs(figure, pair, layout, (_FIRST, _SECOND))
    return figure


def _draw_lengths(pair: Pair, layout: Layout) -> Figure:
    figure = canvas(layout, 330 if layout.narrow else 400)
    axes = figure.add_subplot()
    looks: tuple[dict[str, Any], ...] = (
        {"color": BLUE, "linewidth": 2},
        {"color": ORANGE, "linewidth": 2, "linestyle": "--"},
    )
    ends = []
    for facts, look in zip((pair.first, pair.second), looks, strict=True):
        tokens = sorted(one for some in facts.trace_lengths.values() for one in some)
        if tokens:
            axes.step(*curve(tokens), where="post", **look)
            ends += [tokens[0], tokens[-1]]
    token_axis(axes, ends)
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.tick_params(axis="y", labelsize=layout.small)
    axes.set_xlabel("tokens of a trace (log scale)")
    axes.grid(axis="both")
    _name_runs(figure, pair, layout, looks)
    return figure


def _name_runs(figure: Figure, pair: Pair, layout: Layout, looks: tuple[dict[str, Any], ...]) -> None:
    names = [fitted(name, 40) for name in pair.names]
    handles = [line(name, **look) for name, look in zip(names, looks, strict=True)]
    figure.legend(handles=handles, loc="outside upper left", ncols=1 if layout.narrow else 2)


CONSISTENCY = Spec[Pair](
    "compare-consistency",
    "Consistency by source.",
    lambda pair: "Sources that gained most stand on top." + left_out(len(pair.both(shares))),
    lambda pair: bool(pair.both(shares)),
    partial(_draw, shares, True),
)
PASS_RATES = Spec[Pair](
    "compare-pass-rates",
    "Mean pass rate by source.",
    lambda pair: "Sources that became easier stand on top." + left_out(len(pair.both(means))),
    lambda pair: bool(pair.both(means)),
    partial(_draw, means, False),
)
LENGTHS = Spec[Pair](
    "compare-lengths",
    "Token lengths of traces.",
    lambda pair: "Share of traces of at most so many tokens.",
    lambda pair: bool(pair.first.trace_lengths or pair.second.trace_lengths),
    _draw_lengths,
)
FIGURES = (CONSISTENCY, PASS_RATES, LENGTHS)
