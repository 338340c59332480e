"""Many shards of model work in one event loop, so that no endpoint idles at a shard's end.

A stage's work on a shard is a coroutine that asks the client for replies. The next shard is opened as soon as the
requests waiting no longer fill the endpoints, and not before: memory is bounded by the few shards that are open.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable

OPEN_SHARDS = 16
"""At most this many shards are open at once, however many requests the endpoints could take."""


async def flow(
    shards: Iterable[int],
    work: Callable[[int], Awaitable[None]],
    *,
    hungry: Callable[[], bool],
    pause: float = 0.02,
    at_most: int = OPEN_SHARDS,
) -> None:
    """Run `work(shard)` for every shard, opening the next one whenever `hungry()` says requests are wanted.

    `pause` is the time between looks, in seconds. The first error cancels the other shards and is raised.
    """
    waiting = iter(shards)
    open_tasks: set[asyncio.Task[None]] = set()
    exhausted = False
    try:
        while True:
            while not exhausted and len(open_tasks) < at_most and (not open_tasks or hungry()):
                shard = next(waiting, None)
                if shard is None:
                    exhausted = True
                    break
                open_tasks.add(asyncio.ensure_future(work(shard)))
                await asyncio.sleep(pause)  # lets the shard put its requests before the next look
            if not open_tasks:
                return
            done, open_tasks = await asyncio.wait(
                open_tasks, timeout=None if exhausted else pause, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                task.result()
    finally:
        for task in open_tasks:
            task.cancel()
        await asyncio.gather(*open_tasks, return_exceptions=True)
