"""The paper's Figures 7, 8 and 9 from the cells of a grid, as far as it holds what they show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mmfinereason.ablate.arms import Arm, mean_difference
from mmfinereason.evaluate.statistics import Estimate
from mmfinereason.recipe.ablate import UNTRAINED, DataVariant
from mmfinereason.report.figures.drawing import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LINE,
    MUTED,
    ORANGE,
    PURPLE,
    SKY,
    Drawn,
    Layout,
    Spec,
    canvas,
    drawn,
)
from mmfinereason.report.figures.marks import line, patch

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

LOOKS = ((BLUE, "o"), (ORANGE, "D"), (GREEN, "s"), (PURPLE, "^"), (SKY, "v"), (INK, "P"))
"""Colour and mark of each training, in their order."""
FAILED: dict[str, Any] = {"color": LINE, "edgecolor": GREY, "hatch": "////", "linewidth": 0.8}
"""A bar that stands for a failure."""


@dataclass(frozen=True)
class Ablation:
    """What the figures show: the arms, and how each data variant was made."""

    arms: Sequence[Arm]
    data: Mapping[str, DataVariant]
    baseline: str | None
    max_pixels: int
    """Of variants that set none."""

    @property
    def trainings(self) -> list[str]:
        return list(dict.fromkeys(arm.training for arm in self.trained))

    @property
    def trained(self) -> list[Arm]:
        """In the order of the recipe's data variants."""
        order = list(self.data)
        return sorted((arm for arm in self.arms if arm.data in self.data), key=lambda arm: order.index(arm.data))

    @property
    def untrained(self) -> Estimate | None:
        return next((arm.score for arm in self.arms if arm.data == UNTRAINED), None)

    def arm(self, data: str, training: str) -> Arm | None:
        return next((arm for arm in self.arms if (arm.data, arm.training) == (data, training)), None)

    def look(self, training: str) -> tuple[str, str]:
        return LOOKS[self.trainings.index(training) % len(LOOKS)]


def figures(ablation: Ablation) -> list[Drawn]:
    """Every figure that there is data for."""
    return [drawn(spec, ablation) for spec in (BY_ROWS, DIFFERENCES, SETTINGS, SOURCES) if spec.wanted(ablation)]


# --- Figure 7: score against rows -------------------------------------------------------------------------------------


def _draw_by_rows(ablation: Ablation, layout: Layout) -> Figure:
    return _against_rows(ablation, _by_rows(ablation), layout, lambda arm: arm.data)


def _by_rows(ablation: Ablation) -> list[Arm]:
    """Arms that differ in their rows; those with captions or other images are in a figure of their own."""
    rows = [name for name, one in ablation.data.items() if not (one.caption or one.max_pixels)]
    return [arm for arm in ablation.trained if arm.score and arm.data in rows]


def _against_rows(ablation: Ablation, shown: Sequence[Arm], layout: Layout, name: Any) -> Figure:
    figure = canvas(layout, 380 if layout.narrow else 460)
    axes = figure.add_subplot()
    places = _places(ablation, shown)
    for arm, place in zip(shown, places, strict=True):
        assert arm.score
        _point(axes, place, arm.score, *ablation.look(arm.training))
    axes.set_xscale("log")
    axes.margins(x=0.22 if layout.narrow else 0.12, y=0.12)
    _ticks(axes, [arm.rows for arm in shown], 4 if layout.narrow else 10)
    axes.set_xlabel("rows trained on (log scale)")
    _accuracy(axes, layout)
    handles = [line(one, color=ablation.look(one)[0], marker=ablation.look(one)[1], linestyle="none")
               for one in ablation.trainings if any(arm.training == one for arm in shown)]  # fmt: skip
    handles += _before(axes, ablation)
    _legend(figure, handles, layout)
    figure.canvas.draw()  # settles the axes, so that names can be set apart
    scores = [100 * arm.score.value for arm in shown if arm.score]
    _name_points(axes, list(zip(places, scores, map(name, shown), strict=True)), layout)
    return figure


def _places(ablation: Ablation, shown: Sequence[Arm]) -> list[float]:
    """Where on the axis each arm stands: its rows, trainings of the same rows a little apart."""
    middle, spread = (len(ablation.trainings) - 1) / 2, _reach([arm.rows for arm in shown]) ** 0.012
    return [arm.rows * spread ** (ablation.trainings.index(arm.training) - middle) for arm in shown]


def _reach(rows: Sequence[float]) -> float:
    """How many times as many the most rows are."""
    return max(1.5, max(rows) / max(1.0, min(rows)))


def _note_failed(ablation: Ablation) -> str:
    failed = [
        f"{arm.name}{'' if not arm.cells else f' (seed {_seeds(arm)})'}" for arm in ablation.trained if arm.failed
    ]
    return f" Failed: {', '.join(failed)}." if failed else ""


def _seeds(arm: Arm) -> str:
    return ", ".join(str(cell.seed) for cell in arm.failed)


