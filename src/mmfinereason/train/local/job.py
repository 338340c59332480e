"""One training in its folder: what it was started with, where it goes on, and what it leaves.

`train/trl-sft` and `train/trl-rl` of a run hold `training.json` (all that decides the result), `metrics.jsonl`,
`checkpoints/`, the curves, and when all is done `model/` and `result.json`, which is written last. Starting again goes
on from the last whole checkpoint; other settings are refused, since a training that changes them midway shows nothing.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from mmfinereason.context import Context
from mmfinereason.errors import SettingsChanged, TrainError
from mmfinereason.recipe.base import deciding
from mmfinereason.store.manifest import changed_keys
from mmfinereason.train.data import TrainData
from mmfinereason.train.local import checkpoint, metrics
from mmfinereason.train.local.rows import TooLong, gather, open_rows, refusal

Kind = Literal["sft", "rl"]


@dataclass(frozen=True)
class TrainResult:
    """What a training left behind."""

    model: str
    """Folder of the trained checkpoint."""
    steps: int
    """Optimizer steps."""
    rows: int
    """Rows trained on."""
    left_out: list[str]
    """Ids of rows that were too long."""
    seconds: float
    """Sum of all steps' times, those before a resume included."""
    figures: dict[str, float] = field(default_factory=dict)
    """Where it started and where it ended: `loss_first`, `loss_last`, `tokens_per_second`, rewards."""


@dataclass(frozen=True)
class Job:
    """A training that may start or go on."""

    context: Context
    kind: Kind
    folder: Path
    base: Path
    """The checkpoint it starts from."""
    device: str
    data: TrainData

    @property
    def checkpoints(self) -> Path:
        return self.folder / "checkpoints"

    @property
    def metrics(self) -> Path:
        return self.folder / "metrics.jsonl"

    def plan(self) -> dict[str, Any]:
        """All that decides the result."""
        recipe, train = self.context.recipe, self.context.recipe.train
        files = {path: self.context.run.folder.size(path) for path in self.data.files}
        reward = {"tolerance": deciding(recipe.verify.tolerance)} if self.kind == "rl" else {}
        return {
            self.kind: deciding(train.sft if self.kind == "sft" else train.rl) | reward,
            "local": deciding(train.local),
            "tokens": deciding(recipe.export.tokens),
            "seed": recipe.seed,
            "base": str(self.base),
            "files": files,
        }

    def begin(self) -> TrainResult | None:
        """Keep the plan; the result where all is done already.

        Raises SettingsChanged for another plan than that of the steps already made.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path, plan = self.folder / "training.json", self.plan()
        if self.metrics.exists() and (changed := changed_keys(json.loads(path.read_text()), plan)):
            raise SettingsChanged(f"train {self.kind}", changed, f"remove {self.folder} to train anew")
        path.write_text(json.dumps(plan, indent=2, sort_keys=True))
        done = self.folder / "result.json"
        return TrainResult(**json.loads(done.read_text())) if done.exists() else None

    def rows(self, processor: Any, limit: int) -> tuple[Any, list[TooLong]]:
        """The dataset, and the rows that are too long for it. Raises TrainError when these are refused or all."""
        target = self.folder / "rows.arrow"
        too_long = gather(self.context, self.data.files, processor, limit, target)
        if too_long and self.context.recipe.train.local.too_long == "refuse":
            raise refusal(too_long)
        if len(too_long) == self.data.rows:
            raise TrainError("every row is too long", "raise export.tokens")
        if too_long:
            self._name(too_long)
        return open_rows(target), too_long

    def _name(self, too_long: list[TooLong]) -> None:
        path = self.folder / "left_out.csv"
        with path.open("w", newline="") as file:
            csv.writer(file).writerows([("id", "tokens", "limit"), *((r.id, r.tokens, r.limit) for r in too_long)])
        self.context.progress.say(f"{len(too_long)} rows are too long and left out, see {path}")

    def last_checkpoint(self) -> str | None:
        """The newest whole checkpoint; torn ones, which lack the file written last, are deleted."""
        numbered = sorted(self.checkpoints.glob("checkpoint-*"), key=lambda path: -int(path.name.rpartition("-")[2]))
        for path in numbered:
            if (path / "trainer_state.json").is_file():
                return str(path)
            shutil.rmtree(path)
        return None

    def finish(self, model: Any, rows: int, too_long: list[TooLong], figures: Mapping[str, float]) -> TrainResult:
        """Save the model and the result."""
        target = self.folder / "model"
        checkpoint.save(model, self.base, target)
        lines = metrics.read(self.metrics)
        result = TrainResult(
            model=str(target),
            steps=int(lines[-1]["step"]),
            rows=rows,
            left_out=[row.id for row in too_long],
            seconds=round(sum(one["seconds"] for one in lines), 3),
            figures=dict(figures),
        )
        (self.folder / "rows.arrow").unlink(missing_ok=True)
        (self.folder / "result.json").write_text(json.dumps(asdict(result), indent=2))
        return result


def open_job(context: Context, kind: Kind, model: str, data: TrainData, output: str | None) -> Job:
    """Raises TrainError where the extra is missing, the run is not on a disk, or the model cannot be used."""
    checkpoint.require("trl", "datasets", "accelerate", "peft")
    if output is None and not context.run.folder.local:
        raise TrainError(f"{context.run.url} is not on a local disk", "name a folder on this machine for the training")
    folder = Path(output or context.run.folder.path(f"train/trl-{kind}"))
    local = context.recipe.train.local
    device = checkpoint.device_of(local.device)
    if local.threads is not None:
        import torch

        torch.set_num_threads(local.threads)
    return Job(context, kind, folder, checkpoint.locate(model), device, data)
