"""Model work of this stage: one client for all shards, a journal for each, the next opened before servers idle."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from mmfinereason.context import Context
from mmfinereason.execute.flow import flow
from mmfinereason.lab.roles import served
from mmfinereason.models import Client
from mmfinereason.schema import Stage
from mmfinereason.store import Table
from mmfinereason.store.journal import Journal, tally_of

LOOK_EVERY = 1.0
"""Seconds between two looks at the client for the live screen."""


Connect = Callable[[Context, Sequence[str]], AbstractAsyncContextManager[Client]]
"""Opens a client for some roles."""


@asynccontextmanager
async def connect(context: Context, roles: Sequence[str]) -> AsyncIterator[Client]:
    """The run's client; lab servers are started where the recipe has them."""
    kinds = sorted({role.partition("-")[0] for role in roles})
    with served(context, kinds, Stage.COLLECT.value) as there:
        models = there.recipe.models
        settings = {name: role for name, role in models.roles().items() if name in roles}
        async with Client(
            settings,
            budget=models.budget,
            seed=there.recipe.seed,
            spent=spent(context),
            notice=context.progress.say,
        ) as client:
            yield client


def spent(context: Context) -> dict[str, float]:
    """What the run's requests have cost so far, over all journals of all stages."""
    folder = context.run.folder
    books: Counter[str] = Counter()
    for stage in Stage:
        journals = f"{stage.value}/journal"
        for name in folder.names(journals):
            books.update(tally_of(folder.filesystem, folder.path(f"{journals}/{name}")))
    return dict(books)


def journal(table: Table, shard: int) -> Journal:
    """The journal of one shard of a table."""
    return Journal(table.folder.filesystem, table.folder.path(f"{table.name}/journal/part-{shard:05d}.jsonl"))


def judges(context: Context) -> list[str]:
    """Names of the judge roles the recipe has."""
    return [name for name in context.recipe.models.roles() if name.partition("-")[0] == "judge"]


async def work_all(
    context: Context,
    connected: AbstractAsyncContextManager[Client],
    shards: Sequence[int],
    work: Callable[[int, Client], Awaitable[None]],
    role: str,
) -> None:
    """Do all shards; `role` is the one that must not idle."""
    async with connected as client:
        watching = asyncio.ensure_future(_watch(context, client))
        try:
            await flow(shards, lambda shard: work(shard, client), hungry=lambda: client.hungry(role))
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def _watch(context: Context, client: Client) -> None:
    while True:
        await asyncio.sleep(LOOK_EVERY)
        usage = client.usage()
        for one in usage.roles:
            context.progress.live(
                {
                    one.role: f"{one.rate:,.1f}/s",
                    "in flight": f"{one.in_flight}",
                    "retries": f"{one.retries}",
                    "cost": f"${usage.cost:,.2f}",
                }
            )
