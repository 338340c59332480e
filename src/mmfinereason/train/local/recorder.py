"""Writes the metrics of a running training and tells the progress how it goes.

Import this module only where transformers is there: its class derives from transformers' own.
"""

from __future__ import annotations

import math
import time
from typing import Any

from transformers import TrainerCallback

from mmfinereason.errors import TrainError
from mmfinereason.store import ShardStats
from mmfinereason.train.local import metrics
from mmfinereason.train.local.job import Job

SHOWN = {"loss": "{:.4f}", "reward": "{:.3f}", "pass_rate": "{:.0%}", "clipped": "{:.0%}", "token_accuracy": "{:.1%}"}
"""What the live screen shows."""


class Recorder(TrainerCallback):  # type: ignore[misc]
    """One line of metrics and one tick of the progress an optimizer step; `batch` rows go into each."""

    def __init__(self, job: Job, batch: int) -> None:
        self._job = job
        self._batch = batch
        self._latest: dict[str, float] = {}
        self._started = self._ended = 0.0
        self._tokens = self._counter = self._before = 0.0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Forget what will be done again."""
        metrics.keep_until(self._job.metrics, state.global_step)
        self._started = self._ended = time.monotonic()
        lines = metrics.read(self._job.metrics)
        self._before = next((one["tokens"] for one in reversed(lines) if "tokens" in one), 0.0)
        self._counter = state.num_input_tokens_seen
        done = ShardStats(state.global_step * self._batch, {}, sum(one["seconds"] for one in lines))
        self._job.context.progress.begin(
            f"train {self._job.kind}", shards=state.max_steps - state.global_step, rows=None, done=done
        )

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any], **_: Any) -> None:
        """A step's figures. Raises TrainError when the loss is no number any more."""
        if "loss" not in logs:
            return
        if not math.isfinite(logs["loss"]):
            raise TrainError(f"the loss is {logs['loss']} at step {state.global_step}", "lower the learning rate")
        now = time.monotonic()
        line = metrics.line(state.global_step, now - self._ended, self._counted(logs))
        self._ended = now
        metrics.append(self._job.metrics, line)
        self._latest |= line
        self._job.context.progress.shard(ShardStats(self._batch, {}, line["seconds"]))
        self._job.context.progress.live(self._figures())

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Close the progress."""
        self._job.context.progress.end(f"train {self._job.kind}")

    def _counted(self, logs: dict[str, Any]) -> dict[str, Any]:
        """The logs with all tokens so far: after a resume TRL's own counter begins at zero for SFT, not for GRPO."""
        if "num_tokens" not in logs:
            return logs
        self._tokens += logs["num_tokens"] - self._counter
        self._counter = logs["num_tokens"]
        return logs | {"num_tokens": self._before + self._tokens}

    @property
    def tokens_per_second(self) -> float:
        """Tokens since this start, prompts and images included, over the time since."""
        return self._tokens / max(1e-9, self._ended - self._started)

    def _figures(self) -> dict[str, str]:
        figures = {name: form.format(self._latest[name]) for name, form in SHOWN.items() if name in self._latest}
        return figures | {"tokens/s": f"{self.tokens_per_second:,.0f}"}
