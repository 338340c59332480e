"""The caption stage: one dense caption for every distinct image, however many questions share it.

Within a shard an image is asked for once. An image that occurs in several shards belongs to the first of them: that one
asks and journals, the others wait for its result, so that a start after a crash finds every paid caption again. The
captioner sees the image alone.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from mmfinereason.context import Context
from mmfinereason.distill.rows import Row, rows
from mmfinereason.errors import RecipeError
from mmfinereason.execute import flow
from mmfinereason.execute.books import begin, finish, upstream
from mmfinereason.execute.feed import feed
from mmfinereason.models import Client, Failure, Reply, Request
from mmfinereason.models.prompts import Prompt, load
from mmfinereason.models.session import journal, session
from mmfinereason.recipe import deciding
from mmfinereason.recipe.distill import CaptionSettings
from mmfinereason.recipe.models import RoleSettings
from mmfinereason.schema import Reason, Stage
from mmfinereason.store import Manifest, Plan
from mmfinereason.store.journal import Journal
from mmfinereason.trace import parse, parse_caption, repetition

CAPTIONER = "captioner"
OK = "ok"


def caption(context: Context) -> Manifest | None:
    """Bring the captions table up to date; None while other processes still owe shards of it.

    Raises RecipeError, StoreError, SettingsChanged, BudgetReached or EndpointError.
    """
    role = context.recipe.models.captioner
    if role is None:
        raise RecipeError(["caption needs a captioner"], "add models.captioner to the recipe")
    prompts = [load(name, "caption") for name in role.prompt or ["caption"]]
    table = context.table(Stage.CAPTION)
    todo = plan(context, role, prompts)
    owed = begin(context, table, todo)
    if owed:
        asyncio.run(_ask(context, prompts, owed))
    return finish(context, table, todo)


def plan(context: Context, role: RoleSettings, prompts: Sequence[Prompt]) -> Plan:
    """The settings that decide the captions table."""
    return Plan(
        stage=Stage.CAPTION.command,
        settings={
            "seed": context.recipe.seed,
            "caption": deciding(context.recipe.caption),
            "captioner": deciding(role),
            "prompts": [prompt.label for prompt in prompts],
        },
        upstream=upstream(context, Stage.CAPTION),
    )


async def _ask(context: Context, prompts: Sequence[Prompt], owed: Sequence[int]) -> None:
    shared = await asyncio.to_thread(Shared.among, context)
    async with session(context, CAPTIONER) as client:
        work = _Captions(context, client, prompts, shared)
        await flow(owed, work.shard, hungry=work.hungry)


@dataclass(frozen=True, slots=True)
class Record:
    """What the captions table holds of an image; its fields are the columns but `id`."""

    image_sha256: str
    status: str
    detail: str
    model: str
    endpoint: str
    prompt: str
    cost: float
    request_key: str
    caption: str | None = None
    category: str | None = None
    known_category: bool | None = None
    sections: tuple[str, ...] = ()
    words: int | None = None
    finish_reason: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    latency: float | None = None
    raw: str | None = None


def record(image: str, outcome: Reply | Failure, settings: CaptionSettings) -> Record:
    """What an outcome amounts to, with its fault if it has one."""
    common = Record(
        image_sha256=image,
        status=OK,
        detail="",
        model=outcome.model,
        endpoint=outcome.endpoint,
        prompt=outcome.prompt,
        cost=outcome.cost,
        request_key=outcome.key,
    )
    if isinstance(outcome, Failure):
        return replace(common, status=outcome.reason.value, detail=outcome.detail)
    text = parse(outcome.answer_text, outcome.reasoning).answer_text
    found = parse_caption(text)
    fault = _fault(text, outcome.finish_reason, settings)
    return replace(
        common,
        status=fault[0].value if fault else OK,
        detail=fault[1] if fault else "",
        caption=text,
        category=found.category,
        known_category=found.known,
        sections=found.sections,
        words=found.words,
        finish_reason=outcome.finish_reason,
        prompt_tokens=outcome.prompt_tokens,
        completion_tokens=outcome.completion_tokens,
        latency=outcome.latency,
        raw=outcome.raw,
    )


def _fault(text: str, finish_reason: str, settings: CaptionSettings) -> tuple[Reason, str] | None:
    found = parse_caption(text)
    if repeat := repetition(text):
        return Reason.REPETITION, f"50 words occur {repeat.count} times"
    if finish_reason == "length":
        return Reason.TRUNCATED, "the caption ended at its token limit"
    if found.category is None:
        return Reason.TEMPLATE, "no category"
    if found.words < settings.min_words:
        return Reason.TOO_SHORT, f"{found.words} words, fewer than {settings.min_words}"
    return None


@dataclass(slots=True)
class Shared:
    """Images that occur in several shards: which shard asks for each, and the records that the others wait for."""

    owner: Mapping[str, int]
    known: dict[str, Record] = field(default_factory=dict)
    waiting: dict[str, asyncio.Future[Record]] = field(default_factory=dict)

    @classmethod
    def among(cls, context: Context) -> Shared:
        """Find them by reading the image hashes of all shards that this process may work on."""
        samples = context.table(Stage.COLLECT)
        first: dict[str, int] = {}
        owner: dict[str, int] = {}
        for shard in samples.shards():
            if context.only is None or shard in context.only:
                for image in samples.read(shard, ["image_sha256"]).column(0).unique().to_pylist():
                    if first.setdefault(image, shard) != shard:
                        owner[image] = first[image]
        return cls(owner, _recalled(context, owner))

    async def wait(self, image: str) -> Record:
        """The record of an image that another shard asks for."""
        if image in self.known:
            return self.known[image]
        return await self.waiting.setdefault(image, asyncio.get_running_loop().create_future())

    def tell(self, record: Record) -> None:
        """Give an owned image's record to whoever waits for it."""
        if record.image_sha256 in self.owner:
            self.known[record.image_sha256] = record
            if (future := self.waiting.get(record.image_sha256)) is not None and not future.done():
                future.set_result(record)


