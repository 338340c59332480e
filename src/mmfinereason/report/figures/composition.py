"""The paper's Figure 4: domains in the outer ring, their sources in the inner one."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, pi, sin, sqrt
from typing import TYPE_CHECKING, Any

from mmfinereason.report import published
from mmfinereason.report.figures.drawing import GREY, INK, MUTED, PAGE, Layout, Spec, canvas
from mmfinereason.report.figures.marks import DOMAINS
from mmfinereason.report.figures.rows import fitted, left_out, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Rectangle

    from mmfinereason.report.facts import Facts, Share

_LINE = {True: 14.0, False: 19.0}
"""Pixels of a legend's line, narrow and wide."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the legend: a domain (no number) or one of its sources."""

    number: int | None
    name: str
    said: str
    colour: str


def _draw(facts: Facts, layout: Layout) -> Figure:
    domains = _by_domain(facts)
    entries = _entries(facts, domains)
    line, ring = _LINE[layout.narrow], 340.0 if layout.narrow else 460.0
    if layout.narrow:
        figure = canvas(layout, ring + line * len(entries) + 16)
        rings, legend = figure.subplots(2, 1, height_ratios=(ring, line * len(entries) + 8))
    else:
        figure = canvas(layout, max(ring, line * len(entries) + 16))
        rings, legend = figure.subplots(1, 2, width_ratios=(ring, layout.width - ring))
    _rings(rings, domains, layout)
    _legend(legend, entries, layout)
    return figure


def _by_domain(facts: Facts) -> dict[str, list[Share]]:
    """The sources of each domain, the largest first; domains likewise."""
    found: dict[str, list[Share]] = {}
    for one in shown(facts.composition, [one.rows for one in facts.composition]):
        found.setdefault(one.domain, []).append(one)
    return dict(sorted(found.items(), key=lambda item: -sum(one.rows for one in item[1])))


def _entries(facts: Facts, domains: dict[str, list[Share]]) -> list[_Entry]:
    total = sum(one.rows for one in facts.composition)
    paper = published.DOMAIN_SHARES if facts.recipe.report.published else {}
    entries, number = [], 0
    for domain, sources in domains.items():
        rows = sum(one.rows for one in facts.composition if one.domain == domain)
        beside = f" (paper {paper[domain]:.1%})" if domain in paper else ""
        colour = DOMAINS.get(domain, GREY)
        entries.append(_Entry(None, fitted(domain, 24), f"{rows:,} rows, {rows / total:.1%}{beside}", colour))
        for one in sources:
            number += 1
            entries.append(_Entry(number, one.source, f"{one.rows:,}", colour))
    return entries


def _rings(axes: Axes, domains: dict[str, list[Share]], layout: Layout) -> None:
    axes.set_aspect("equal")
    axes.set_axis_off()
    outer = [sum(sqrt(one.rows) for one in sources) for sources in domains.values()]
    inner = [sqrt(one.rows) for sources in domains.values() for one in sources]
    colours = [DOMAINS.get(domain, GREY) for domain in domains]
    pale = [colour for colour, sources in zip(colours, domains.values(), strict=True) for _ in sources]
    look: dict[str, Any] = {"startangle": 90, "counterclock": False}
    edge: dict[str, Any] = {"edgecolor": PAGE, "linewidth": 1.5}
    axes.pie(outer, radius=1, colors=colours, wedgeprops={"width": 0.16, **edge}, **look)
    axes.pie(inner, radius=0.83, colors=pale, wedgeprops={"width": 0.36, "alpha": 0.55, **edge}, **look)
    _numbers(axes, inner, layout)
    axes.set(xlim=(-1.02, 1.02), ylim=(-1.02, 1.02))


def _numbers(axes: Axes, sizes: list[float], layout: Layout) -> None:
    """A number in each segment that has room for it."""
    pixels = (340.0 if layout.narrow else 460.0) / 2 * 0.66
    angle = 0.0
    for number, size in enumerate(sizes, start=1):
        width = 2 * pi * size / sum(sizes)
        middle = pi / 2 - angle - width / 2
        angle += width
        if width * pixels >= layout.small * 1.15:
            axes.text(0.65 * cos(middle), 0.65 * sin(middle), str(number), size=layout.small, color=INK,
                      ha="center", va="center")  # fmt: skip


def _legend(axes: Axes, entries: list[_Entry], layout: Layout) -> None:
    axes.set_axis_off()
    axes.set(xlim=(0, 100), ylim=(len(entries) + 0.2, -0.2))
    number_at, name_at = (7, 9) if layout.narrow else (5, 6.5)
    for row, one in enumerate(entries):
        y = row + 0.5
        if one.number is None:
            axes.add_patch(_square(one.colour, y, layout))
            axes.text(name_at - 1.5, y, one.name, va="center", weight="bold")
            axes.text(100, y, one.said, va="center", ha="right", size=layout.small, color=MUTED)
        else:
            axes.text(number_at, y, str(one.number), va="center", ha="right", size=layout.small, color=MUTED)
            axes.text(name_at, y, fitted(one.name, 42), va="center", size=layout.small)
            axes.text(100, y, one.said, va="center", ha="right", size=layout.small, color=MUTED)


def _square(colour: str, y: float, layout: Layout) -> Rectangle:
    from matplotlib.patches import Rectangle

    return Rectangle((1, y - 0.3), 4 if layout.narrow else 2.4, 0.6, color=colour)


def _note(facts: Facts) -> str:
    return (
        "Domains outside, sources inside. Segments are scaled by the square root of their rows, so that small sources "
        "can be seen; the numbers of rows are beside it." + left_out(len(facts.composition))
    )


COMPOSITION = Spec(
    "composition", "Composition (the paper's Figure 4).", _note, lambda facts: bool(facts.composition), _draw
)
