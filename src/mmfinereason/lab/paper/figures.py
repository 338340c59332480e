"""The figures of a re-enactment: accuracy against data, sub-datasets alone, stages, and what single settings change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mmfinereason.ablate import Arm, mean_difference
from mmfinereason.evaluate.statistics import Estimate
from mmfinereason.lab.paper.recipe import ALONE, BASELINE, BREADTH, STEPS
from mmfinereason.recipe.ablate import UNTRAINED
from mmfinereason.report.figures.drawing import BLUE, GREEN, GREY, INK, MUTED, ORANGE, Layout, Spec, canvas
from mmfinereason.report.figures.marks import line
from mmfinereason.report.figures.rows import height, name_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SUBSETS = {"full": "all rows", "not-one": "pass rate below 1", "zero": "pass rate 0", "random": "random, as many as 0"}
SETTINGS = {"captions": "caption before the trace", "fine": "128 pixels a side", "coarse": "64 pixels a side"}
_TRAININGS = (("epochs", "equal epochs", BLUE, "o"), (STEPS, "equal steps", ORANGE, "D"))


@dataclass(frozen=True)
class Scores:
    """What the figures show: arms by name, and the accuracy of the models that are no students."""

    arms: Mapping[str, Arm]
    """As `data/training`; the model before training under its own name."""
    others: Mapping[str, Estimate]
    """Teacher and prober."""
    best: tuple[str, str] | None

    def score(self, name: str) -> Estimate | None:
        """Accuracy of an arm; None where it is missing or failed."""
        arm = self.arms.get(name)
        return arm.score if arm else None

    def levels(self) -> list[tuple[str, Estimate]]:
        """Models that are drawn as lines behind the students."""
        before = self.score(UNTRAINED)
        return [*([("before training", before)] if before else []), *self.others.items()]


def _less_is_more(scores: Scores, layout: Layout) -> Figure:
    figure = canvas(layout, 380 if layout.narrow else 440)
    axes = figure.add_subplot()
    for training, _, colour, mark in _TRAININGS:
        points = [
            (arm.rows, arm.score, data)
            for data in SUBSETS
            if (arm := scores.arms.get(f"{data}/{training}")) and arm.score
        ]
        there = (one for one in points if one[2] != "random")
        chain = sorted((rows * _shift(data, training), score.value) for rows, score, data in there)
        axes.plot([rows for rows, _ in chain], [value for _, value in chain], color=colour, linewidth=1, alpha=0.6)
        for rows, score, data in points:
            hollow: dict[str, Any] = {"markerfacecolor": "none"} if data == "random" else {}
            _bar(axes, rows * _shift(data, training), score, colour, mark, **hollow)
    _label_subsets(axes, scores, layout)
    _levels(axes, scores, layout)
    axes.set_xscale("log")
    axes.margins(x=0.18)
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.xaxis.set_minor_formatter(lambda value, _: f"{value:,.0f}" if str(value)[0] in "25" else "")
    axes.tick_params(axis="both", labelsize=layout.small)
    axes.set_xlabel("rows trained on (log scale)")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.grid(axis="y")
    handles = [line(legend, color=colour, marker=mark, linestyle="none") for _, legend, colour, mark in _TRAININGS]
    handles.append(line("random draw", color=MUTED, marker="o", markerfacecolor="none", linestyle="none"))
    figure.legend(handles=handles, loc="outside upper left", ncols=2 if layout.narrow else 3)
    return figure


def _shift(data: str, training: str) -> float:
    """Side by side where several have the same rows."""
    return (1.03 if training == STEPS else 1.0) * (0.94 if data == "random" else 1.0)


def _label_subsets(axes: Axes, scores: Scores, layout: Layout) -> None:
    """The name of each subset once, above its highest point; large subsets, which may be close, to both sides."""
    for data, side in (("full", "left"), ("not-one", "right"), ("zero", "left")):
        there = [arm for training, *_ in _TRAININGS if (arm := scores.arms.get(f"{data}/{training}")) and arm.score]
        if there:
            top = max(arm.score.high for arm in there if arm.score)
            axes.annotate(
                SUBSETS[data], (there[0].rows, top), xytext=(0, 6), textcoords="offset points",
                ha=side, fontsize=layout.small, color=INK,
            )  # fmt: skip


def _levels(axes: Axes, scores: Scores, layout: Layout) -> None:
    for name, score in scores.levels():
        axes.axhline(score.value, color=GREY, linewidth=1, linestyle=":")
        axes.annotate(
            f"{name} {score.value:.0%}", (1, score.value), xycoords=("axes fraction", "data"), xytext=(-2, 3),
            textcoords="offset points", ha="right", fontsize=layout.small, color=MUTED,
        )  # fmt: skip


def _bar(axes: Axes, x: float, score: Estimate, colour: str, mark: str, **look: Any) -> None:
    """A point with its interval."""
    error = [[score.value - score.low], [score.high - score.value]]
    axes.errorbar(x, score.value, yerr=error, color=colour, marker=mark, markersize=7, capsize=3, linewidth=1.2, **look)


def _landscape(scores: Scores, layout: Layout) -> Figure:
    names = [*(name for name in ALONE if scores.score(f"{name}/{BREADTH}")), BASELINE]
    ranked = sorted(names, key=lambda name: -(_value(scores, f"{name}/{BREADTH}") or 0))
    figure = canvas(layout, height(layout, len(ranked), 85))
    axes = figure.add_subplot()
    for row, name in enumerate(ranked):
        _across(axes, row, scores.score(f"{name}/{BREADTH}"), BLUE if name != BASELINE else GREEN)
    shown = [f"{ALONE.get(name, 'all together')}, {scores.arms[f'{name}/{BREADTH}'].rows:,.0f} rows" for name in ranked]
    name_rows(axes, shown, layout)
    if before := scores.score(UNTRAINED):
        axes.axvline(before.value, color=GREY, linestyle=":", linewidth=1)
    _percent_below(axes, "accuracy on the whole test world; dotted: before training")
    return figure


def _stages(scores: Scores, layout: Layout) -> Figure:
    trained = "/".join(scores.best) if scores.best else ""
    rows: list[tuple[str, Estimate | None, str]] = [
        ("before training", scores.score(UNTRAINED), GREY),
        (f"SFT ({trained})", scores.score(trained), BLUE),
        ("SFT, then GSPO", scores.score(f"{scores.best[0]}/rl" if scores.best else ""), GREEN),
        *((name, score, MUTED) for name, score in scores.others.items()),
    ]
    rows = [row for row in rows if row[1]]
    figure = canvas(layout, height(layout, len(rows), 85))
    axes = figure.add_subplot()
    for place, (name, score, colour) in enumerate(rows):
        _across(axes, place, score, colour)
        if score and name.startswith("SFT"):
            arm = scores.arms[trained if colour == BLUE else f"{scores.best[0]}/rl" if scores.best else ""]
            seeds = [cell.scores[one].accuracy.value for cell in arm.cells for one in cell.scores]
            axes.plot(seeds, [place + 0.22] * len(seeds), "|", color=colour, markersize=9, alpha=0.8)
    name_rows(axes, [name for name, _, _ in rows], layout)
    _percent_below(axes, "accuracy on the test world; ticks: single seeds")
    return figure


def _settings(scores: Scores, layout: Layout) -> Figure:
    base = scores.arms.get(f"{BASELINE}/{STEPS}")
    rows = [
        (said, mean_difference(arm, base))
        for name, said in SETTINGS.items()
        if base and base.score and (arm := scores.arms.get(f"{name}/{STEPS}")) and arm.score
    ]
    figure = canvas(layout, height(layout, len(rows), 85))
    axes = figure.add_subplot()
    for place, (_, value) in enumerate(rows):
        _across(axes, place, value, BLUE)
    name_rows(axes, [name for name, _ in rows], layout)
    axes.axvline(0, color=GREY, linewidth=1)
    axes.grid(axis="x")
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:+.0f}")
    axes.set_xlabel("points of accuracy against all rows at 96 pixels without captions")
    return figure


def _across(axes: Axes, row: int, score: Estimate | None, colour: str) -> None:
    if score is not None:
        error = [[score.value - score.low], [score.high - score.value]]
        axes.errorbar(score.value, row, xerr=error, color=colour, marker="o", markersize=8, capsize=3, linewidth=1.4)


def _percent_below(axes: Axes, label: str) -> None:
    from matplotlib.ticker import MultipleLocator

    axes.grid(axis="x")
    axes.xaxis.set_major_locator(MultipleLocator(0.05))
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
    axes.set_xlabel(label)


def _value(scores: Scores, name: str) -> float | None:
    score = scores.score(name)
    return score.value if score else None


def _has(*names: str) -> Any:
    return lambda scores: any(scores.score(name) for name in names)


FIGURES: Sequence[Spec[Scores]] = (
    Spec("less-is-more", "Less is more? (after the paper's Figure 7)",
         lambda _: "Accuracy against rows, with 95 % intervals over seeds and questions.",
         _has(f"full/{STEPS}", "full/epochs"), _less_is_more),
    Spec("landscape", "Sub-datasets alone (after Figure 9).",
         lambda _: "Equal steps on each, and on all together.",
         _has(*(f"{name}/{BREADTH}" for name in ALONE)), _landscape),
    Spec("stages", "SFT against RL (after Table 4).",
         lambda _: "GSPO goes on from the best SFT.", lambda scores: scores.best is not None, _stages),
    Spec("settings", "Captions and resolution (after Figure 8).",
         lambda _: "Differences with equal steps, paired by seed and question.",
         _has(*(f"{name}/{STEPS}" for name in SETTINGS)), _settings),
)  # fmt: skip