BY_ROWS = Spec[Ablation](
    "score-by-rows",
    "Accuracy against the number of training rows (as the paper's Figure 7).",
    lambda it: "Bars are 95 % intervals over seeds and questions." + _note_failed(it),
    lambda it: bool(_by_rows(it)),
    _draw_by_rows,
)


# --- Figure 8, first part: each data variant against the baseline -----------------------------------------------------


def _draw_differences(ablation: Ablation, layout: Layout) -> Figure:
    rows = [arm for arm in ablation.trained if arm.data != ablation.baseline]
    bars = [(arm.data, arm.training, arm.difference, not arm.cells) for arm in rows]
    figure = canvas(layout, 90 + (24 if layout.narrow else 28) * len(bars))
    axes = figure.add_subplot()
    _bars(axes, ablation, bars)
    axes.set_xlabel(f"accuracy against {ablation.baseline}, points")
    _legend(figure, [patch(one, ablation.look(one)[0]) for one in ablation.trainings], layout)
    return figure


def _bars(axes: Axes, ablation: Ablation, bars: Sequence[tuple[str, str, Estimate | None, bool]]) -> None:
    """Differences as bars with intervals, failures as hatched ones with the word."""
    reach = max([abs(100 * end) for _, _, one, _ in bars if one for end in (one.low, one.high)], default=1.0) or 1.0
    for row, (_, training, one, failed) in enumerate(bars):
        colour, _ = ablation.look(training)
        if one is not None:
            axes.barh(row, 100 * one.value, height=0.6, color=colour, alpha=0.75)
            axes.plot([100 * one.low, 100 * one.high], [row, row], color=INK, linewidth=1.2)
        else:
            axes.barh(row, 0.3 * reach, height=0.6, **FAILED)
            word = "failed" if failed else "no baseline"
            axes.text(0.33 * reach, row, word, va="center", color=MUTED)
    axes.axvline(0, color=INK, linewidth=0.8)
    names = [name for name, _, _, _ in bars]
    axes.set_yticks(range(len(bars)), [name if name not in names[:row] else "" for row, name in enumerate(names)])
    axes.set_ylim(max(len(bars), 4) - 0.4, -0.6)
    axes.set_xlim(-1.15 * reach, 1.15 * reach)
    axes.grid(axis="x")


DIFFERENCES = Spec[Ablation](
    "differences",
    "What each part of the data changes (the paper's ablations).",
    lambda it: f"Paired with {it.baseline} by seed and question; bars are 95 % intervals." + _note_failed(it),
    lambda it: it.baseline is not None and any(arm.data != it.baseline for arm in it.trained),
    _draw_differences,
)


# --- Figure 8: captions and resolution --------------------------------------------------------------------------------


def _draw_settings(ablation: Ablation, layout: Layout) -> Figure:
    captions, sizes = list(_captions(ablation)), list(_resolutions(ablation))
    count = bool(captions) + bool(sizes)
    height = 120 + 26 * len(captions) if not sizes else 380
    figure = canvas(layout, height * (count if layout.narrow else 1))
    panels = figure.subplots(*((count, 1) if layout.narrow else (1, count)), squeeze=False).flatten()
    if captions:
        _bars(panels[0], ablation, captions)
        panels[0].set_xlabel("caption before the thoughts: change, points")
    if sizes:
        _draw_resolutions(panels[-1], ablation, sizes, layout)
    used = {training for _, training, *_ in captions} | {training for training, _ in sizes}
    _legend(figure, [patch(one, ablation.look(one)[0]) for one in ablation.trainings if one in used], layout)
    return figure


def _captions(ablation: Ablation) -> Iterator[tuple[str, str, Estimate | None, bool]]:
    """Variants with captions against the same without, by training."""
    for name, variant in ablation.data.items():
        twin = variant.model_copy(update={"caption": False})
        plain = next((other for other, one in ablation.data.items() if one == twin), None)
        for training in ablation.trainings if variant.caption and plain else []:
            arm, base = ablation.arm(name, training), ablation.arm(plain or "", training)
            if arm and base:
                yield f"{name} - {plain}", training, mean_difference(arm, base), not (arm.cells and base.cells)


