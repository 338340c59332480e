"""`mmfr distill` and `mmfr caption`: what the teacher and the captioner write."""

from __future__ import annotations

from typing import Annotated

import typer

from mmfinereason.cli.options import Overrides, RecipeFile, Shards, shard_range
from mmfinereason.schema import Stage

ROLES = ("teacher", "captioner", "cleaner", "judge", "prober", "student")

Redo = Annotated[
    str | None,
    typer.Option(help="Ask again only for traces that failed so: `truncated,timeout`. The others stay as they are."),
]


def distill(recipe: RecipeFile, set_: Overrides = None, shards: Shards = None, redo: Redo = None) -> None:
    """Stage 2: ask the teacher for reasoning traces, screen them, and ask again for those that fail.

    `mmfr distill recipe.yaml --redo truncated --set teacher.max_tokens=32768` asks again for the truncated ones alone.
    """
    if redo is None:
        _run(recipe, set_, shards, Stage.DISTILL)
    else:
        _redo(recipe, set_, shards, redo)


def caption(recipe: RecipeFile, set_: Overrides = None, shards: Shards = None) -> None:
    """Stage 2: ask the captioner for a dense caption of every distinct image."""
    _run(recipe, set_, shards, Stage.CAPTION)


def role_overrides(overrides: list[str] | None) -> list[str]:
    """Overrides in which a role may stand without `models.` before it."""
    return [f"models.{one}" if one.split(".", 1)[0] in ROLES else one for one in overrides or []]


def _run(recipe: RecipeFile, set_: Overrides, shards: Shards, stage: Stage) -> None:
    from mmfinereason import pipeline
    from mmfinereason.cli.progress import progress
    from mmfinereason.cli.status import print_status
    from mmfinereason.recipe import load

    with progress() as shown:
        loaded = load(recipe, role_overrides(set_))
        context = pipeline.prepare(loaded, progress=shown, only=shard_range(shards))
        pipeline.run(context, [stage])
    print_status(context.run, started_only=True)
    typer.echo(f"{stage.value}: {context.run.url}/{stage.value}")


def _redo(recipe: RecipeFile, set_: Overrides, shards: Shards, classes: str) -> None:
    """The recipe in the run folder stays: a redo is written down with the table."""
    from mmfinereason.cli.progress import progress
    from mmfinereason.cli.status import print_status
    from mmfinereason.context import Context
    from mmfinereason.distill.redo import reasons
    from mmfinereason.distill.redo import redo as redo_traces
    from mmfinereason.lab.roles import served
    from mmfinereason.recipe import load
    from mmfinereason.store import Run

    with progress() as shown:
        loaded = load(recipe, role_overrides(set_))
        context = Context(Run.open(loaded.run_url), loaded, shown, shard_range(shards))
        with served(context, ["teacher"], Stage.COLLECT.value) as ready:
            redo_traces(ready, reasons(classes))
    print_status(context.run, started_only=True)
    typer.echo("tables made from the traces are stale: mmfr run RECIPE --redo verify")
