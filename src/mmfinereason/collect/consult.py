"""The step between gathering and settling that asks the cleaner model about what only a model can mend.

Rows whose `needs` say so have their question cleaned or translated, or the short answer found in a long solution. What
cannot be read is asked for once more. A row that still is not in English leaves; any other keeps what the rules made
of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from mmfinereason.collect import cleaner, consulted
from mmfinereason.collect.cleaner import Corrected, Dropped, Kept, Unclear
from mmfinereason.collect.consulted import Change
from mmfinereason.collect.gather import staged_table
from mmfinereason.collect.text import clean_question
from mmfinereason.context import Context
from mmfinereason.execute import flow
from mmfinereason.execute.feed import feed
from mmfinereason.models import Client, Failure, Reply, Request
from mmfinereason.models.prompts import Prompt, Rendered, load
from mmfinereason.models.session import journal, session
from mmfinereason.schema import Reason, Stage
from mmfinereason.store.journal import Journal
from mmfinereason.trace import parse
from mmfinereason.trace.language import foreign

CLEANER = "cleaner"
TRIES = 2
"""Replies asked for until one can be read."""

_COLUMNS = ("question", "options", "original_answer", "needs")


def consult(context: Context) -> None:
    """Ask about every staged shard that was not asked about yet, and keep what was said beside it.

    Raises RecipeError, StoreError, BudgetReached or EndpointError.
    """
    folder = context.run.folder
    prompts = Prompts.of(context)
    owed = [shard for shard in staged_table(context.run).shards() if not folder.exists(consulted.path(shard))]
    if owed:
        asyncio.run(_ask(context, prompts, owed))


@dataclass(frozen=True, slots=True)
class Prompts:
    """The two prompts of the cleaner. A recipe's own prompt file is the one for cleaning."""

    clean: Prompt
    extract: Prompt

    @classmethod
    def of(cls, context: Context) -> Prompts:
        role = context.recipe.models.cleaner
        own = role.prompt[0] if role is not None and role.prompt else "clean"
        return cls(load(own, "clean"), load("extract_answer"))


@dataclass(frozen=True, slots=True)
class _Row:
    """A staged row that needs a model."""

    row: int
    question: str
    options: tuple[str, ...]
    solution: str
    needs: frozenset[str]


async def _ask(context: Context, prompts: Prompts, owed: Sequence[int]) -> None:
    async with session(context, CLEANER) as client:
        work = _Consult(context, client, prompts)
        await flow(owed, work.shard, hungry=work.hungry)


@dataclass(frozen=True)
class _Consult:
    """The work on shards, with what all of them share."""

    context: Context
    client: Client
    prompts: Prompts

    def hungry(self) -> bool:
        return self.client.hungry(CLEANER)

    async def shard(self, shard: int) -> None:
        async with journal(self.context, Stage.COLLECT, shard) as kept:
            rows = await asyncio.to_thread(self._rows, shard)
            changes = await feed(rows, partial(self._change, kept), hungry=self.hungry)
        said = [change for change in changes if change is not None]
        await asyncio.to_thread(consulted.write, self.context.run.folder, shard, said)

    def _rows(self, shard: int) -> list[_Row]:
        staged = staged_table(self.context.run).read(shard, _COLUMNS).to_pylist()
        return [_row(number, values) for number, values in enumerate(staged) if values["needs"]]

    async def _change(self, kept: Journal, row: _Row) -> Change | None:
        """What the model changed, or None where it said nothing that could be used."""
        change: Change | None = None
        if row.needs & {"clean", "translate"}:
            change = await self._clean(kept, row)
        if "answer" in row.needs and (change is None or change.reason is None):
            answer = await self._extract(kept, row)
            if answer is not None:
                change = change or Change(row.row)
                change = replace(change, answer=answer, edits=(*change.edits, "cleaner:answer"))
        return change

    async def _clean(self, kept: Journal, row: _Row) -> Change | None:
        """What becomes of a question; None where the model could not be asked or understood, and the row may stay."""
        rendered = self.prompts.clean.render(**cleaner.cleaning_values(row.question))
        problem = ""
        for attempt in range(TRIES):
            reply = await self._reply(kept, rendered, attempt)
            if isinstance(reply, Failure):
                problem = f"{reply.reason}: {reply.detail}"
                break
            meant = self._meaning(row, cleaner.parse(parse(reply.answer_text).answer_text))
            if isinstance(meant, Change):
                return meant
            problem = meant.detail
        if "translate" in row.needs:
            return _out(row, Reason.NOT_ENGLISH, f"the cleaner model did not translate it: {problem}")
        return None

    def _meaning(self, row: _Row, said: Kept | Corrected | Dropped | Unclear) -> Change | Unclear:
        """What a reply means for a row."""
        match said:
            case Dropped(reason, detail):
                return _out(row, Reason.CLEANER_REJECTED, f"{reason}: {detail}".rstrip(": "))
            case Corrected(error_type, text):
                return self._corrected(row, error_type, text)
            case Kept() if "translate" in row.needs and foreign(row.question):
                return Unclear("it found no problem")
            case Kept():
                return Change(row.row)
            case Unclear():
                return said

    def _corrected(self, row: _Row, error_type: str, text: str) -> Change | Unclear:
        cleaned = clean_question(text, self.context.recipe.collect.text)
        if cleaned.reason is not None:
            return _out(row, cleaned.reason, cleaned.detail)
        if "translate" in cleaned.needs:
            return Unclear("its text is not in English either")
        return Change(row.row, question=cleaned.text, edits=(f"cleaner:{error_type}",))

    async def _extract(self, kept: Journal, row: _Row) -> str | None:
        values: dict[str, Any] = cleaner.extraction_values(row.question, row.options, row.solution)
        reply = await self._reply(kept, self.prompts.extract.render(**values), 0)
        return None if isinstance(reply, Failure) else cleaner.parse_extracted(parse(reply.answer_text).answer_text)

    async def _reply(self, kept: Journal, rendered: Rendered, attempt: int) -> Reply | Failure:
        return await self.client.ask(Request(CLEANER, rendered.text, prompt=rendered.prompt, attempt=attempt), kept)


def _out(row: _Row, reason: Reason, detail: str) -> Change:
    return Change(row.row, reason=reason.value, detail=detail)


def _row(number: int, values: dict[str, Any]) -> _Row:
    options = tuple(values["options"] or ())
    return _Row(number, values["question"], options, values["original_answer"] or "", frozenset(values["needs"]))
