"""The paper's Figure 6: how long traces and captions are, beside the published datasets."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from mmfinereason.report import published
from mmfinereason.report.figures.drawing import BLUE, GREY, INK, MUTED, PAGE, Layout, Spec, canvas
from mmfinereason.report.figures.marks import DOMAINS, line
from mmfinereason.report.figures.rows import fitted, name_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from mmfinereason.report.facts import Facts, Lengths

_DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))
_POINTS = 400
_QUANTILES = (("p25", 0.25), ("median", 0.5), ("p75", 0.75), ("p95", 0.95))


def _draw_cdf(facts: Facts, layout: Layout) -> Figure:
    figure = canvas(layout, 380 if layout.narrow else 430)
    axes = figure.add_subplot()
    handles = []
    ends = [end for tokens in facts.trace_lengths.values() for end in (tokens[0], tokens[-1])]
    for number, (domain, tokens) in enumerate(_in_order(facts.trace_lengths)):
        look: dict[str, Any] = {
            "color": DOMAINS.get(domain, GREY),
            "linestyle": _DASHES[number % len(_DASHES)],
            "linewidth": 2,
        }
        axes.step(*curve(tokens), where="post", **look)
        handles.append(line(f"{fitted(domain, 24)} ({len(tokens):,})", **look))
        if facts.recipe.report.published and domain in published.DOMAIN_TOKENS:
            axes.plot(published.DOMAIN_TOKENS[domain], 0.015, marker="^", markersize=9, markerfacecolor=PAGE,
                      markeredgecolor=look["color"], linestyle="none", zorder=5)  # fmt: skip
    if facts.recipe.report.published:
        paper = published.LENGTHS[0]
        ends += [paper.p25, paper.p95, *published.DOMAIN_TOKENS.values()]
        ring: dict[str, Any] = {
            "marker": "o",
            "markersize": 7,
            "markerfacecolor": PAGE,
            "markeredgecolor": MUTED,
            "linestyle": "none",
        }
        axes.plot([getattr(paper, name) for name, _ in _QUANTILES], [share for _, share in _QUANTILES], **ring)
        handles.append(line("quantiles of all traces in the paper", **ring))
        ring |= {"marker": "^", "markersize": 9}
        handles.append(line("mean of a domain in the paper", **ring))
    token_axis(axes, ends)
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.tick_params(axis="y", labelsize=layout.small)
    axes.set_xlabel("tokens of a trace (log scale)")
    axes.grid(axis="both")
    figure.legend(handles=handles, loc="outside upper left", ncols=1 if layout.narrow else 3)
    return figure


def _in_order(by_domain: dict[str, list[float]]) -> list[tuple[str, list[float]]]:
    """Domains in their usual order, others behind them."""
    known = [domain for domain in DOMAINS if domain in by_domain]
    return [(domain, by_domain[domain]) for domain in dict.fromkeys([*known, *by_domain])]


def curve(tokens: list[float]) -> tuple[list[float], list[float]]:
    """Lengths and shares of a cumulative curve, thinned to what can be seen."""
    ranks = sorted({round(step * (len(tokens) - 1) / _POINTS) for step in range(_POINTS + 1)})
    return [tokens[rank] for rank in ranks], [(rank + 1) / len(tokens) for rank in ranks]


def _draw_histogram(text: str, facts: Facts, layout: Layout) -> Figure:
    tokens = _tokens(text, facts)
    own = next(one for one in facts.lengths if one.text == text)
    known = [one for one in published.LENGTHS if one.text == text] if facts.recipe.report.published else []
    strips = [own, *known]
    strip = 40.0 if layout.narrow else 27.0
    figure = canvas(layout, 270 + strip * len(strips))
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(200, strip * len(strips) + 10))
    token_axis(upper, [tokens[0], tokens[-1], *(value for one in known for value in (one.p25, one.p95))])
    upper.hist(tokens, bins=_bins(upper), color=BLUE, edgecolor=PAGE, linewidth=0.5)
    upper.set_ylabel("rows" if own.count == len(tokens) else f"of {len(tokens):,} rows drawn")
    upper.tick_params(axis="y", labelsize=layout.small, labelcolor=MUTED)
    upper.tick_params(axis="x", labelbottom=False, bottom=False, which="both")
    upper.spines["bottom"].set_visible(False)
    upper.yaxis.get_major_locator().set_params(integer=True, nbins=5)
    upper.grid(axis="both")
    _strips(lower, strips, layout)
    lower.set_xlabel(f"tokens of a {'trace' if text == 'CoT' else text} (log scale)")
    return figure


def _strips(axes: Axes, strips: Sequence[Lengths], layout: Layout) -> None:
    """One row a dataset: from the 25th to the 75th percentile as a box, the median, a line up to the 95th."""
    thick = 0.3 if layout.narrow else 0.46
    for row, one in enumerate(strips):
        colour = BLUE if row == 0 else GREY
        axes.plot([one.p75, one.p95], [row, row], color=colour, linewidth=1.5, marker="|", markevery=[1], markersize=9)
        axes.barh(row, one.p75 - one.p25, left=one.p25, height=thick, color=colour, alpha=0.85)
        axes.plot([one.median] * 2, [row - thick / 2, row + thick / 2], color=INK, linewidth=2.2)
    name_rows(axes, [f"{one.dataset} ({one.count:,})" for one in strips], layout)
    axes.grid(axis="x")


def token_axis(axes: Axes, ends: Sequence[float]) -> None:
    """A logarithmic axis that holds all `ends`, with plain numbers on it."""
    low, high = min(ends), max(ends)
    low, high = max(1.0, low) * 0.8, max(high, low * 2) * 1.25
    axes.set_xscale("log")
    axes.set_xlim(low, high)
    axes.set_xticks([tick for power in range(6) for one in (1, 2, 5) if low <= (tick := one * 10**power) <= high])
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.minorticks_off()


def _bins(axes: Axes) -> list[float]:
    low, high = axes.get_xlim()
    return [low * (high / low) ** (step / 48) for step in range(49)]


def _tokens(text: str, facts: Facts) -> list[float]:
    if text == "caption":
        return facts.caption_lengths
    return sorted(one for tokens in facts.trace_lengths.values() for one in tokens)


def _histogram_note(facts: Facts) -> str:
    return (
        "Below it 25th to 75th percentile as a box, the median as a mark and a line up to the 95th, for this run and, "
        "in grey, for published datasets (Table 1)."
    )


CDF = Spec(
    "length-cdf",
    "Token lengths by domain (the paper's Figure 6a).",
    lambda facts: "Share of traces of at most so many tokens.",
    lambda facts: bool(facts.trace_lengths),
    _draw_cdf,
)
COT = Spec(
    "cot-lengths",
    "Lengths of traces (the paper's Figure 6b).",
    _histogram_note,
    lambda facts: bool(_tokens("CoT", facts)),
    partial(_draw_histogram, "CoT"),
)
CAPTIONS = Spec(
    "caption-lengths",
    "Lengths of captions (the paper's Figure 6c).",
    _histogram_note,
    lambda facts: bool(facts.caption_lengths),
    partial(_draw_histogram, "caption"),
)
