"""`mmfr status`: how far a run is."""

from __future__ import annotations

from mmfinereason.cli.options import RunFolder
from mmfinereason.store import Run, StageStatus


def status(run: RunFolder) -> None:
    """Show every stage of a run: shards, rows, rejects by reason, time."""
    print_status(Run.open(run))


def print_status(run: Run, *, started_only: bool = False) -> None:
    """One table on stdout."""
    from rich.console import Console
    from rich.table import Table

    from mmfinereason.store import overview

    table = Table(title=f"run {run.url}", title_justify="left", header_style="bold")
    for name in ("stage", "state", "shards", "rows", "rejects", "by reason", "work time"):
        table.add_column(name, justify="right" if name in ("shards", "rows", "rejects", "work time") else "left")
    for one in overview(run):
        if not started_only or one.state != "not started":
            table.add_row(*_cells(one))
    Console().print(table)


def _cells(one: StageStatus) -> list[str]:
    if one.state == "not started":
        return [one.stage.command, one.state, "", "", "", "", ""]
    shards = f"{one.shards}/{one.expected_shards}" if one.expected_shards is not None else str(one.shards)
    reasons = sorted(one.books.rejects.items(), key=lambda item: (-item[1], item[0]))
    return [
        one.stage.command,
        one.state,
        shards,
        f"{one.books.rows:,}",
        f"{sum(one.books.rejects.values()):,}",
        "\n".join(f"{count:,} {reason}" for reason, count in reasons),
        duration(one.books.seconds),
    ]


def duration(seconds: float) -> str:
    """`1:02:03`, `2:03` or `3.4 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
