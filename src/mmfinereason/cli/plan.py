"""`mmfr plan`: what will this recipe cost?"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mmfinereason.cli.distill import role_overrides
from mmfinereason.cli.options import Overrides, RecipeFile
from mmfinereason.errors import MmfrError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import Console

    from mmfinereason.planning import Line, PlanOf, Range


class Basis(StrEnum):
    """What a plan may rest on."""

    AUTO = "auto"
    RUN = "run"
    PILOT = "pilot"
    PAPER = "paper"


def plan(
    recipe: RecipeFile,
    set_: Overrides = None,
    pilot: Annotated[int, typer.Option(min=1, help="Rows of the pilot.")] = 20,
    rows: Annotated[int | None, typer.Option(min=1, help="Rows of the sources, where nothing tells.")] = None,
    from_: Annotated[
        Basis, typer.Option("--from", help="What to go by; `auto`: the run, else a pilot, else the paper's figures.")
    ] = Basis.AUTO,
    tokens_per_second_per_gpu: Annotated[
        list[str] | None,
        typer.Option(help="Completion tokens one GPU writes: `400`, or for a role `prober=3000`. May be repeated."),
    ] = None,
    gpus: Annotated[int | None, typer.Option(min=1, help="GPUs you have, for the wall time.")] = None,
) -> None:
    """Estimate requests, tokens, cost and time of every model stage, each with a 95 % interval.

    Unless the run tells enough, a pilot asks a few rows of the recipe's own models: it costs what these rows cost.
    """
    from mmfinereason import pipeline, planning
    from mmfinereason.cli.progress import progress
    from mmfinereason.context import Context
    from mmfinereason.store import Run

    fleet = planning.Fleet(_rates(tokens_per_second_per_gpu or []), gpus)
    checked = pipeline.check(recipe, role_overrides(set_))
    with progress() as shown:
        context = Context(Run(checked.run_url), checked, shown)
        planned = planning.plan(context, planning.Terms(from_.value, pilot, rows, fleet))
    _print(planned, str(recipe))


def _rates(texts: list[str]) -> dict[str, float]:
    """`400` and `prober=3000` as rates by role. Raises MmfrError for anything else."""
    found = {}
    for text in texts:
        role, _, rate = text.rpartition("=")
        try:
            found[role] = float(rate)
        except ValueError:
            found[role] = 0.0
        if not found[role] > 0:
            problem = f"--tokens-per-second-per-gpu {text}: not a rate"
            raise MmfrError(problem, "write --tokens-per-second-per-gpu 400, or prober=3000")
    return found


def _print(planned: PlanOf, recipe: str) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False)
    if not planned.lines:
        console.print("this recipe asks no model")
        return
    table = Table(title=f"plan of {recipe}", title_justify="left", header_style="bold", box=None, padding=(0, 1, 0, 0))
    table.add_column("stage", no_wrap=True)
    table.add_column("role", no_wrap=True)
    for name in ("rows", "requests", "tokens in", "out", "cost", "GPU-h", "time"):
        table.add_column(name, justify="right", no_wrap=True)
    for line in planned.lines:
        if line.stage == "total":
            table.add_section()
        table.add_row(*_cells(line))
        table.add_row()
    console.print(table)
    _notes(console, planned)


def _cells(line: Line) -> list[str]:
    return [
        f"{line.stage}\n[dim]  low\n  high[/]",
        line.role,
        _cell(line.rows, count),
        _cell(line.requests, count),
        _cell(line.prompt, amount),
        _cell(line.completion, amount),
        _cell(line.dollars, lambda value: f"${amount(value)}"),
        _cell(line.gpu_hours, amount),
        _cell(line.seconds, duration),
    ]


def _cell(value: Range | None, shown: Callable[[float], str]) -> str:
    if value is None:
        return "-"
    return f"{shown(value.mid)}\n[dim]{shown(value.low)}\n{shown(value.high)}[/]"


def _notes(console: Console, planned: PlanOf) -> None:
    from rich.markup import escape

    total = planned.lines[-1]
    for ground in planned.grounds:
        console.print(escape(ground))
    if total.dollars.high == 0:
        console.print("No endpoint has a price: set price_in and price_out to see the cost.")
    if total.gpu_hours is None:
        console.print("GPU-hours need --tokens-per-second-per-gpu (of each role, where they differ).")
    if total.seconds is None:
        console.print("The time needs timed replies, or --gpus N with --tokens-per-second-per-gpu.")
    dollars = sum(value for name, value in planned.spent.items() if name.endswith(".dollars"))
    requests = sum(value for name, value in planned.spent.items() if name.endswith(".requests"))
    if requests:
        console.print(f"The run has spent {amount(requests)} requests and ${amount(dollars)} of this so far.")


def count(value: float) -> str:
    """The same for things that are whole."""
    return amount(round(value))


def amount(value: float) -> str:
    """Three digits are enough: `2.29M`, `417`, `0.0123`."""
    for unit, size in (("B", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= 0.9995 * size:
            return f"{value / size:.3g}{unit}" if value < 999.5 * size else f"{value / size:,.0f}{unit}"
    return f"{value:.3g}"


def duration(seconds: float) -> str:
    """`<1 s`, `40 s`, `12 min`, `5.1 h` or `3.2 d`."""
    for unit, size in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 or not seconds else "<1 s"
