"""What a training looked like, as pictures: `loss.png`, and `reward.png` for reinforcement learning."""

from __future__ import annotations

from pathlib import Path
from typing import Any

Lines = list[dict[str, float]]
Panel = tuple[str, list[tuple[str, str]]]
"""Label of the y axis, and the curves: name in the metrics, name in the legend."""
EXACT = frozenset({"learning_rate"})
"""Curves without noise: there is nothing to smooth."""

SFT: dict[str, list[Panel]] = {
    "loss.png": [("loss", [("loss", "loss")]), ("learning rate", [("learning_rate", "learning rate")])]
}
RL: dict[str, list[Panel]] = {
    "loss.png": [
        ("loss", [("loss", "loss")]),
        ("share of replies", [("clipped_low", "clipped below"), ("clipped_high", "clipped above")]),
    ],
    "reward.png": [
        ("mean of a generation", [("reward", "reward"), ("pass_rate", "pass rate"), ("formed", "good form")]),
        ("tokens", [("completion_tokens", "reply length")]),
    ],
}
_COLOURS = ("#0072b2", "#d55e00", "#009e73")


def draw(lines: Lines, kind: str, folder: Path) -> list[Path]:
    """Draw the curves of `kind` (`sft` or `rl`) into a folder; returns the files."""
    return [_picture(lines, panels, folder / name) for name, panels in (SFT if kind == "sft" else RL).items()]


def _picture(lines: Lines, panels: list[Panel], path: Path) -> Path:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 2.6 * len(panels)), layout="constrained")
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axis, (label, curves) in zip(axes, panels, strict=True):
        for colour, (name, legend) in zip(_COLOURS, curves, strict=False):
            noisy = name not in EXACT
            _curve(axis, [(one["step"], one[name]) for one in lines if name in one], legend, colour, noisy=noisy)
        axis.set_ylabel(label)
        if label != "loss":
            axis.set_ylim(bottom=0)
        axis.grid(alpha=0.25)
        axis.spines[["top", "right"]].set_visible(False)
        if len(curves) > 1:
            axis.legend(frameon=False, ncols=len(curves), loc="lower left", bbox_to_anchor=(0, 1))
    axes[-1].set_xlabel("optimizer step")
    figure.savefig(path, dpi=120)
    return path


def _curve(axis: Any, points: list[tuple[float, float]], legend: str, colour: str, *, noisy: bool) -> None:
    """The values, pale, and their running mean where there are enough of them."""
    steps, values = [step for step, _ in points], [value for _, value in points]
    if noisy and len(values) >= 40:
        smooth = running_mean(values, len(values) // 40)
        axis.plot(steps, values, color=colour, alpha=0.25, linewidth=0.8)
        axis.plot(steps, smooth, color=colour, linewidth=1.6, label=legend)
    else:
        marker = "o" if noisy else None
        axis.plot(steps, values, color=colour, linewidth=1.4, marker=marker, markersize=2.5, label=legend)


def running_mean(values: list[float], reach: int) -> list[float]:
    """Means over each value and its `reach` neighbours on both sides, fewer at the ends."""
    windows = (values[max(0, place - reach) : place + reach + 1] for place in range(len(values)))
    return [sum(window) / len(window) for window in windows]
