"""`mmfr doctor`: are the recipe's endpoints what the recipe takes them for?"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from mmfinereason.cli.distill import role_overrides
from mmfinereason.cli.options import Overrides, RecipeFile
from mmfinereason.errors import RecipeError

if TYPE_CHECKING:
    from rich.console import Console

    from mmfinereason.models.doctor import Diagnosis, Finding

BLOCKED = 2
"""Exit code when something stands in a run's way."""
_MARKS = {"fine": "[green]ok[/]", "note": "[yellow]note[/]", "blocks": "[bold red]stop[/]"}


def doctor(
    recipe: RecipeFile,
    set_: Overrides = None,
    role: Annotated[
        list[str] | None, typer.Option(help="Only this role; `student` is every evaluated model. May be repeated.")
    ] = None,
) -> None:
    """Examine every endpoint of every role with a few short requests, before the first paid one."""
    from rich.console import Console

    from mmfinereason import pipeline
    from mmfinereason.lab.roles import attended
    from mmfinereason.models.doctor import examine, kind, roles_of

    roles = roles_of(pipeline.check(recipe, role_overrides(set_)))
    _check_roles(role or [], list(dict.fromkeys(map(kind, roles))))
    print("asking every endpoint about a dozen short questions ...", file=sys.stderr)
    with attended(roles) as served:
        found = asyncio.run(examine(served, role))
    console = Console(highlight=False)
    if not found:
        console.print("there is no endpoint to examine: the recipe names no model")
        return
    for one in found:
        _print(console, one)
    _print_changes(console, found)
    if any(one.blocked for one in found):
        raise typer.Exit(BLOCKED)


def _check_roles(wanted: list[str], known: list[str]) -> None:
    for name in wanted:
        if name not in known:
            raise RecipeError([f"the recipe names no {name}"], f"it has {', '.join(known) or 'no role at all'}")


def _print(console: Console, one: Diagnosis) -> None:
    from rich.markup import escape
    from rich.table import Table

    console.print(f"\n[bold]{', '.join(one.roles)}[/]: {escape(one.model)} at {escape(one.url)}", soft_wrap=True)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in one.findings:
        table.add_row(_MARKS[finding.level], finding.check, escape(finding.found))
    console.print(table)


def _print_changes(console: Console, found: list[Diagnosis]) -> None:
    """What to change, what blocks first."""
    from rich.markup import escape

    wanted: dict[Finding, None] = {
        finding: None
        for level in ("blocks", "note")
        for one in found
        for finding in one.findings
        if finding.change and finding.level == level
    }
    spent = f"{sum(one.requests for one in found):,} requests, {sum(one.tokens for one in found):,} tokens"
    console.print(f"\n{len(found)} endpoint{'s' * (len(found) != 1)} examined with {spent}.")
    if not wanted:
        console.print("Nothing has to be changed.")
        return
    console.print("[bold]What to change[/]")
    for finding in wanted:
        mark = _MARKS[finding.level]
        for number, line in enumerate(finding.change.splitlines()):
            console.print(f"{mark if not number else '    '}  {escape(line)}", soft_wrap=True)
