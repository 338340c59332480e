"""Training on a run's exports: files for LLaMA-Factory and veRL, or TRL on this machine."""

from __future__ import annotations

from typing import Literal

from mmfinereason.api.jobs import Given, recipe_of
from mmfinereason.context import Context
from mmfinereason.execute import Progress, Silent
from mmfinereason.store import Run
from mmfinereason.train import launch
from mmfinereason.train.launch import Prepared
from mmfinereason.train.local import TrainResult, grpo, sft

Kind = Literal["sft", "rl"]


def prepare_training(recipe: Given, kind: Kind) -> Prepared:
    """Write and check everything LLaMA-Factory (`sft`) or veRL (`rl`) needs. Raises TrainError before it writes."""
    return launch.prepare_sft(recipe_of(recipe)) if kind == "sft" else launch.prepare_rl(recipe_of(recipe))


def start_training(prepared: Prepared, python: str | None = None) -> None:
    """Run the framework to its end, by the Python that has it; its output goes where ours goes. Raises TrainError."""
    launch.start(prepared, python)


def train_here(recipe: Given, kind: Kind, *, progress: Progress | None = None) -> TrainResult:
    """Train with TRL on this machine (`train` extra). Raises TrainError naming rows that are too long."""
    settings = recipe_of(recipe)
    context = Context(Run.open(settings.run_url), settings, progress or Silent())
    return sft(context) if kind == "sft" else grpo(context)
