"""A small run on a few rows, in a temporary folder, with the same client and stages as the real one."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pyarrow as pa

from mmfinereason import pipeline
from mmfinereason.context import Context
from mmfinereason.errors import EndpointError
from mmfinereason.models.transport import Transport
from mmfinereason.recipe import Recipe
from mmfinereason.schema import UPSTREAM, Stage
from mmfinereason.store import Plan, Run


@contextmanager
def pilot(context: Context, rows: int, stages: Sequence[Stage]) -> Iterator[Run]:
    """Run `stages`, and what they read, over `rows` rows; the folder is gone afterwards.

    Rows are drawn from the run's samples, or are the first of each source when nothing was collected yet. Raises
    EndpointError when a role that is needed does not answer, and what the stages raise.
    """
    wanted = [stage for stage in Stage if stage in _with_upstream(stages)]
    asyncio.run(_all_answer(context.recipe, wanted))
    with tempfile.TemporaryDirectory(prefix="mmfr-pilot-") as folder:
        drawn = context.table(Stage.COLLECT).manifest() is not None
        recipe = context.recipe if drawn else _limited(pipeline.pin_sources(context.recipe), rows)
        small = replace(context, run=Run(folder), recipe=recipe.model_copy(update={"run": folder}), only=None)
        if drawn:
            _draw(context, small, rows)
        pipeline.run(small, [stage for stage in wanted if not (drawn and stage is Stage.COLLECT)])
        yield small.run


def _with_upstream(stages: Sequence[Stage]) -> set[Stage]:
    """The stages and what they read, but captions: no model reads them."""
    read = {up for stage in stages for up in UPSTREAM[stage]}
    return set(stages) | _with_upstream(sorted(read)) if read else set(stages)


def _limited(recipe: Recipe, rows: int) -> Recipe:
    each = -(-rows // len(recipe.sources))
    sources = [one.model_copy(update={"limit": min(each, one.limit or each)}) for one in recipe.sources]
    return recipe.model_copy(update={"sources": sources})


def _draw(context: Context, small: Context, rows: int) -> None:
    """Put rows drawn evenly from the run's samples into the small run, in their order."""
    samples = context.table(Stage.COLLECT)
    counts = {shard: samples.stats(shard).rows for shard in samples.shards()}
    total = sum(counts.values())
    picks = np.sort(np.random.default_rng(context.recipe.seed).choice(total, min(rows, total), replace=False))
    drawn, first = [], 0
    for shard, count in counts.items():
        here = picks[(picks >= first) & (picks < first + count)] - first
        if len(here):
            drawn.append(samples.read(shard).take(here))
        first += count
    table, plan = small.table(Stage.COLLECT), Plan(Stage.COLLECT.command, {"pilot": rows})
    table.begin(plan, "")
    table.write(0, pa.concat_tables(drawn))
    table.finish(plan)


async def _all_answer(recipe: Recipe, stages: Sequence[Stage]) -> None:
    """Raise EndpointError unless each role that will be asked has an endpoint that answers."""
    asked = {role for stage in stages for role in roles_of(recipe, stage)}
    async with Transport() as transport:
        for name, role in recipe.models.roles().items():
            if name not in asked or role.lab is not None:
                continue
            faults = [await transport.probe(endpoint.url, {}) for endpoint in role.endpoints]
            if all(faults):
                told = f"no endpoint of the {name} answers: {role.endpoints[0].url}: {faults[0]}"
                raise EndpointError(told, "start it, or look closer with mmfr doctor RECIPE")


def roles_of(recipe: Recipe, stage: Stage) -> list[str]:
    """Names of the roles that a stage of this recipe asks."""
    if stage is Stage.COLLECT:
        wanted: tuple[str, ...] = ("cleaner",)
    else:
        step = pipeline.STEPS[stage]
        wanted = () if step.missing(recipe) else step.roles
    if recipe.verify.undecided != "judge" and stage is Stage.VERIFY:
        wanted = ()
    return [name for name in recipe.models.roles() if name.partition("-")[0] in wanted]
