"""Worker processes that live for many cells: what is slow to import is imported once.

A worker that dies takes its cell along, which is kept as failed, and another takes its place. What a cell tells of its
progress goes through the pipe. `execute.map_tasks` gives a dead worker's task another try, which is right for a shard
and wrong for hours of training.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Protocol

from mmfinereason.ablate import cells
from mmfinereason.ablate.cells import Cell
from mmfinereason.ablate.grid import Key
from mmfinereason.ablate.work import Means, Order, work
from mmfinereason.execute import Progress
from mmfinereason.store import Run, ShardStats

GRACE = 10.0
"""Seconds a worker has to stop the server it has started."""


Listening = Callable[[Key], Progress]


class Crew(Protocol):
    """Where cells are worked on: in workers, or in this process."""

    def free(self) -> bool:
        """Whether another order can be taken."""

    def give(self, order: Order) -> None:
        """Take an order."""

    def finished(self) -> Cell:
        """Wait for the next cell to end."""


@contextmanager
def crew(workers: int, means: Means, told: Listening) -> Iterator[Crew]:
    """A crew; `told` says who listens to a cell's progress."""
    if workers == 0:
        yield Alone(means, told)
        return
    team = Team(workers, means, told)
    try:
        yield team
    finally:
        team.stop()


class Alone:
    """One cell after the other in this process."""

    def __init__(self, means: Means, told: Listening) -> None:
        self._means, self._told = means, told
        self._order: Order | None = None

    def free(self) -> bool:
        return self._order is None

    def give(self, order: Order) -> None:
        self._order = order

    def finished(self) -> Cell:
        assert self._order is not None
        order, self._order = self._order, None
        return work(order, self._told(order.key), self._means)


@dataclass
class _Worker:
    process: mp.process.BaseProcess
    pipe: Connection
    order: Order | None = None


class Team:
    """Worker processes, each with one cell at a time."""

    def __init__(self, workers: int, means: Means, told: Listening) -> None:
        self._most, self._means, self._told = workers, means, told
        self._workers: list[_Worker] = []

    def free(self) -> bool:
        return sum(one.order is not None for one in self._workers) < self._most

    def give(self, order: Order) -> None:
        worker = next((one for one in self._workers if one.order is None), None) or self._hired()
        worker.order = order
        worker.pipe.send(order)

    def finished(self) -> Cell:
        while True:
            for worker in self._speaking():
                try:
                    said = worker.pipe.recv()
                except (EOFError, ConnectionResetError):
                    return self._buried(worker)
                if isinstance(said, Cell):
                    worker.order = None
                    return said
                assert worker.order is not None
                name, values, named = said
                getattr(self._told(worker.order.key), name)(*values, **named)

    def stop(self) -> None:
        """End all workers; cells they were at go on at the next start."""
        for worker in self._workers:
            worker.process.terminate()
        for worker in self._workers:
            worker.process.join(GRACE)
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()
        self._workers.clear()

    def _speaking(self) -> list[_Worker]:
        busy = [one for one in self._workers if one.order is not None]
        ready = wait([one.pipe for one in busy])
        return [one for one in busy if one.pipe in ready]

    def _hired(self) -> _Worker:
        context = mp.get_context("spawn")
        pipe, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._means))
        with _surroundings():
            process.start()
        theirs.close()
        self._workers.append(_Worker(process, pipe))
        return self._workers[-1]

    def _buried(self, worker: _Worker) -> Cell:
        """The cell of a dead worker."""
        self._workers.remove(worker)
        worker.process.join()
        worker.pipe.close()
        assert worker.order is not None
        key, root = worker.order.key, Run(worker.order.recipe.run_url).folder.root
        error = f"its worker process died (exit code {worker.process.exitcode})"
        dead = Cell(key.data, key.training, key.seed, root, "failed", error)
        cells.write(dead)
        return dead


@contextmanager
def _surroundings() -> Iterator[None]:
    """What numpy must find when a worker first imports it: on small matrices its threads only wait for one another."""
    before = dict(os.environ)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _serve(pipe: Connection, means: Means) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # leave by the way that stops servers
    threading.Thread(target=_die_with_parent, daemon=True).start()
    while True:
        try:
            order: Order = pipe.recv()
        except EOFError:
            return
        pipe.send(work(order, Told(pipe), means))


def _die_with_parent() -> None:
    parent = mp.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE)
        os._exit(1)


class Told:
    """Sends what a cell's stages tell through a pipe."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe

    def begin(self, stage: str, *, shards: int | None, rows: int | None, done: ShardStats) -> None:
        self._pipe.send(("begin", (stage,), {"shards": shards, "rows": rows, "done": done}))

    def shard(self, stats: ShardStats) -> None:
        self._pipe.send(("shard", (stats,), {}))

    def live(self, figures: Mapping[str, str]) -> None:
        self._pipe.send(("live", (dict(figures),), {}))

    def say(self, line: str) -> None:
        self._pipe.send(("say", (line,), {}))

    def end(self, stage: str) -> None:
        self._pipe.send(("end", (stage,), {}))
