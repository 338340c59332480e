"""`mmfr report`: one run as a page, or two runs beside each other."""

from __future__ import annotations

from typing import Annotated

import typer

from mmfinereason.cli.options import RunFolder

Other = Annotated[str | None, typer.Argument(help="Another run, to compare with the first.", show_default=False)]


def report(run: RunFolder, other: Other = None) -> None:
    """Write a run's report, a page that opens offline; with two runs, a page that compares them."""
    from mmfinereason.report import compare
    from mmfinereason.report import report as write
    from mmfinereason.store import Run

    first = Run.open(run)
    typer.echo(write(first) if other is None else compare(first, Run.open(other)))
