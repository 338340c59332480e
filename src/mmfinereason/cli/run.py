"""`mmfr run`: the main job."""

from __future__ import annotations

from typing import Annotated

import typer

from mmfinereason.cli.options import Overrides, RecipeFile, Shards, Workers, shard_range


def run(
    recipe: RecipeFile,
    set_: Overrides = None,
    shards: Shards = None,
    workers: Workers = None,
    redo: Annotated[
        str | None, typer.Option(help="Forget this stage and what was made from it, then run: `--redo verify`.")
    ] = None,
) -> None:
    """Run every stage, then write exports and report. What is done is skipped: the same command resumes."""
    from mmfinereason import pipeline
    from mmfinereason.cli.progress import progress
    from mmfinereason.cli.status import print_status

    overrides = [*(set_ or []), *([f"execute.workers={workers}"] if workers is not None else [])]
    with progress() as shown:
        context = pipeline.prepare(pipeline.check(recipe, overrides), progress=shown, only=shard_range(shards))
        if redo is not None:
            forgotten = pipeline.redo(context, pipeline.stage_named(redo))
            shown.say(f"redo: forgot {', '.join(stage.command for stage in forgotten)}")
        result = pipeline.run_all(context)
    print_status(context.run, started_only=True)
    if result.subsets:
        sizes = sorted(result.subsets.items(), key=lambda item: -item[1])
        typer.echo("subsets      " + ", ".join(f"{name} {rows:,}" for name, rows in sizes))
    for name, path in result.paths.items():
        typer.echo(f"{name:<12} {path}")
