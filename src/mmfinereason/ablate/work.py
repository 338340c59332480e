"""One cell from its rows to its scores: train, serve, evaluate. It runs in a worker process, or in ours.

A cell's folder is a run folder: `exports` is a link to its data variant's, so every command works on it as on any run.
"""

from __future__ import annotations

import gc
import shutil
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from mmfinereason.ablate import cells, frameworks, serving
from mmfinereason.ablate.cells import Cell
from mmfinereason.ablate.grid import Key
from mmfinereason.ablate.held import benchmarks
from mmfinereason.context import Context
from mmfinereason.errors import EndpointError, MmfrError, TrainError
from mmfinereason.evaluate import Result
from mmfinereason.evaluate import evaluate as evaluate_model
from mmfinereason.evaluate.run import STUDENT
from mmfinereason.execute import Progress
from mmfinereason.lab.tiny.shipped import folder_of
from mmfinereason.recipe import Recipe
from mmfinereason.recipe.models import RoleSettings
from mmfinereason.recipe.train_local import LocalSettings
from mmfinereason.store import Run
from mmfinereason.train.local import TrainResult, grpo, sft

Training = Callable[[Context, "Order"], TrainResult]
Serving = Callable[[str, str | None, Path, LocalSettings], AbstractContextManager[tuple[str, str]]]


@dataclass(frozen=True)
class Order:
    """What a worker is given."""

    key: Key
    recipe: Recipe
    """The cell's: its run is the cell's folder, its seed the cell's."""
    trains: bool = True
    """False for the model before training."""
    reinforces: bool = False
    backend: str = "trl"
    serve: str | None = None
    rows: int | None = None
    """Rows of the data variant; none is a reason to fail."""
    hindered: str | None = None
    """Why it cannot be trained: the cell it starts from failed."""

    def starting_from(self, before: Cell) -> Order:
        """The same training from the model of another cell."""
        if not before.done or before.model is None:
            return replace(self, hindered=f"the cell it starts from, {before.key}, failed")
        model = str(Path(before.folder) / before.model)
        if not Path(model).is_dir():
            return replace(self, hindered=f"the model it starts from, {model}, was not kept (`ablate.keep`)")
        rl = self.recipe.train.rl.model_copy(update={"model": model})
        train = self.recipe.train.model_copy(update={"rl": rl})
        return replace(self, recipe=self.recipe.model_copy(update={"train": train}))


def train(context: Context, order: Order) -> TrainResult:
    """Train a cell's model by the grid's backend."""
    if order.backend == "trl":
        return grpo(context) if order.reinforces else sft(context)
    return frameworks.reinforce(context) if order.reinforces else frameworks.fine_tune(context)


@dataclass(frozen=True)
class Means:
    """How models are trained and served; tests have others."""

    train: Training = train
    serve: Serving = serving.served


def work(order: Order, progress: Progress, means: Means) -> Cell:
    """Train and evaluate a cell, and keep what came out; a cell that fails is kept as failed, with its reason."""
    run = Run(order.recipe.run_url)
    started = Cell(order.key.data, order.key.training, order.key.seed, run.folder.root, "failed")
    try:
        done = _done(started, Context(run, order.recipe, progress), order, means)
    except MmfrError as error:
        done = replace(started, error=str(error))
    except Exception as error:  # noqa: BLE001 - a trainer may raise anything; the other cells go on
        run.folder.write("error.txt", traceback.format_exc().encode())
        done = replace(started, error=f"{type(error).__name__}: {error} (see error.txt in the cell's folder)")
    cells.write(done)
    _free_memory()
    return done


def _free_memory() -> None:
    """Let go of a trainer's and a server's model before the next cell: they are full of cycles."""
    gc.collect()
    if torch := sys.modules.get("torch"):
        torch.cuda.empty_cache()


def _done(started: Cell, context: Context, order: Order, means: Means) -> Cell:
    if order.hindered:
        raise TrainError(order.hindered)
    if order.rows == 0:
        raise TrainError("no row of the run fits the data variant")
    trained = means.train(context, order) if order.trains else _as_it_is(context)
    shutil.rmtree(Path(trained.model).parent / "checkpoints", ignore_errors=True)
    began = time.monotonic()
    results = _evaluated(context, trained, order, means)
    folder = Path(context.run.folder.root)
    model = Path(trained.model)
    return replace(
        started,
        state="done",
        rows=trained.rows,
        steps=trained.steps,
        train_seconds=trained.seconds,
        evaluate_seconds=round(time.monotonic() - began, 3),
        model=str(model.relative_to(folder) if model.is_relative_to(folder) else model),
        figures=trained.figures,
        scores={one.benchmark: cells.score_of(one) for one in results},
    )


def _as_it_is(context: Context) -> TrainResult:
    model = str(folder_of(context.recipe.train.sft.model).resolve())
    return TrainResult(model=model, steps=0, rows=0, left_out=[], seconds=0.0)


def _evaluated(context: Context, trained: TrainResult, order: Order, means: Means) -> list[Result]:
    folder, local = Path(context.run.folder.root), context.recipe.train.local
    with means.serve(trained.model, order.serve, folder, local) as (url, name):
        asking = replace(context, recipe=_asking(context.recipe, url, name))
        results = [evaluate_model(asking, STUDENT, one) for one in benchmarks(context.recipe.evaluate.benchmarks)]
    if owed := sum(one.owed for one in results):
        raise EndpointError(f"{owed} requests of the evaluation brought no reply")
    return results


def _asking(recipe: Recipe, url: str, name: str) -> Recipe:
    """The recipe with the served model as its student, whose other settings stay."""
    student = recipe.models.student or RoleSettings.model_construct(model=name)
    placed = student.model_copy(update={"model": name, "lab": None}).at(url)
    return recipe.model_copy(update={"models": recipe.models.model_copy(update={"student": placed})})
