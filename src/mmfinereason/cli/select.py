"""`mmfr verify`, `mmfr probe`, `mmfr select`: what is right, how hard it is, which subsets a row belongs to."""

from __future__ import annotations

import typer

from mmfinereason.cli.options import Overrides, RecipeFile, Shards, Workers, shard_range
from mmfinereason.schema import Stage
from mmfinereason.store import Run

REVIEWED = 10
"""Suspect references that are listed; the library and the tables have them all."""


def verify(recipe: RecipeFile, set_: Overrides = None, shards: Shards = None, workers: Workers = None) -> None:
    """Stage 3: does each trace's answer agree with the reference? Rules first, then the judge."""
    overrides = [*(set_ or []), *([f"execute.workers={workers}"] if workers is not None else [])]
    run = _run(recipe, overrides, shards, Stage.VERIFY)
    _print_figures(run, Stage.VERIFY)


def probe(recipe: RecipeFile, set_: Overrides = None, shards: Shards = None) -> None:
    """Stage 3: how often does a small model get each row right?"""
    run = _run(recipe, set_ or [], shards, Stage.PROBE)
    _print_figures(run, Stage.PROBE)
    _print_suspects(run)


def select(recipe: RecipeFile, set_: Overrides = None) -> None:
    """Stage 3: which named subsets does each row belong to, and if to none, why?"""
    run = _run(recipe, set_ or [], None, Stage.SELECT)
    _print_selection(run)


def _run(recipe: RecipeFile, overrides: list[str], shards: str | None, stage: Stage) -> Run:
    from mmfinereason import pipeline
    from mmfinereason.cli.progress import progress
    from mmfinereason.recipe import load

    with progress() as shown:
        context = pipeline.prepare(load(recipe, overrides), progress=shown, only=shard_range(shards))
        pipeline.run(context, [stage])
    return context.run


def _print_figures(run: Run, stage: Stage) -> None:
    """The sums a stage kept; nothing while other processes still work on it."""
    from rich.console import Console
    from rich.table import Table

    manifest = run.table(stage).manifest()
    if manifest is None:
        typer.echo(f"{stage.command}: these shards are done, others are still owed")
        return
    table = Table(title=f"{stage.command}: {manifest.rows:,} rows", title_justify="left", header_style="bold")
    table.add_column("what")
    table.add_column("sum", justify="right")
    for name, value in manifest.figures.items():
        table.add_row(name.replace("_", " "), f"${value:,.4f}" if name == "cost" else f"{value:,.0f}")
    Console().print(table)


def _print_suspects(run: Run) -> None:
    from rich.console import Console

    from mmfinereason.inspect import suspects

    found = suspects(run, REVIEWED + 1)
    if not found:
        return
    console = Console()
    console.print("[bold]references to review[/]")
    for one in found[:REVIEWED]:
        console.print(f"  {one.id}: {one.evidence}", highlight=False, markup=False)
    if len(found) > REVIEWED:
        console.print("  ... all are in the table rollouts, column reference_suspect")


def _print_selection(run: Run) -> None:
    from rich.console import Console
    from rich.table import Table

    manifest = run.table(Stage.SELECT).manifest()
    assert manifest is not None  # select always does all shards
    table = Table(title=f"select: {manifest.rows:,} rows", title_justify="left", header_style="bold")
    table.add_column("subset, or why in none")
    table.add_column("rows", justify="right")
    inside = {name.removeprefix("in "): n for name, n in manifest.figures.items() if name.startswith("in ")}
    outside = {name.removeprefix("out "): n for name, n in manifest.figures.items() if name.startswith("out ")}
    for name, count in sorted(inside.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{count:,.0f}")
    table.add_section()
    for name, count in sorted(outside.items(), key=lambda item: -item[1]):
        table.add_row(f"out: {name}", f"{count:,.0f}")
    Console().print(table)
