"""`mmfr export` and `mmfr push`: files for trainers, and the dataset on the hub."""

from __future__ import annotations

from typing import Annotated

import typer

from mmfinereason.cli.options import Overrides, RecipeFile, RunFolder


def export(recipe: RecipeFile, set_: Overrides = None) -> None:
    """Write the exports of a finished selection anew, and check every row against its reader's rules."""
    from mmfinereason import pipeline
    from mmfinereason.export import export as write

    context = pipeline.prepare(pipeline.check(recipe, set_ or []))
    for name, one in write(context).items():
        rows = ", ".join(f"{subset} {count:,}" for subset, count in one.rows.items())
        left = f"; {len(one.left_out):,} left out, see left_out.csv" if one.left_out else ""
        typer.echo(f"{name:<12} {context.run.url}/{one.folder}   {rows}{left}")


def push(
    run: RunFolder,
    to: Annotated[str, typer.Option(help="The hub repository, `owner/name`.")],
    public: Annotated[bool, typer.Option(help="Make a new repository public; private by default.")] = False,
    dry_run: Annotated[bool, typer.Option(help="List what would go, and send nothing.")] = False,
) -> None:
    """Upload a run's dataset export to the hub (needs the `hub` extra)."""
    from mmfinereason.export.push import push as upload

    sent = upload(run, to, public=public, dry_run=dry_run)
    for name, size in sent.files:
        typer.echo(f"{size:>14,}  {name}")
    typer.echo(f"{'would go' if dry_run else 'went'} to {to}: {len(sent.files)} files, {sent.size:,} bytes")
