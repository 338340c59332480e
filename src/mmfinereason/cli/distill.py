"""`mmfr distill` and `mmfr caption`: what the teacher and the captioner write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mmfinereason.cli.options import Overrides, RecipeFile, Shards, shard_range
from mmfinereason.schema import Stage

if TYPE_CHECKING:
    from mmfinereason.store import Run

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

    with progress() as shown:
        loaded = pipeline.check(recipe, role_overrides(set_))
        context = pipeline.prepare(loaded, progress=shown, only=shard_range(shards))
        pipeline.run(context, [stage])
    print_status(context.run, started_only=True)
    _coverage(context.run, stage)


def _redo(recipe: RecipeFile, set_: Overrides, shards: Shards, classes: str) -> None:
    """The recipe in the run folder stays: a redo is written down with the table."""
    from mmfinereason import pipeline
    from mmfinereason.cli.progress import progress
    from mmfinereason.cli.status import print_status
    from mmfinereason.context import Context
    from mmfinereason.distill.redo import reasons
    from mmfinereason.distill.redo import redo as redo_traces
    from mmfinereason.lab.roles import served
    from mmfinereason.store import Run

    with progress() as shown:
        loaded = pipeline.check(recipe, role_overrides(set_))
        context = Context(Run.open(loaded.run_url), loaded, shown, shard_range(shards))
        with served(context, ["teacher"], Stage.COLLECT.value) as ready:
            redo_traces(ready, reasons(classes))
    print_status(context.run, started_only=True)
    _coverage(context.run, Stage.DISTILL)
    if context.only is not None:
        typer.echo("the redo is finished by one start without --shards, after all parts")
    if context.table(Stage.VERIFY).plan() is not None:
        typer.echo("tables made from the traces are stale: mmfr run RECIPE --redo verify")


def _coverage(run: Run, stage: Stage) -> None:
    """How much of what was asked for is there."""
    manifest = run.table(stage).manifest()
    if manifest is None:
        return
    figures = manifest.figures
    if stage is Stage.CAPTION:
        good, images = figures["captioned"], figures["images"]
        done = f"{good:,.0f} of {manifest.rows:,} rows have a good caption, {images:,.0f} images were asked for"
    else:
        done = f"{figures['good']:,.0f} good traces, from {figures['attempts']:,.0f} attempts"
    typer.echo(f"{done}: {run.url}/{stage.value}")
