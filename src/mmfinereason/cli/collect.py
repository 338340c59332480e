"""`mmfr collect`: sources into the samples table."""

from __future__ import annotations

import typer

from mmfinereason.cli.options import Overrides, RecipeFile, Shards, Workers, shard_range


def collect(recipe: RecipeFile, set_: Overrides = None, shards: Shards = None, workers: Workers = None) -> None:
    """Stage 1: bring any mix of sources into the canonical samples table."""
    from mmfinereason import pipeline
    from mmfinereason.cli.progress import progress
    from mmfinereason.cli.status import print_status
    from mmfinereason.schema import Stage

    overrides = [*(set_ or []), *([f"execute.workers={workers}"] if workers is not None else [])]
    with progress() as shown:
        context = pipeline.prepare(pipeline.check(recipe, overrides), progress=shown, only=shard_range(shards))
        pipeline.run(context, [Stage.COLLECT])
    print_status(context.run, started_only=True)
    typer.echo(f"samples: {context.run.url}/samples")
