"""Models on benchmarks: what a recipe asks to be evaluated, all of it or a part."""

from __future__ import annotations

from collections.abc import Sequence

from mmfinereason.api.jobs import Given, recipe_of
from mmfinereason.benchmark_files import open_benchmark
from mmfinereason.context import Context
from mmfinereason.errors import MmfrError
from mmfinereason.evaluate import Benchmark, Overlaps, Result, models
from mmfinereason.evaluate import evaluate as evaluate_one
from mmfinereason.evaluate.registry import Known, known
from mmfinereason.execute import Progress, Silent
from mmfinereason.overlap import overlaps
from mmfinereason.recipe import Recipe
from mmfinereason.recipe.evaluate import BenchmarkSettings
from mmfinereason.store import Run


def evaluate_models(
    recipe: Given,
    *,
    only: Sequence[str] = (),
    on: Sequence[str] = (),
    train_run: str | None = None,
    redo: bool = False,
    progress: Progress | None = None,
) -> list[Result]:
    """Evaluate the recipe's models on its benchmarks; what is done is skipped.

    `only` names some of the models, `on` benchmarks instead of the recipe's; `train_run` is a run whose rows are looked
    for in the benchmarks; `redo` replaces results of other settings. Raises MmfrError; all files are looked for before
    the first request is sent.
    """
    settings = recipe_of(recipe)
    context = Context(Run(settings.run_url), settings, progress or Silent())
    benchmarks = [open_benchmark(one) for one in _wanted(settings, on)]
    names = list(only) or list(models(context))
    if strange := sorted(set(names) - set(models(context))):
        raise MmfrError(f"no model {', '.join(strange)}", f"the recipe has {', '.join(models(context))}")
    results = []
    for benchmark in benchmarks:
        seen = _seen(settings, benchmark, train_run)
        results += [evaluate_one(context, name, benchmark, overlaps=seen, redo=redo) for name in names]
    return results


def _wanted(recipe: Recipe, on: Sequence[str]) -> list[BenchmarkSettings]:
    own = {one.called: one for one in recipe.evaluate.benchmarks}
    wanted = [own.get(name) or BenchmarkSettings(use=name) for name in on] if on else list(own.values())
    if not wanted:
        raise MmfrError("there is no benchmark", "name some under evaluate.benchmarks, or with --benchmark MMStar")
    return wanted


def _seen(recipe: Recipe, benchmark: Benchmark, train_run: str | None) -> Overlaps | None:
    if train_run is None:
        return None
    return overlaps(benchmark, Run.open(train_run), recipe.collect.contamination)


def benchmarks() -> dict[str, Known]:
    """The benchmarks that are known by name."""
    return known()