def _resolutions(ablation: Ablation) -> Iterator[tuple[str, list[tuple[int, Arm]]]]:
    """Variants that differ in the size of images alone, smallest first, by training."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for name, variant in ablation.data.items():
        rest = variant.model_copy(update={"max_pixels": None}).model_dump_json()
        groups.setdefault(rest, []).append((variant.max_pixels or ablation.max_pixels, name))
    for members in groups.values():
        for training in ablation.trainings if len({pixels for pixels, _ in members}) > 1 else []:
            arms = [(pixels, arm) for pixels, name in sorted(members) if (arm := ablation.arm(name, training))]
            if len(arms) > 1:
                yield training, arms


def _draw_resolutions(
    axes: Axes, ablation: Ablation, lines: Sequence[tuple[str, list[tuple[int, Arm]]]], layout: Layout
) -> None:
    for training, arms in lines:
        colour, mark = ablation.look(training)
        there = [(pixels**0.5, arm.score) for pixels, arm in arms if arm.score]
        axes.plot([side for side, _ in there], [100 * score.value for _, score in there], color=colour, linewidth=1.5)
        for side, score in there:
            _point(axes, side, score, colour, mark)
        for pixels, arm in arms:
            if not arm.score:
                axes.text(pixels**0.5, 0.03, "failed", color=MUTED, ha="center", transform=axes.get_xaxis_transform())
                axes.axvline(pixels**0.5, color=GREY, linewidth=6, alpha=0.25)
    sides = sorted({pixels**0.5 for _, arms in lines for pixels, _ in arms})
    axes.set_xscale("log")
    axes.minorticks_off()
    axes.set_xticks(sides, [f"{side:.0f}²" for side in sides])
    axes.margins(x=0.1, y=0.15)
    axes.set_xlabel("largest image, pixels")
    _accuracy(axes, layout)


SETTINGS = Spec[Ablation](
    "settings",
    "Captions and resolution (the paper's Figure 8).",
    lambda it: "Only variants that differ in nothing else are compared." + _note_failed(it),
    lambda it: bool([*_captions(it), *_resolutions(it)]),
    _draw_settings,
)


# --- Figure 9: sources alone ------------------------------------------------------------------------------------------


def _alone(ablation: Ablation) -> list[Arm]:
    """Arms of one source alone."""
    alone = [
        name
        for name, one in ablation.data.items()
        if len(one.only) == 1 and not (one.prompts or one.caption or one.max_pixels)
    ]
    return [arm for arm in ablation.trained if arm.data in alone]


def _draw_sources(ablation: Ablation, layout: Layout) -> Figure:
    shown = [arm for arm in _alone(ablation) if arm.score]
    return _against_rows(ablation, shown, layout, lambda arm: ablation.data[arm.data].only[0])


SOURCES = Spec[Ablation](
    "sources",
    "Each source alone (the paper's Figure 9).",
    lambda it: "Bars are 95 % intervals over seeds and questions." + _note_failed(it),
    lambda it: any(arm.score for arm in _alone(it)),
    _draw_sources,
)


# --- what they share --------------------------------------------------------------------------------------------------


def _point(axes: Axes, x: float, score: Estimate, colour: str, mark: str) -> None:
    low, high = 100 * (score.value - score.low), 100 * (score.high - score.value)
    axes.errorbar(x, 100 * score.value, yerr=[[max(0.0, low)], [max(0.0, high)]], color=colour, marker=mark,
                  markersize=9, capsize=3, linewidth=1.2, alpha=0.9, zorder=3)  # fmt: skip


def _before(axes: Axes, ablation: Ablation) -> list[Any]:
    """The model before training as a line."""
    if ablation.untrained is None:
        return []
    look: dict[str, Any] = {"color": MUTED, "linestyle": ":", "linewidth": 1.5}
    axes.axhline(100 * ablation.untrained.value, **look)
    return [line("before training", **look)]


def _accuracy(axes: Axes, layout: Layout) -> None:
    axes.set_ylabel("accuracy, %")
    axes.tick_params(axis="y", labelsize=layout.small)
    axes.grid(axis="both")


def _ticks(axes: Axes, rows: Sequence[float], most: int) -> None:
    """The numbers of rows themselves, as many of them as can be read."""
    apart, ticks = _reach(rows) ** (1 / most), list[float]()
    for value in sorted({*rows}):
        if not ticks or value > ticks[-1] * apart:
            ticks.append(value)
    axes.set_xticks(ticks, [f"{value:,.0f}" for value in ticks])
    axes.minorticks_off()


def _legend(figure: Figure, handles: Sequence[Any] | Sequence[Patch], layout: Layout) -> None:
    figure.legend(handles=list(handles), loc="outside upper left", ncols=2 if layout.narrow else 5, borderpad=0.8)


def _name_points(axes: Axes, points: Sequence[tuple[float, float, str]], layout: Layout) -> None:
    """A name right of each point; one that would lie on another is moved down, with a line to its point."""
    placed = list[tuple[float, float, float]]()
    scale = 72 / axes.figure.dpi
    for x, y, name in sorted(points, key=lambda one: -one[1]):
        left, at = (float(value) * scale for value in axes.transData.transform((x, y)))
        width = 0.62 * layout.small * len(name) + 9
        top = _free(placed, left, width, at, layout.small * 1.2)
        placed.append((left, width, top))
        axes.annotate(name, (x, y), xytext=(9, top - at), textcoords="offset points", va="center", size=layout.small,
                      color=INK, arrowprops={"arrowstyle": "-", "color": LINE, "linewidth": 0.8})  # fmt: skip


def _free(placed: Sequence[tuple[float, float, float]], left: float, width: float, at: float, gap: float) -> float:
    """The highest place from `at` down where a name lies on no other."""
    beside = [top for other, reach, top in placed if other - width < left < other + reach]
    for top in sorted(beside, reverse=True):
        if abs(top - at) < gap:
            at = top - gap
    return at
