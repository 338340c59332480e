"""The rows of one shard put to a model as fast as it takes them, and no faster.

A row waiting in line holds its image in memory, so the next one is drawn only while requests are wanted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")

_PAUSE = 0.01


async def feed(
    rows: Iterable[T], work: Callable[[T], Awaitable[R]], *, hungry: Callable[[], bool], pause: float = _PAUSE
) -> list[R]:
    """`work(row)` of every row, many at once; the results in the order of the rows.

    Rows are drawn in a thread, since drawing may read a file. The first error cancels the others and is raised.
    """
    tasks: list[asyncio.Task[R]] = []
    iterator = iter(rows)
    try:
        async with asyncio.TaskGroup() as group:
            while (batch := await asyncio.to_thread(_some, iterator)) is not None:
                for row in batch:
                    tasks.append(group.create_task(_run(work, row)))
                    await asyncio.sleep(0)
                    while not hungry():
                        await asyncio.sleep(pause)
    except ExceptionGroup as errors:
        raise _first(errors) from None
    return [task.result() for task in tasks]


async def _run(work: Callable[[T], Awaitable[R]], row: T) -> R:
    return await work(row)


def _some(rows: Iterator[T], most: int = 16) -> list[T] | None:
    """The next few rows, or None at the end."""
    return list(islice(rows, most)) or None


def _first(errors: ExceptionGroup[Exception]) -> Exception:
    error = errors.exceptions[0]
    return _first(error) if isinstance(error, ExceptionGroup) else error
