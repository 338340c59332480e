"""The distill stage: `candidates` traces of every row, each attempt kept, rows without a good one rejected.

The teacher gets the image and the question. A shard that was cut short is begun again: its journal answers what was
asked before, and since a try depends only on the tries before it, the same requests come up.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from mmfinereason.context import Context
from mmfinereason.distill.asking import TEACHER, Asker
from mmfinereason.distill.attempts import Attempt, Books, Judging, reject
from mmfinereason.distill.history import redone
from mmfinereason.distill.rows import Row, rows
from mmfinereason.errors import RecipeError
from mmfinereason.execute import flow
from mmfinereason.execute.books import begin, finish, upstream
from mmfinereason.execute.feed import feed
from mmfinereason.models import Client, Failure
from mmfinereason.models.session import journal, session
from mmfinereason.recipe import deciding
from mmfinereason.recipe.distill import DistillSettings
from mmfinereason.recipe.models import RoleSettings
from mmfinereason.schema import Stage
from mmfinereason.store import Manifest, Plan, Reject
from mmfinereason.store.journal import Journal

QUESTION_IN_REJECTS = 2000
"""Characters of a question that its reject keeps."""


def distill(context: Context) -> Manifest | None:
    """Bring the traces table up to date; None while other processes still owe shards of it.

    Raises RecipeError, StoreError, SettingsChanged, BudgetReached or EndpointError.
    """
    asker = asker_of(context)
    table = context.table(Stage.DISTILL)
    todo = redone(table, plan(context, asker))
    owed = begin(context, table, todo)
    if owed:
        asyncio.run(_ask(context, asker, owed))
    return finish(context, table, todo)


def asker_of(context: Context) -> Asker:
    """How traces are asked for. Raises RecipeError when the recipe names no teacher or a prompt is wrong."""
    return Asker.of(teacher(context), context.recipe.distill.retry)


def teacher(context: Context) -> RoleSettings:
    role = context.recipe.models.teacher
    if role is None:
        raise RecipeError(["distill needs a teacher"], "add models.teacher to the recipe")
    return role


def plan(context: Context, asker: Asker) -> Plan:
    """The settings that decide the traces table."""
    return Plan(
        stage=Stage.DISTILL.command,
        settings={
            "seed": context.recipe.seed,
            "distill": deciding(context.recipe.distill),
            "teacher": deciding(asker.role),
            "prompts": [prompt.label for prompt in (*asker.prompts, asker.reminder)],
        },
        upstream=upstream(context, Stage.DISTILL),
    )


async def _ask(context: Context, asker: Asker, owed: Sequence[int]) -> None:
    async with session(context, TEACHER) as client:
        work = Distill(context, client, asker)
        await flow(owed, work.shard, hungry=work.hungry)


@dataclass(frozen=True)
class Distill:
    """The work on shards, with what all of them share."""

    context: Context
    client: Client
    asker: Asker

    @property
    def settings(self) -> DistillSettings:
        return self.context.recipe.distill

    def hungry(self) -> bool:
        return self.client.hungry(TEACHER)

    async def shard(self, shard: int) -> None:
        """Ask for all traces of a shard and put it in place."""
        started = time.perf_counter()
        samples = self.context.table(Stage.COLLECT)
        async with journal(self.context, Stage.DISTILL, shard) as kept:

            async def one(row: Row) -> tuple[list[Attempt], Reject | None]:
                attempts = await self.row(row, kept)
                return attempts, reject_of(row, attempts)

            results = await feed(rows(samples, shard), one, hungry=self.hungry)
        attempts = [attempt for some, _ in results for attempt in some]
        rejects = [one for _, one in results if one is not None]
        await put(self.context, shard, attempts, rejects, time.perf_counter() - started)

    async def row(self, row: Row, kept: Journal) -> list[Attempt]:
        """Every attempt at every candidate of a row."""
        async with asyncio.TaskGroup() as group:
            numbers = range(self.settings.candidates)
            candidates = [group.create_task(self.candidate(row, number, kept)) for number in numbers]
        return [attempt for candidate in candidates for attempt in candidate.result()]

    async def candidate(self, row: Row, candidate: int, kept: Journal, first: int = 0) -> list[Attempt]:
        """Attempts at one candidate, numbered from `first`, until one is good or may not be tried again."""
        exempt = not row.fixed_answer or row.source in self.settings.screen.answer_tag_exempt
        judging = Judging(self.settings, exempt)
        attempts: list[Attempt] = []
        failed: Counter[str] = Counter()
        while True:
            request = self.asker.request(row, candidate, first + len(attempts), failed)
            outcome = await self.client.ask(request, kept)
            attempts.append(judging.attempt(outcome, row.id, candidate, first + len(attempts)))
            given_up = isinstance(outcome, Failure)  # the client has tried it more than once
            if given_up or attempts[-1].good or not self.asker.again(attempts[-1].status, failed):
                return [*attempts[:-1], replace(attempts[-1], last=True)]


def reject_of(row: Row, attempts: Sequence[Attempt]) -> Reject | None:
    question = row.question[:QUESTION_IN_REJECTS]
    return reject(attempts, source=row.source, origin=row.origin, question=question)


async def put(
    context: Context,
    shard: int,
    attempts: Sequence[Attempt],
    rejects: Sequence[Reject],
    seconds: float,
    **more: float,
) -> None:
    """Put a shard of the traces table in place, with its books."""
    books = Books()
    for attempt in attempts:
        books.add(attempt)
    figures: dict[str, Any] = dict(books.figures) | more
    table = context.table(Stage.DISTILL)
    records = [attempt.as_row() for attempt in attempts]
    stats = await asyncio.to_thread(table.write, shard, records, rejects, seconds=seconds, figures=figures)
    context.progress.shard(stats)
