"""What a stage needs to talk to models: a client that knows what was spent before, and a journal for each shard."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Set
from contextlib import asynccontextmanager, suppress

from mmfinereason.context import Context
from mmfinereason.models.client import Client
from mmfinereason.models.usage import RoleUsage
from mmfinereason.schema import Reason, Stage
from mmfinereason.store import Run
from mmfinereason.store.journal import Journal, tally_of

JOURNALS = "journal"
"""Folder of the journals in a stage's table; it outlives a table that is made anew."""

LIVE_EVERY = 1.0
"""Seconds between two looks at the client for the live screen."""


@asynccontextmanager
async def session(context: Context, role: str) -> AsyncIterator[Client]:
    """A client for the roles of the recipe that are served, whose figures for `role` are shown while it is open."""
    models = context.recipe.models
    client = Client(
        {name: one for name, one in models.roles().items() if one.endpoints},
        budget=models.budget,
        seed=context.recipe.seed,
        spent=await asyncio.to_thread(spent, context.run),
        notice=context.progress.say,
    )
    async with client:
        live = asyncio.create_task(_show(context, client, role))
        try:
            yield client
        finally:
            live.cancel()
            with suppress(asyncio.CancelledError):
                await live


def journal(context: Context, stage: Stage, shard: int, *, redo: Set[Reason] = frozenset()) -> Journal:
    """The journal of one shard of a stage."""
    folder = context.run.folder
    return Journal(folder.filesystem, folder.path(f"{stage.value}/{JOURNALS}/part-{shard:05d}.jsonl"), redo=redo)


def spent(run: Run) -> dict[str, float]:
    """What all journals of a run say was spent, by role and unit."""
    total: Counter[str] = Counter()
    for stage in Stage:
        folder = f"{stage.value}/{JOURNALS}"
        for name in run.folder.names(folder):
            total.update(tally_of(run.folder.filesystem, run.folder.path(f"{folder}/{name}")))
    return dict(total)


async def _show(context: Context, client: Client, role: str) -> None:
    while True:
        await asyncio.sleep(LIVE_EVERY)
        for usage in client.usage().roles:
            if usage.role == role:
                context.progress.live(_figures(usage))


def _figures(usage: RoleUsage) -> dict[str, str]:
    tokens = usage.prompt_tokens + usage.completion_tokens
    figures = {
        "replies": f"{usage.replies:,}",
        "from journal": f"{usage.replayed:,}" if usage.replayed else "",
        "in flight": str(usage.in_flight),
        "a second": f"{usage.rate:.1f}",
        "retries": f"{usage.retries:,}" if usage.retries else "",
        "tokens": f"{tokens:,}",
        "cost": f"${usage.cost:,.2f}" if usage.cost else "",
    }
    return {name: value for name, value in figures.items() if value}
