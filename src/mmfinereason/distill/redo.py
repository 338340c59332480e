"""Ask again for the traces that failed in a certain way, and for nothing else.

`mmfr distill recipe.yaml --redo truncated --set teacher.max_tokens=32768` sends just the truncated ones again, with
more tokens; every other trace stays as it is. Earlier attempts are kept beside the new ones. A redo that is cut short
goes on where it stopped when the same command is given again.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from mmfinereason.context import Context
from mmfinereason.distill.asking import CLASSES, GIVEN_UP, TEACHER
from mmfinereason.distill.attempts import Attempt
from mmfinereason.distill.history import Redo, amended, history, remember
from mmfinereason.distill.rows import Row, rows
from mmfinereason.distill.traces import Distill, asker_of, plan, put, reject_of
from mmfinereason.errors import MmfrError, StoreError
from mmfinereason.execute import flow
from mmfinereason.execute.books import finish
from mmfinereason.execute.feed import feed
from mmfinereason.models.session import journal, session
from mmfinereason.schema import Reason, Stage
from mmfinereason.store import Manifest, Reject, Table
from mmfinereason.store.journal import Journal
from mmfinereason.store.manifest import total

FIGURE = "redone"
"""The figure in a shard's books that says how many redos went over it."""


def reasons(text: str) -> frozenset[Reason]:
    """Reasons from a comma-separated list. Raises MmfrError for an unknown one."""
    known = [reason.value for reason in (*CLASSES, *GIVEN_UP)]
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"reasons are {', '.join(known)}"
            raise MmfrError(f"--redo: traces do not fail with {name!r}", hint)
    return frozenset(map(Reason, names))


def redo(context: Context, classes: Collection[Reason]) -> Manifest | None:
    """Ask again for every candidate whose last attempt failed with one of `classes`, with the recipe as it is now.

    With `--shards` the table stays unfinished: a start without it does what is left and finishes it.

    Raises StoreError when the traces table is not there, and whatever the distill stage raises.
    """
    table = context.table(Stage.DISTILL)
    known = table.plan()
    if known is None or len(table.shards()) < len(context.table(Stage.COLLECT).shards()):
        raise StoreError("the traces are not complete, so there is nothing to redo yet", "mmfr distill RECIPE")
    redos = _with_this(context, table, classes)
    base = replace(known, settings={name: value for name, value in known.settings.items() if name != "redone"})
    todo = amended(base, redos)
    remember(table, redos)
    table.amend(todo)
    context.progress.begin("distill", shards=len(table.shards()), rows=None, done=total([]))
    asyncio.run(_ask(context, classes, len(redos)))
    if context.only is not None:  # the other shards are still to come, in this same redo
        return None
    remember(table, [*redos[:-1], replace(redos[-1], finished=True)])
    return finish(context, table, todo)


def _with_this(context: Context, table: Table, classes: Collection[Reason]) -> list[Redo]:
    """The table's redos with this one last: a new one, or the same that was cut short."""
    settings = plan(context, asker_of(context)).settings
    this = Redo(tuple(sorted(classes)), settings)
    redos = history(table)
    return redos if redos and redos[-1] == this else [*redos, this]


async def _ask(context: Context, classes: Collection[Reason], number: int) -> None:
    table = context.table(Stage.DISTILL)
    async with session(context, TEACHER) as client:
        work = _Again(Distill(context, client, asker_of(context)), table, frozenset(classes), number)
        shards = [shard for shard in table.shards() if context.only is None or shard in context.only]
        owed = [shard for shard in shards if table.stats(shard).figures.get(FIGURE, 0) < number]
        await flow(owed, work.shard, hungry=work.distill.hungry)


@dataclass(frozen=True)
class _Again:
    """The work on shards of a redo."""

    distill: Distill
    table: Table
    classes: frozenset[Reason]
    number: int

    async def shard(self, shard: int) -> None:
        started = time.perf_counter()
        context = self.distill.context
        before = await asyncio.to_thread(self._attempts, shard)
        owed = {id for id, attempts in before.items() if any(map(self._failed, attempts))}
        if not owed:
            return
        picked = (row for row in rows(context.table(Stage.COLLECT), shard) if row.id in owed)
        async with journal(context, Stage.DISTILL, shard) as kept:

            async def one(row: Row) -> tuple[Row, list[Attempt]]:
                return row, await self._row(row, before[row.id], kept)

            after = {row.id: (row, attempts) for row, attempts in await feed(picked, one, hungry=self.distill.hungry)}
        attempts = [one for id in before for one in (after[id][1] if id in after else before[id])]
        rejects = self._rejects(shard, after)
        seconds = self.table.stats(shard).seconds + time.perf_counter() - started
        await put(context, shard, attempts, rejects, seconds, **{FIGURE: self.number})

    def _attempts(self, shard: int) -> dict[str, list[Attempt]]:
        """All attempts of a shard by row."""
        found: dict[str, list[Attempt]] = defaultdict(list)
        for row in self.table.read(shard).to_pylist():
            found[row["id"]].append(Attempt(**row | {"flags": tuple(row["flags"])}))
        return found

    def _failed(self, attempt: Attempt) -> bool:
        return attempt.last and attempt.status in self.classes

    async def _row(self, row: Row, before: Sequence[Attempt], kept: Journal) -> list[Attempt]:
        """The attempts of a row, with new ones for each candidate that failed."""
        after = []
        for candidate in sorted({attempt.candidate for attempt in before}):
            mine = [attempt for attempt in before if attempt.candidate == candidate]
            if any(map(self._failed, mine)):
                new = await self.distill.candidate(row, candidate, kept, first=len(mine))
                mine = [*(replace(attempt, last=False) for attempt in mine), *new]
            after += mine
        return after

    def _rejects(self, shard: int, after: dict[str, tuple[Row, list[Attempt]]]) -> list[Reject]:
        """Rejects of rows that were left alone, and of those that failed again."""
        old = self.table.rejects(shard).to_pylist()
        kept = [
            Reject(one["id"], Reason(one["reason"]), one["detail"], one["source"], one["origin"], one["question"])
            for one in old
            if one["id"] not in after
        ]
        return kept + [reject for row, attempts in after.values() if (reject := reject_of(row, attempts)) is not None]
