"""The verify stage: does the answer of each trace agree with the reference?

Rules come first, shard by shard in worker processes: they are free. What they leave undecided goes to the judge models,
or to the verdict the source was published with, as the recipe says. Replies of judges are journalled, so a run that
changes only a tolerance asks only about pairs it never asked about.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from mmfinereason.context import Context
from mmfinereason.execute import Attempt, flow, map_tasks
from mmfinereason.execute.books import begin, finish, upstream
from mmfinereason.models import Client
from mmfinereason.models.session import journal, session
from mmfinereason.recipe import deciding
from mmfinereason.recipe.select import VerifySettings
from mmfinereason.schema import Stage
from mmfinereason.select.candidates import Candidate, candidates, choose
from mmfinereason.select.judging import Connect, Judges, judges, judging
from mmfinereason.select.rulings import Ruling, by_published, rule
from mmfinereason.store import Manifest, Plan, Run, ShardStats, Table


def plan(context: Context) -> Plan:
    """The settings that decide the verdicts table. Raises StoreError when traces are missing."""
    settings = deciding(context.recipe.verify)
    if _asks(context):
        settings |= judging(context)
    return Plan(Stage.VERIFY.command, settings, upstream(context, Stage.VERIFY))


def verify(context: Context, connect: Connect = session) -> Manifest | None:
    """Bring the verdicts table up to date; None while other processes still owe shards of it.

    Raises SettingsChanged, StoreError, WorkerError, EndpointError or BudgetReached.
    """
    table, todo = context.table(Stage.VERIFY), plan(context)
    owed = begin(context, table, todo)
    asks = _asks(context)
    staged = ruled_table(context.run)
    ready = set(staged.shards())
    work = _Rules(context.run.url, context.recipe.verify, settle=not asks)
    for _, stats in map_tasks(work, [one for one in owed if one not in ready], workers=context.workers, name=_name):
        if not asks:
            context.progress.shard(stats)
    if asks and owed:
        asyncio.run(_judge_all(context, connect, owed))
    manifest = finish(context, table, todo)
    if manifest is not None:
        context.run.folder.remove(staged.name)
    return manifest


def _asks(context: Context) -> bool:
    return context.recipe.verify.undecided == "judge" and bool(judges(context))


def _name(shard: int) -> str:
    return f"verifying shard {shard}"


def ruled_table(run: Run) -> Table:
    """Where shards wait between the rules and the judge."""
    return Table(run.folder, Stage.VERIFY, f"{Stage.VERIFY.value}/ruled")


@dataclass(frozen=True)
class _Rules:
    """The rules over one shard, in a worker process."""

    run_url: str
    settings: VerifySettings
    settle: bool
    """Whether the rules have the last word, so that the shard is finished here."""

    def __call__(self, shard: int, attempt: Attempt) -> ShardStats:
        started = time.perf_counter()
        run = Run(self.run_url)
        rows = candidates(run, shard, published=self.settings.undecided == "published")
        rulings = [self._rule(row, position, attempt) for position, row in enumerate(rows)]
        table = run.table(Stage.VERIFY) if self.settle else ruled_table(run)
        return put(table, shard, rows, rulings, self.settings, time.perf_counter() - started)

    def _rule(self, row: Candidate, position: int, attempt: Attempt) -> Ruling:
        if row.status != "ok":
            return Ruling("no_trace", "none", row.status)
        if position in attempt.skip:
            return Ruling("undecided", "none", "comparing this answer killed the worker twice")
        attempt.at(position)
        ruling = rule(row.asked, row.answer_text, self.settings.tolerance.to_tolerance())
        if ruling.outcome == "undecided" and row.published is not None:
            return by_published(ruling, row.published)
        return ruling


async def _judge_all(context: Context, connect: Connect, owed: Sequence[int]) -> None:
    names = judges(context)
    deciding_judges = Judges.of(context)
    async with connect(context, names[0]) as client:
        work = partial(_judge, context, deciding_judges, client)
        await flow(owed, work, hungry=lambda: client.hungry(names[0]))


async def _judge(context: Context, judges: Judges, client: Client, shard: int) -> None:
    """Take a shard from where the rules left it to its place."""
    started = time.perf_counter()
    table = context.table(Stage.VERIFY)
    rows = await asyncio.to_thread(candidates, context.run, shard)
    ruled = [_ruling(row) for row in ruled_table(context.run).read(shard).to_pylist()]
    async with journal(context, Stage.VERIFY, shard) as book:

        async def decide(row: Candidate, ruling: Ruling) -> Ruling:
            if ruling.outcome != "undecided":
                return ruling
            return await judges.decide(client, book, row.asked, ruling, row.answer_text)

        rulings = await asyncio.gather(*(decide(*pair) for pair in zip(rows, ruled, strict=True)))
    seconds = time.perf_counter() - started
    context.progress.shard(await asyncio.to_thread(put, table, shard, rows, rulings, context.recipe.verify, seconds))


def put(
    table: Table,
    shard: int,
    rows: Sequence[Candidate],
    rulings: Sequence[Ruling],
    settings: VerifySettings,
    seconds: float,
) -> ShardStats:
    """Write a shard of verdicts: one row a candidate, the chosen ones marked."""
    chosen = choose(rows, rulings, settings.prefer)
    records = [
        _record(row, ruling, chosen=position in chosen)
        for position, (row, ruling) in enumerate(zip(rows, rulings, strict=True))
    ]
    return table.write(shard, records, seconds=seconds, figures=_figures(rulings))


def _record(row: Candidate, ruling: Ruling, chosen: bool) -> dict[str, Any]:
    return {
        "id": row.id,
        "candidate": row.candidate,
        "chosen": chosen,
        "extracted_answer": ruling.answer,
        "extraction": ruling.extraction,
        "outcome": ruling.outcome,
        "method": ruling.method,
        "detail": ruling.detail,
        "is_consistent": ruling.is_consistent,
        "consistency_analysis": ruling.analysis,
        "judge_calls": ruling.judge_calls,
        "cost": ruling.cost,
    }


def _ruling(record: dict[str, Any]) -> Ruling:
    return Ruling(
        record["outcome"],
        record["method"],
        record["detail"],
        record["extracted_answer"],
        record["extraction"],
        record["consistency_analysis"],
    )


def _figures(rulings: Sequence[Ruling]) -> dict[str, float]:
    counts = Counter(ruling.outcome for ruling in rulings)
    calls, cost = sum(ruling.judge_calls for ruling in rulings), sum(ruling.cost for ruling in rulings)
    return {**counts, "judge_calls": calls, "cost": cost}
