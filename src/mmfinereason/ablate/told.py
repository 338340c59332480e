"""How a whole grid tells its progress: one bar of cells, a line a cell that ends, what the running ones are at."""

from __future__ import annotations

import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from mmfinereason.ablate.cells import Cell
from mmfinereason.ablate.grid import Key
from mmfinereason.execute import Progress
from mmfinereason.store import ShardStats

NAME = "ablate"


class Teller:
    """The books of a start: `left` cells were not done when it began."""

    def __init__(self, progress: Progress, left: int) -> None:
        self._progress = progress
        self._left, self._ended = left, 0
        self._started = time.monotonic()

    def __enter__(self) -> Self:
        self._progress.begin(NAME, shards=self._left, rows=None, done=ShardStats(0, {}, 0.0))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._progress.end(NAME)

    def of(self, key: Key) -> Progress:
        """Where a running cell tells its progress."""
        return _Inner(self, key)

    def ended(self, cell: Cell) -> None:
        """A cell is done, or has failed."""
        self._ended += 1
        self._left -= 1
        rejects = {} if cell.done else {"failed": 1}
        seconds = cell.train_seconds + cell.evaluate_seconds
        self._progress.say(f"{cell.key}: {_result(cell)}; {self.outlook}")
        self._progress.shard(ShardStats(cell.rows, rejects, seconds))

    @property
    def outlook(self) -> str:
        """How many cells are left, and for about how long."""
        if not self._left:
            return "the last cell"
        elapsed = time.monotonic() - self._started
        about = f", about {_span(elapsed / self._ended * self._left)}" if self._ended else ""
        return f"{self._left} left{about}"

    def live(self, key: Key, figures: Mapping[str, str]) -> None:
        self._progress.live({str(key): "", **figures, "": self.outlook})

    def say(self, key: Key, line: str) -> None:
        self._progress.say(f"{key}: {line}")


class _Inner:
    """The stages of one cell, as a part of the whole."""

    def __init__(self, teller: Teller, key: Key) -> None:
        self._teller, self._key = teller, key
        self._stage = ""

    def begin(self, stage: str, *, shards: int | None, rows: int | None, done: ShardStats) -> None:
        self._stage = stage
        self._teller.live(self._key, {stage: ""})

    def shard(self, stats: ShardStats) -> None:
        pass

    def live(self, figures: Mapping[str, str]) -> None:
        self._teller.live(self._key, figures)

    def say(self, line: str) -> None:
        self._teller.say(self._key, line)

    def end(self, stage: str) -> None:
        pass


def _result(cell: Cell) -> str:
    if not cell.done:
        return f"failed: {cell.reason}"
    scores = ", ".join(f"{name} {one.accuracy}" for name, one in cell.scores.items())
    return f"{scores} (training {_span(cell.train_seconds)}, evaluation {_span(cell.evaluate_seconds)})"


def _span(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
