"""Progress on stderr: bars on a terminal, plain lines otherwise."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from mmfinereason.execute import Progress as Listener
from mmfinereason.store import ShardStats

PLAIN_EVERY = 5.0
"""Seconds between two plain lines of one stage."""


class _Books:
    """Sums of the stage that is running."""

    def __init__(self) -> None:
        self.rows = 0
        self.rejects: Counter[str] = Counter()
        self.shards = 0
        self.new_rows = 0
        self.started = time.monotonic()

    def add(self, stats: ShardStats) -> None:
        self.rows += stats.rows
        self.new_rows += stats.rows + sum(stats.rejects.values())
        self.rejects.update(stats.rejects)
        self.shards += 1

    @property
    def rate(self) -> str:
        elapsed = time.monotonic() - self.started
        return f"{self.new_rows / elapsed:,.0f} rows/s" if elapsed > 0.5 and self.new_rows else ""

    @property
    def summary(self) -> str:
        rejects = self.rejects.total()
        return f"{self.rows:,} rows" + (f", {rejects:,} rejects" if rejects else "")


class _Bars:
    """Bars with rate, rejects and ETA."""

    def __init__(self, bars: Progress) -> None:
        self.bars = bars
        self.books = _Books()
        self.task: TaskID | None = None
        self.figures = ""

    def begin(self, stage: str, *, shards: int | None, rows: int | None, done: ShardStats) -> None:
        self.books = _Books()
        self.books.rows, self.books.rejects = done.rows, Counter(done.rejects)
        self.figures = ""
        self.task = self.bars.add_task(stage, total=shards, detail=self.books.summary)

    def shard(self, stats: ShardStats) -> None:
        self.books.add(stats)
        self._show(advance=1)

    def live(self, figures: Mapping[str, str]) -> None:
        self.figures = "  ".join(f"{name} {value}" for name, value in figures.items())
        self._show(advance=0)

    def _show(self, advance: int) -> None:
        if self.task is not None:
            parts = [self.books.summary, self.books.rate, self.figures]
            self.bars.update(self.task, advance=advance, detail="  ".join(filter(None, parts)))

    def say(self, line: str) -> None:
        self.bars.console.print(line, highlight=False)

    def end(self, stage: str) -> None:
        if self.task is not None:
            done = max(1, self.books.shards)
            self.bars.update(self.task, total=done, completed=done, detail=self.books.summary)


class _Lines:
    """A line now and then, for logs."""

    def __init__(self) -> None:
        self.books = _Books()
        self.stage = ""
        self.shards: int | None = None
        self.last = 0.0
        self.figures = ""

    def begin(self, stage: str, *, shards: int | None, rows: int | None, done: ShardStats) -> None:
        self.books = _Books()
        self.books.rows, self.books.rejects = done.rows, Counter(done.rejects)
        self.stage, self.shards, self.figures, self.last = stage, shards, "", time.monotonic()

    def shard(self, stats: ShardStats) -> None:
        self.books.add(stats)
        self._line()

    def live(self, figures: Mapping[str, str]) -> None:
        self.figures = "  ".join(f"{name} {value}" for name, value in figures.items())
        self._line()

    def _line(self) -> None:
        if time.monotonic() - self.last < PLAIN_EVERY:
            return
        self.last = time.monotonic()
        of = f"/{self.shards}" if self.shards is not None else ""
        parts = [f"{self.stage}: shard {self.books.shards}{of}", self.books.summary, self.books.rate, self.figures]
        self.say("  ".join(filter(None, parts)))

    def say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    def end(self, stage: str) -> None:
        elapsed = time.monotonic() - self.books.started
        self.say(f"{stage}: done in {elapsed:.1f} s: {self.books.summary}")


@contextmanager
def progress() -> Iterator[Listener]:
    """What shows a run on this terminal, or in this log."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines()
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<8}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[detail]}"),
    )
    with Progress(*columns, console=console) as bars:
        yield _Bars(bars)
