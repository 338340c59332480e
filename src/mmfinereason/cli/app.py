"""Which commands there are."""

from __future__ import annotations

import typer

from mmfinereason.cli.check import check
from mmfinereason.cli.collect import collect
from mmfinereason.cli.status import status

app = typer.Typer(
    name="mmfr",
    help="A factory for multimodal reasoning datasets.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

for command in (check, collect, status):
    app.command()(command)
