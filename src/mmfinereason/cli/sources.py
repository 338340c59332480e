"""`mmfr sources`: which sources a recipe can name, and what has to be known of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from mmfinereason.collect.sources import Source

WIDE = 160
"""Columns from which on there is room for addresses."""


Name = Annotated[str | None, typer.Argument(help="Show all that is known of this source.", show_default=False)]


def sources(name: Name = None) -> None:
    """List the known sources: domain, licence, where they lie, whether their layout was confirmed, what to unpack."""
    from rich.console import Console

    from mmfinereason.collect.sources import SOURCES, source

    console = Console(highlight=False)
    if name is None:
        _print_all(console, list(SOURCES.values()))
    else:
        _print_one(console, source(name))


def _print_all(console: Console, known: list[Source]) -> None:
    from rich.markup import escape
    from rich.table import Table

    wide = console.width >= WIDE
    table = Table(
        title=f"{len(known)} known sources", title_justify="left", header_style="bold", box=None, padding=(0, 1, 0, 0)
    )
    table.add_column("use:", no_wrap=True)
    table.add_column("domain", no_wrap=True)
    table.add_column("layout", no_wrap=True)
    table.add_column("needs", no_wrap=True)
    table.add_column("licence", no_wrap=True)
    if wide:
        table.add_column("where", no_wrap=True)
    for one in known:
        layout = "seen" if one.confirmed else "[yellow]assumed[/]"
        cells = [
            escape(one.name),
            one.domain.value,
            layout,
            _needs(one),
            escape(_short(one.licence, 34 if wide else 12)),
        ]
        table.add_row(*cells, *([one.hub_id or one.homepage or ""] if wide else []))
    console.print(table)
    console.print(
        "layout: seen in the publisher's files or documents, or assumed. needs path: a folder that you have downloaded "
        "(unpack: and unpacked); the others are read from the hub. mmfr sources NAME shows all of one."
    )


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


def _needs(one: Source) -> str:
    return "unpack" if one.unpack else "path" if _needs_path(one) else ""


def _needs_path(one: Source) -> bool:
    return one.hub_id is None or one.unpack is not None


def _print_one(console: Console, one: Source) -> None:
    from rich.markup import escape
    from rich.table import Table

    facts = {
        "domain": one.domain.value,
        "licence": one.licence,
        "homepage": one.homepage,
        "hub": one.hub_id,
        "revision": one.revision,
        "files": one.files or ", ".join(one.names),
        "rows": one.inclusion,
        "layout": f"seen: {one.confirmed}" if one.confirmed else "assumed: it could not be confirmed",
        "unpack": one.unpack,
        "answer tag": "traces may go without one" if one.answer_tag_exempt else None,
        "also called": ", ".join(one.aliases),
        "recipe": f"- {{use: {one.name}, path: FOLDER}}" if _needs_path(one) else f"- use: {one.name}",
    }
    console.print(f"[bold]{escape(one.name)}[/]")
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for fact, value in facts.items():
        if value:
            table.add_row(fact, escape(value))
    console.print(table)
