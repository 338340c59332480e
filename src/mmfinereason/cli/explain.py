"""`mmfr explain`, `mmfr diff` and `mmfr tables`: what happened to a row, between two runs, and to each source."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from mmfinereason.cli.options import RunFolder


class TableFormat(StrEnum):
    """How a table is written."""

    TEXT = "text"
    CSV = "csv"
    MARKDOWN = "markdown"


RowId = Annotated[str, typer.Argument(help="The row's id, its id in the source, or the beginning of one.")]
OtherRun = Annotated[str, typer.Argument(help="The run to compare with.", show_default=False)]


def explain(run: RunFolder, id: RowId) -> None:
    """Show the whole life of a row on one screen: why it is in the dataset, or why not."""
    from rich.console import Console
    from rich.table import Table

    from mmfinereason.inspect import explain as explained
    from mmfinereason.store import Run

    life = explained(Run.open(run), id)
    console = Console()
    console.print(f"[bold]{_plain(life.id)}[/]: {_plain(life.summary)}", highlight=False)
    for section in life.sections:
        console.print(f"\n[bold]{section.title}[/]")
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 2))
        table.add_column(style="dim", no_wrap=True)
        table.add_column(overflow="fold")
        for label, text in section.lines:
            table.add_row(label, _plain(text))
        console.print(table, highlight=False)


def diff(
    before: RunFolder,
    after: OtherRun,
    limit: Annotated[int, typer.Option(help="Changed rows that are listed.", min=0)] = 20,
) -> None:
    """Compare two runs: which rows entered subsets, left them or moved, and why."""
    from rich.console import Console
    from rich.table import Table

    from mmfinereason.inspect import diff as compared
    from mmfinereason.store import Run

    found = compared(Run.open(before), Run.open(after), limit)
    console = Console()
    console.print(f"rows: {found.rows[0]:,} → {found.rows[1]:,}", highlight=False)
    for setting in found.settings:
        console.print(f"setting {_plain(setting)}", highlight=False)
    subsets = Table("subset", "before", "after", "entered", "left", header_style="bold")
    for one in found.subsets:
        subsets.add_row(one.subset, *(f"{count:,}" for count in (one.before, one.after, one.entered, one.left)))
    causes = Table("rows", "change", "why", header_style="bold")
    for cause in found.causes:
        causes.add_row(f"{cause.rows:,}", cause.kind, _plain(cause.why))
    console.print(subsets)
    console.print(causes if found.causes else "no row changed")
    for change in found.changes:
        moved = f"{', '.join(change.before) or 'nowhere'} → {', '.join(change.after) or 'nowhere'}"
        console.print(f"{_plain(change.id)} {change.kind}: {moved}; {_plain(change.why)}", highlight=False)


def tables(
    run: RunFolder,
    format: Annotated[TableFormat, typer.Option(help="How to write them.")] = TableFormat.TEXT,
) -> None:
    """Print the paper's Tables 5 to 7 for this run, with the paper's own figures beside those of its sources."""
    from mmfinereason.report.tables import run_tables
    from mmfinereason.store import Run

    typer.echo("\n\n".join(table.render(format.value) for table in run_tables(Run.open(run))))


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)