def _recalled(context: Context, owner: Mapping[str, int]) -> dict[str, Record]:
    """Records of shared images from their owners' finished shards."""
    table = context.table(Stage.CAPTION)
    known: dict[str, Record] = {}
    for shard in set(owner.values()).intersection(table.shards()):
        for row in table.read(shard).drop_columns("id").to_pylist():
            if owner.get(row["image_sha256"]) == shard:
                known.setdefault(row["image_sha256"], Record(**row | {"sections": tuple(row["sections"])}))
    return known


@dataclass(frozen=True)
class _Captions:
    """The work on shards, with what all of them share."""

    context: Context
    client: Client
    prompts: Sequence[Prompt]
    shared: Shared

    def hungry(self) -> bool:
        return self.client.hungry(CAPTIONER)

    async def shard(self, shard: int) -> None:
        """Caption every image of a shard and put it in place."""
        started = time.perf_counter()
        asked: dict[str, asyncio.Future[Record]] = {}
        async with journal(self.context, Stage.CAPTION, shard) as kept:

            async def one(row: Row) -> dict[str, Any]:
                image = row.image_sha256
                mine = self.shared.owner.get(image, shard) == shard
                if mine and image not in asked:
                    asked[image] = asyncio.get_running_loop().create_future()
                    asked[image].set_result(await self._image(row, kept))
                    self.shared.tell(asked[image].result())
                    return {"id": row.id} | asdict(asked[image].result())
                found = await (asked[image] if mine else self.shared.wait(image))
                return {"id": row.id} | asdict(replace(found, cost=0.0, latency=None))

            samples = self.context.table(Stage.COLLECT)
            records = await feed(rows(samples, shard), one, hungry=self.hungry)
        await self._put(shard, records, len(asked), time.perf_counter() - started)

    async def _image(self, row: Row, kept: Journal) -> Record:
        """The caption of an image, asked for again while it has a fault that another try may mend."""
        settings = self.context.recipe.caption
        cost = 0.0
        for attempt in range(settings.retries + 1):
            rendered = self.prompts[attempt % len(self.prompts)].render()
            request = Request(
                CAPTIONER,
                rendered.text,
                image=row.image,
                image_sha256=row.image_sha256,
                prompt=rendered.prompt,
                attempt=attempt,
            )
            outcome = await self.client.ask(request, kept)
            cost += outcome.cost
            found = replace(record(row.image_sha256, outcome, settings), cost=cost)
            if found.status == OK or isinstance(outcome, Failure):
                break
        return found

    async def _put(self, shard: int, records: list[dict[str, Any]], images: int, seconds: float) -> None:
        figures = {
            "images": images,
            "captioned": sum(one["status"] == OK for one in records),
            "cost": sum(one["cost"] for one in records),
        }
        table = self.context.table(Stage.CAPTION)
        stats = await asyncio.to_thread(table.write, shard, records, seconds=seconds, figures=figures)
        self.context.progress.shard(stats)
