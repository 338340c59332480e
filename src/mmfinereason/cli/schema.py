"""`mmfr schema`: the recipe's JSON Schema, for editors."""

from __future__ import annotations

import typer


def schema() -> None:
    """Print the recipe's JSON Schema; editors complete and check recipes with it.

    With the YAML language server put `# yaml-language-server: $schema=recipe.schema.json` on a recipe's first line.
    """
    from mmfinereason.recipe.json_schema import json_schema

    typer.echo(json_schema())
