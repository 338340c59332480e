"""From a recipe to a run: the whole job, one stage of it, its exports."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mmfinereason import pipeline
from mmfinereason.context import Context
from mmfinereason.distill.redo import reasons
from mmfinereason.distill.redo import redo as ask_again
from mmfinereason.execute import Progress, Silent
from mmfinereason.export import Export
from mmfinereason.export import export as export_all
from mmfinereason.lab.roles import served
from mmfinereason.pipeline import Result
from mmfinereason.recipe import Recipe
from mmfinereason.schema import Stage
from mmfinereason.store import Manifest, Run

Given = Recipe | str | Path
"""A recipe, or the file it stands in."""


def run(
    recipe: Given, *, redo: str | None = None, shards: range | None = None, progress: Progress | None = None
) -> Result:
    """Bring a run up to date: every stage, then exports and report. What is done is skipped.

    `redo` names a stage (`verify`) that is forgotten first, with what was made from it. With `shards` only these are
    worked on, for several machines on one run folder. Raises MmfrError.
    """
    context = pipeline.prepare(recipe_of(recipe), progress=progress, only=shards)
    if redo is not None:
        pipeline.redo(context, pipeline.stage_named(redo))
    return pipeline.run_all(context)


def run_stage(
    recipe: Given, stage: str, *, shards: range | None = None, progress: Progress | None = None
) -> Manifest | None:
    """Bring one stage up to date (`collect`, `caption`, `distill`, `verify`, `probe`, `select`) and return its books.

    None while shards that others work on are still owed. Raises MmfrError.
    """
    wanted = pipeline.stage_named(stage)
    context = pipeline.prepare(recipe_of(recipe), progress=progress, only=shards)
    return pipeline.run(context, [wanted])[wanted]


def redo_traces(
    recipe: Given, failed: str, *, shards: range | None = None, progress: Progress | None = None
) -> Manifest | None:
    """Ask the teacher again, with the recipe as it is now, for traces that failed so (`truncated,timeout`)."""
    settings = recipe_of(recipe)
    context = Context(Run.open(settings.run_url), settings, progress or Silent(), shards)
    with served(context, ["teacher"], Stage.COLLECT.value) as ready:
        return ask_again(ready, reasons(failed))


def write_exports(recipe: Given) -> Mapping[str, Export]:
    """Write the exports of a run whose selection is finished, by format. Raises ExportError naming bad rows."""
    settings = recipe_of(recipe)
    return {str(name): one for name, one in export_all(Context(Run.open(settings.run_url), settings)).items()}


def recipe_of(given: Given) -> Recipe:
    """The checked recipe. Raises RecipeError with every problem."""
    return given if isinstance(given, Recipe) else pipeline.check(given)
