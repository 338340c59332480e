"""A cell trained by LLaMA-Factory or veRL: the files that `mmfr train` writes, in the cell's folder, started there."""

from __future__ import annotations

import json
import time
from pathlib import Path

from mmfinereason.context import Context
from mmfinereason.errors import TrainError
from mmfinereason.recipe import Recipe
from mmfinereason.train import launch
from mmfinereason.train.launch import Prepared
from mmfinereason.train.local import TrainResult, metrics

SAVED = {"actor_rollout_ref.actor.checkpoint.save_contents": ["model", "optimizer", "extra", "hf_model"]}
"""veRL's checkpoints with a model that can be served beside them."""


def fine_tune(context: Context) -> TrainResult:
    """SFT with LLaMA-Factory. Raises TrainError where it is missing, or stops with an error."""
    if context.recipe.train.sft.lora is not None:
        raise TrainError("LLaMA-Factory leaves adapters, which are not served here", "use --backend trl, or no lora")
    prepared = launch.prepare_sft(context.recipe)
    seconds = _run(prepared, context.recipe)
    output = prepared.folder / "output"
    history = json.loads((output / "trainer_state.json").read_text())
    lines = [one for one in history["log_history"] if "loss" in one]
    figures = metrics.summary(lines, ("loss",))
    return TrainResult(str(output), history["global_step"], prepared.data.rows, [], seconds, figures)


def reinforce(context: Context) -> TrainResult:
    """GSPO with veRL. Raises TrainError where it is missing, or stops with an error."""
    recipe = _saving(context.recipe)
    prepared = launch.prepare_rl(recipe)
    seconds = _run(prepared, recipe)
    steps = int((prepared.folder / "output" / "latest_checkpointed_iteration.txt").read_text())
    model = prepared.folder / "output" / f"global_step_{steps}" / "actor" / "huggingface"
    return TrainResult(str(model), steps * recipe.train.rl.updates, prepared.data.rows, [], seconds)


def _saving(recipe: Recipe) -> Recipe:
    rl = recipe.train.rl
    changed = rl.model_copy(update={"verl": SAVED | rl.verl})
    return recipe.model_copy(update={"train": recipe.train.model_copy(update={"rl": changed})})


def _run(prepared: Prepared, recipe: Recipe) -> float:
    """Seconds of a training; one that is finished is not done again."""
    done = Path(prepared.folder) / "seconds"
    if not done.exists():
        began = time.monotonic()
        launch.start(prepared, recipe.train.python)
        done.write_text(f"{time.monotonic() - began:.3f}")
    return float(done.read_text())
