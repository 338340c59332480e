"""All cells of a grid: which are done, which can start, and what is made of them in the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from mmfinereason.ablate import cells, results, serving, variants
from mmfinereason.ablate.cells import Cell
from mmfinereason.ablate.grid import Key, chosen, grid, started_from, untrained, with_starts
from mmfinereason.ablate.plans import Plan, plan_of, training_of
from mmfinereason.ablate.told import Teller
from mmfinereason.ablate.work import Means, Order
from mmfinereason.ablate.workers import Crew, crew
from mmfinereason.benchmark_files import open_benchmark
from mmfinereason.context import Context
from mmfinereason.errors import MmfrError, RecipeError, SettingsChanged
from mmfinereason.lab.tiny.shipped import folder_of
from mmfinereason.recipe import Recipe, dump
from mmfinereason.recipe.ablate import UNTRAINED
from mmfinereason.schema import Stage
from mmfinereason.store.manifest import changed_keys

PLAN = "plan.json"
HERE = Means()


def ablate(context: Context, *, only: Sequence[str] = (), redo: bool = False, means: Means = HERE) -> list[Cell]:
    """Train and evaluate every cell of the grid that is not done; returns all of them, failed ones too.

    Tables and figures go to `RUN/ablate`. A cell that failed is tried again at the next start. `only` leaves some
    cells: `data=hard`, `training=steps`, `seed=0`. Raises MmfrError where nothing can start: an unknown subset or
    source, a missing benchmark, and SettingsChanged for cells that were made with other settings; `redo` makes these
    anew.
    """
    context = variants.sized(context)
    check(context)
    keys = keys_of(context.recipe, only)
    plans = _plans(context, keys)
    _refuse_changed(context, plans, redo)
    known = {key: cell for key in keys if (cell := cells.read(context.run, key)) and cell.done}
    workers = context.recipe.ablate.workers
    with Teller(context.progress, len(keys) - len(known)) as teller, crew(workers, means, teller.of) as hands:
        _work_off(context, plans, known, hands, teller)
    results.write(context.run, context.recipe, tried(context))
    return [known[key] for key in keys]


def tried(context: Context) -> list[Cell]:
    """Every cell of the recipe's grid that was tried, well or not, in the order of the grid."""
    return [cell for key in keys_of(context.recipe) if (cell := cells.read(context.run, key))]


def keys_of(recipe: Recipe, only: Sequence[str] = ()) -> list[Key]:
    """The cells of a recipe's grid, the model before training first; `only` leaves some, with what they start from."""
    settings, base = recipe.ablate, folder_of(recipe.train.sft.model)
    before = [untrained(recipe.seed)] if settings.untrained and settings.backend == "trl" and base.is_dir() else []
    keys = before + grid(settings)
    return with_starts(settings, chosen(keys, only)) if only else keys


def check(context: Context) -> None:
    """Raises MmfrError for what would make every cell fail."""
    recipe = context.recipe
    if not recipe.ablate.data:
        raise RecipeError(["there is nothing to ablate"], "name data variants under ablate.data")
    if not recipe.evaluate.benchmarks:
        raise RecipeError(["there is no benchmark to evaluate on"], "name some under evaluate.benchmarks")
    if context.table(Stage.SELECT).manifest() is None:
        raise MmfrError("the run is not finished", "mmfr run RECIPE")
    serving.check(recipe.ablate.serve)
    variants.check(context)
    for name in recipe.ablate.training:
        training_of(recipe, name)
    for benchmark in recipe.evaluate.benchmarks:
        open_benchmark(benchmark)


def _plans(context: Context, keys: Sequence[Key]) -> dict[Key, Plan]:
    names = dict.fromkeys(key.data for key in keys if key.data != UNTRAINED)
    made = {name: variants.prepare(context, name) for name in names}
    return {key: plan_of(context, key, made.get(key.data)) for key in keys}


def _refuse_changed(context: Context, plans: Mapping[Key, Plan], redo: bool) -> None:
    """Forget, or refuse, what cells hold that was made with other settings."""
    changed: dict[str, list[str]] = {}
    for key, plan in plans.items():
        path = f"{key.folder}/{PLAN}"
        if not context.run.folder.exists(path):
            continue
        known = orjson.loads(context.run.folder.read(path))
        differing = changed_keys(known, plan.decides)
        if differing and redo:
            _forget(context, key, whole=known["training"] != plan.decides["training"])
        elif differing:
            changed[str(key)] = differing
    if changed:
        names = ", ".join(changed) if len(changed) < 4 else f"{len(changed)} cells"
        keys = list(dict.fromkeys(one for several in changed.values() for one in several))
        raise SettingsChanged(f"ablate: {names}", keys, "mmfr ablate RECIPE --redo makes these cells anew, no others")


def _forget(context: Context, key: Key, *, whole: bool) -> None:
    """Remove a cell, or what its evaluation left."""
    folder = Path(context.run.folder.path(key.folder))
    (folder / cells.FILE).unlink(missing_ok=True)
    shutil.rmtree(folder if whole else folder / "evaluations", ignore_errors=True)


def _work_off(context: Context, plans: Mapping[Key, Plan], known: dict[Key, Cell], hands: Crew, teller: Teller) -> None:
    """Give out cells as they can start, until every one is in `known`."""
    settings = context.recipe.ablate
    waiting = [key for key in plans if key not in known]
    underway = 0
    while waiting or underway:
        ready = next((key for key in waiting if (from_ := started_from(settings, key)) is None or from_ in known), None)
        if ready is not None and hands.free():
            waiting.remove(ready)
            before = started_from(settings, ready)
            hands.give(_begun(context, plans[ready], known[before] if before else None))
            underway += 1
            continue
        cell = hands.finished()
        underway -= 1
        known[cell.key] = cell
        teller.ended(cell)
        if settings.keep == "none":
            _drop_models(context, plans, known)


def _begun(context: Context, plan: Plan, before: Cell | None) -> Order:
    """A cell's folder, made ready, and what a worker has to know."""
    folder = context.run.folder
    order = plan.order if before is None else plan.order.starting_from(before)
    if plan.variant is not None:
        link = Path(folder.path(f"{plan.key.folder}/exports"))
        link.parent.mkdir(parents=True, exist_ok=True)
        link.unlink(missing_ok=True)
        exports = folder.path(f"{variants.FOLDER}/{plan.variant.name}/exports")
        link.symlink_to(os.path.relpath(exports, link.parent))
    folder.write(f"{plan.key.folder}/{PLAN}", orjson.dumps(plan.decides, option=orjson.OPT_INDENT_2))
    folder.write(f"{plan.key.folder}/recipe.yaml", dump(order.recipe).encode())
    return order


def _drop_models(context: Context, plans: Mapping[Key, Plan], known: Mapping[Key, Cell]) -> None:
    """Remove the models of finished cells that no cell still has to start from."""
    needed = {started_from(context.recipe.ablate, key) for key in plans if key not in known}
    for key, cell in known.items():
        if cell.done and key not in needed and cell.model and not Path(cell.model).is_absolute():
            shutil.rmtree(Path(cell.folder) / cell.model, ignore_errors=True)
