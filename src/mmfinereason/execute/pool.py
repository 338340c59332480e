"""Processes that work on shards, one task each at a time, and may die without taking the run along.

A worker that is killed (out of memory, a segfault in a decoder) costs its task another try. While it works it notes the
row it is on in shared memory; a row that was being worked on at two deaths is named a culprit, and the task is tried
again without it, so that the row becomes a reject instead of the end of the run. `concurrent.futures` breaks its whole
pool when one process dies, which is why it is not used here.
"""

from __future__ import annotations

import multiprocessing as mp
import os
import threading
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, SpawnContext
from typing import Any, Generic, Protocol, TypeVar

from mmfinereason.errors import WorkerError

T = TypeVar("T")
R = TypeVar("R")

TRIES = 6
"""Deaths of one task's workers after which the task is given up."""


class Attempt(Protocol):
    """What a task sees of the place it runs in."""

    skip: frozenset[int]
    """Rows that killed a worker twice: reject them as `worker_died`."""

    def at(self, row: int) -> None:
        """Note that work on this row begins."""


@dataclass(slots=True)
class InProcess:
    """An attempt in the caller's own process."""

    skip: frozenset[int] = frozenset()

    def at(self, row: int) -> None:
        pass


@dataclass(slots=True)
class _Shared:
    """An attempt in a worker: the row is visible to the parent after a death."""

    row: Any
    skip: frozenset[int]

    def at(self, row: int) -> None:
        self.row.value = row


@dataclass(frozen=True, slots=True)
class Failed:
    """A task that raised: the error's text and traceback."""

    error: str
    trace: str


@dataclass(slots=True)
class _Job(Generic[T]):
    task: T
    deaths: Counter[int] = field(default_factory=Counter)

    @property
    def culprits(self) -> frozenset[int]:
        return frozenset(row for row, times in self.deaths.items() if times >= 2 and row >= 0)


class _Worker(Generic[T, R]):
    def __init__(self, context: ForkServerContext | SpawnContext, work: Callable[[T, Attempt], R]) -> None:
        self.row = context.Value("q", -1, lock=False)
        self.pipe, theirs = context.Pipe()
        handed = (theirs, work, self.row, dict(os.environ))
        self.process = context.Process(target=_serve, args=handed, daemon=True)
        self.process.start()
        theirs.close()
        self.job: _Job[T] | None = None

    def give(self, job: _Job[T]) -> None:
        self.row.value = -1
        self.job = job
        self.pipe.send((job.task, job.culprits))

    def stop(self) -> None:
        self.process.kill()
        self.process.join()
        self.pipe.close()


def _serve(pipe: Connection, work: Callable[[T, Attempt], R], row: Any, environment: dict[str, str]) -> None:
    import signal

    os.environ.update(environment)  # a fork server has the environment of its own start
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    threading.Thread(target=_die_with_parent, daemon=True).start()
    while True:
        try:
            task, skip = pipe.recv()
        except EOFError:
            return
        try:
            result: R | Failed = work(task, _Shared(row, skip))
        except Exception as error:  # noqa: BLE001 - carried to the parent and raised there
            result = Failed(f"{type(error).__name__}: {error}", traceback.format_exc())
        pipe.send(result)


def _die_with_parent() -> None:
    parent = mp.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def map_tasks(
    work: Callable[[T, Attempt], R],
    tasks: Iterable[T],
    *,
    workers: int,
    name: Callable[[T], str] = str,
) -> Iterator[tuple[T, R]]:
    """Run `work(task, attempt)` over tasks and yield results as they come, in any order.

    Tasks are drawn only when a worker is free, so that a lazy iterable bounds memory to `workers` tasks. With
    `workers=0` all runs in this process. `work` and tasks must pickle.

    Raises WorkerError at the end, after all other tasks were done, when tasks raised or kept killing their workers.
    """
    if workers == 0:
        for task in tasks:
            yield task, work(task, InProcess())
        return
    pool = _Pool(work, workers, name)
    try:
        yield from pool.run(iter(tasks))
    finally:
        pool.stop()
    if pool.failures:
        raise WorkerError("\n".join(pool.failures), "the other shards are kept; run the same command to try again")


class _Pool(Generic[T, R]):
    def __init__(self, work: Callable[[T, Attempt], R], workers: int, name: Callable[[T], str]) -> None:
        self.context = _context()
        self.work = work
        self.name = name
        self.limit = workers
        self.workers: list[_Worker[T, R]] = []
        self.again: list[_Job[T]] = []
        self.failures: list[str] = []

    def run(self, tasks: Iterator[T]) -> Iterator[tuple[T, R]]:
        more = True
        while True:
            more = self._fill(tasks, more)
            busy = [worker for worker in self.workers if worker.job is not None]
            if not busy:
                return
            for ready in wait([worker.pipe for worker in busy]):
                worker = next(one for one in busy if one.pipe is ready)
                yield from self._collect(worker)

    def _fill(self, tasks: Iterator[T], more: bool) -> bool:
        """Give every free worker a task; True while the iterable may hold more."""
        while self._busy() < self.limit:
            if self.again:
                job = self.again.pop()
            else:
                if not more:
                    break
                try:
                    job = _Job(next(tasks))
                except StopIteration:
                    return False
            self._hand(job)
        return more

    def _hand(self, job: _Job[T]) -> None:
        worker = self._free_worker()
        try:
            worker.give(job)
        except ConnectionError:  # it was killed while it had nothing to do
            self._bury(worker, job)

    def _busy(self) -> int:
        return sum(worker.job is not None for worker in self.workers)

    def _free_worker(self) -> _Worker[T, R]:
        for worker in self.workers:
            if worker.job is None:
                return worker
        self.workers.append(_Worker(self.context, self.work))
        return self.workers[-1]

    def _collect(self, worker: _Worker[T, R]) -> Iterator[tuple[T, R]]:
        job = worker.job
        assert job is not None
        try:
            result: R | Failed = worker.pipe.recv()
        except (EOFError, ConnectionResetError):
            self._bury(worker, job)
            return
        worker.job = None
        if isinstance(result, Failed):
            self.failures.append(f"{self.name(job.task)} failed: {result.error}\n{result.trace}")
        else:
            yield job.task, result

    def _bury(self, worker: _Worker[T, R], job: _Job[T]) -> None:
        self.workers.remove(worker)
        row = int(worker.row.value)
        worker.process.join()
        code = worker.process.exitcode
        worker.stop()
        job.deaths[row] += 1
        if job.deaths.total() < TRIES:
            self.again.append(job)
        else:
            where = f"on row {row}" if row >= 0 else "before its first row"
            self.failures.append(
                f"{self.name(job.task)}: its worker died {TRIES} times, the last time {where} (exit code {code})"
            )

    def stop(self) -> None:
        for worker in self.workers:
            worker.stop()
        self.workers.clear()


def _context() -> ForkServerContext | SpawnContext:
    """Forked from a clean server where the system has it: a fork of this process would copy its threads' locks."""
    if "forkserver" in mp.get_all_start_methods():
        context = mp.get_context("forkserver")
        context.set_forkserver_preload(["mmfinereason.collect.gather"])
        return context
    return mp.get_context("spawn")
