"""`mmfr check`: is this recipe usable?"""

from __future__ import annotations

from typing import Annotated

import typer

from mmfinereason.cli.options import Overrides, RecipeFile


def check(
    recipe: RecipeFile,
    set_: Overrides = None,
    show: Annotated[bool, typer.Option(help="Print the recipe with every default filled in.")] = False,
) -> None:
    """Validate a recipe and report every problem at once; nothing is run."""
    from mmfinereason import pipeline
    from mmfinereason.recipe import dump

    checked = pipeline.check(recipe, set_ or [])
    if show:
        typer.echo(dump(checked), nl=False)
    else:
        sources = len(checked.sources)
        named = f"{sources} source{'s' * (sources != 1)}" if sources else "no sources, so it can only evaluate"
        typer.echo(f"{recipe} is fine: {named}, run folder {checked.run_url}")
        for path in pipeline.missing_files(checked):
            typer.echo(f"note: {path} is not there yet", err=True)
