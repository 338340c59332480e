"""The probe stage: how often does the small model get a row right?

Every rollout is stored with its verdict; only a readable wrong answer counts as wrong. On request the same questions
are asked without the image, to find rows that do not need it. The gold audit looks at all answers together for signs
that the reference is wrong.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from functools import partial

from mmfinereason.context import Context
from mmfinereason.errors import RecipeError
from mmfinereason.execute import flow
from mmfinereason.execute.books import begin, finish, upstream
from mmfinereason.execute.feed import feed
from mmfinereason.models import Client
from mmfinereason.models.session import journal, session
from mmfinereason.recipe import deciding
from mmfinereason.schema import Stage
from mmfinereason.select import stakes
from mmfinereason.select.judging import Connect, judges, judging
from mmfinereason.select.probed import put, rows
from mmfinereason.select.prober import PROBER, Asking, Prober, Row
from mmfinereason.select.rollouts import Rollout
from mmfinereason.select.stakes import Stakes
from mmfinereason.store import Manifest, Plan


def plan(context: Context) -> Plan:
    """The settings that decide the rollouts table. Raises StoreError or RecipeError."""
    recipe = context.recipe
    settings = deciding(recipe.probe)
    if recipe.probe.asks:
        if recipe.models.prober is None:
            raise RecipeError(["probe needs models.prober"], "add it to the recipe, or set probe.take to published")
        prompts = [prompt.label for prompt in Prober.of(context).prompts]
        settings |= {"prober": deciding(recipe.models.prober), "prompts": prompts, "seed": recipe.seed}
    if recipe.probe.judge and judges(context):
        settings |= judging(context)
    if recipe.probe.stop_early:
        stakes.check(recipe.select)
        settings["rules"] = [subset.rule for subset in recipe.select.subsets]
    return Plan(Stage.PROBE.command, settings, upstream(context, Stage.PROBE))


def probe(context: Context, connect: Connect = session) -> Manifest | None:
    """Bring the rollouts table up to date; None while other processes still owe shards of it.

    Raises SettingsChanged, StoreError, RecipeError, EndpointError or BudgetReached.
    """
    table, todo = context.table(Stage.PROBE), plan(context)
    owed = begin(context, table, todo)
    if owed and context.recipe.probe.asks:
        asyncio.run(_ask_all(context, connect, owed))
    else:
        for shard in owed:
            started = time.perf_counter()
            context.progress.shard(put(context, shard, [(row, ()) for row in rows(context, shard)], started))
    return finish(context, table, todo)


async def _ask_all(context: Context, connect: Connect, owed: Sequence[int]) -> None:
    prober = Prober.of(context)
    async with connect(context, PROBER) as client:
        work = partial(_shard, context, prober, client)
        await flow(owed, work, hungry=lambda: client.hungry(PROBER))


async def _shard(context: Context, prober: Prober, client: Client, shard: int) -> None:
    started = time.perf_counter()
    at_stake = _stakes(context, shard) if context.recipe.probe.stop_early else None
    async with journal(context, Stage.PROBE, shard) as book:

        async def one(row: Row) -> tuple[Row, list[Rollout]]:
            rollouts = await prober.ask(Asking(client, book, row), at_stake)
            return row.without_image(), rollouts

        answered = await feed(rows(context, shard, images=True), one, hungry=lambda: client.hungry(PROBER))
    stats = await asyncio.to_thread(put, context, shard, answered, started)  # the audit may ask for algebra
    context.progress.shard(stats)


def _stakes(context: Context, shard: int) -> Stakes:
    stages = [stage for stage in Stage if stage is not Stage.PROBE and context.table(stage).done(shard)]
    return stakes.stakes(context.run, shard, context.recipe.select, context.recipe.probe.rollouts, stages)
