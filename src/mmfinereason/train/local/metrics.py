"""`metrics.jsonl`: one line an optimizer step, the same after a resume as without one.

Steps after the checkpoint a training goes on from are forgotten, since they are done again.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

NAMES = {
    "loss": "loss",
    "learning_rate": "learning_rate",
    "grad_norm": "grad_norm",
    "epoch": "epoch",
    "entropy": "entropy",
    "mean_token_accuracy": "token_accuracy",
    "num_tokens": "tokens",
    "reward": "reward",
    "reward_std": "reward_std",
    "pass_rate": "pass_rate",
    "formed": "formed",
    "answered": "answered",
    "undecided": "undecided",
    "frac_reward_zero_std": "groups_without_spread",
    "completions/mean_length": "completion_tokens",
    "completions/clipped_ratio": "truncated",
    "clip_ratio/low_mean": "clipped_low",
    "clip_ratio/high_mean": "clipped_high",
    "clip_ratio/region_mean": "clipped",
}
"""TRL's names of what is kept, and ours."""


def line(step: int, seconds: float, logs: Mapping[str, Any]) -> dict[str, float]:
    """One step's figures under our names; what a step did not measure is left out. `seconds` is the step's time."""
    known = {ours: float(logs[theirs]) for theirs, ours in NAMES.items() if logs.get(theirs) is not None}
    return {"step": step, "seconds": round(seconds, 4), **known}


def append(path: Path, values: Mapping[str, float]) -> None:
    """Add a line."""
    with path.open("ab") as file:
        file.write(orjson.dumps(dict(values), option=orjson.OPT_APPEND_NEWLINE))


def read(path: Path) -> list[dict[str, float]]:
    """All whole lines, oldest first; nothing where there is no file."""
    if not path.exists():
        return []
    lines = path.read_bytes().split(b"\n")[:-1]
    return [orjson.loads(one) for one in lines]


def keep_until(path: Path, step: int) -> None:
    """Forget every step after `step`, and a torn last line."""
    kept = [one for one in read(path) if one["step"] <= step]
    path.write_bytes(b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in kept))


def summary(lines: list[dict[str, float]], names: tuple[str, ...]) -> dict[str, float]:
    """`NAME_first` and `NAME_last`: means over the first and the last tenth of the steps that have it."""
    figures: dict[str, float] = {}
    for name in names:
        values = [one[name] for one in lines if name in one]
        tenth = max(1, len(values) // 10)
        if values:
            figures[f"{name}_first"] = sum(values[:tenth]) / tenth
            figures[f"{name}_last"] = sum(values[-tenth:]) / tenth
    return figures
