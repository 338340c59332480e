"""`mmfr ablate`: a grid of trainings on parts of the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mmfinereason.cli.options import Overrides, RecipeFile
from mmfinereason.errors import MmfrError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmfinereason.ablate import Cell
    from mmfinereason.context import Context


def ablate(
    recipe: RecipeFile,
    set_: Overrides = None,
    only: Annotated[
        list[str] | None,
        typer.Option(help="Only these cells: `data=hard,training=steps,seed=0`, each part optional. May be repeated."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the grid and what of it is done.")] = False,
    redo: Annotated[bool, typer.Option(help="Make cells anew that were made with other settings.")] = False,
) -> None:
    """Train and evaluate data variants x training settings x seeds (section `ablate`), and compare them.

    A cell is a folder RUN/ablate/cells/DATA/TRAINING/seed-N. What is done is skipped, what failed is tried again, and a
    training that was stopped goes on. Tables and figures lie in RUN/ablate.
    """
    from mmfinereason.ablate import ablate as run_ablation
    from mmfinereason.ablate import arms
    from mmfinereason.ablate.run import tried
    from mmfinereason.ablate.tables import summary
    from mmfinereason.cli.progress import progress
    from mmfinereason.context import Context
    from mmfinereason.recipe import load
    from mmfinereason.store import Run

    loaded = load(recipe, set_ or [])
    context = Context(Run.open(loaded.run_url), loaded)
    if dry_run:
        _print_grid(context, only or [])
        return
    with progress() as shown:
        cells = run_ablation(Context(context.run, loaded, shown), only=only or [], redo=redo)
    settings = loaded.ablate
    typer.echo(summary(arms(tried(context), settings.compared_to), settings.compared_to).text())
    typer.echo(f"\nresults, figures  {context.run.url}/ablate")
    if failed := [cell for cell in cells if not cell.done]:
        named = "\n".join(f"  {cell.key}: {cell.reason}" for cell in failed)
        raise MmfrError(f"{len(failed)} cells failed:\n{named}", "mend the cause; the same command tries them again")


def _print_grid(context: Context, only: Sequence[str]) -> None:
    from mmfinereason.ablate.cells import read
    from mmfinereason.ablate.run import keys_of
    from mmfinereason.ablate.variants import known_rows

    keys = keys_of(context.recipe, only)
    width = max(len(str(key)) for key in keys)
    for key in keys:
        rows = known_rows(context, key.data, key.training) if key.data in context.recipe.ablate.data else 0
        shown = "rows not known yet" if rows is None else f"{rows:,} rows"
        typer.echo(f"{key!s:<{width}}  {shown:>18}  {_state(read(context.run, key))}")
    done = sum(1 for key in keys if (cell := read(context.run, key)) and cell.done)
    typer.echo(f"{len(keys)} cells, {done} done")


def _state(cell: Cell | None) -> str:
    if cell is None:
        return "to do"
    return "done" if cell.done else f"failed: {cell.reason}"
