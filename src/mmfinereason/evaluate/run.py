"""One model on one benchmark: ask every item, grade every reply, keep it all.

The client's journal makes it resumable: a second start sends nothing that was answered, and a later version of the
rules grades the same replies anew. Results lie in `<folder>/<model>/<benchmark>/`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from mmfinereason.context import Context
from mmfinereason.errors import RecipeError, SettingsChanged, SourceError
from mmfinereason.evaluate import form, simulated
from mmfinereason.evaluate.grade import Verifier
from mmfinereason.evaluate.items import Benchmark, Item, LeftOut
from mmfinereason.evaluate.result import FILE, JOURNAL, PLAN, TABLE, Result, result
from mmfinereason.evaluate.table import Answered, as_table
from mmfinereason.execute.feed import feed
from mmfinereason.models import Client, Request
from mmfinereason.models.prompts import Prompt
from mmfinereason.models.session import spent
from mmfinereason.recipe import deciding
from mmfinereason.recipe.evaluate import AboutModel
from mmfinereason.recipe.models import RoleSettings
from mmfinereason.store import Folder, Plan, ShardStats, write_parquet
from mmfinereason.store.journal import Journal, tally_of
from mmfinereason.store.manifest import changed_keys

STUDENT = "student"
"""The role that evaluated models are asked in, whatever they are called: budgets of `models.student` hold for all."""
LOOK_EVERY = 1.0


@dataclass(frozen=True)
class Overlaps:
    """Items that were found in a training run, and items only suspected to be there: item id to the evidence."""

    run: str
    found: Mapping[str, str] = field(default_factory=dict)
    suspected: Mapping[str, str] = field(default_factory=dict)


def models(context: Context) -> dict[str, RoleSettings]:
    """The models to evaluate, by name, with Table 10's sampling where they have none. Raises RecipeError."""
    settings, student = context.recipe.evaluate, context.recipe.models.student
    named = ({STUDENT: student} if student else {}) | settings.models
    if not named:
        raise RecipeError(["there is no model to evaluate"], "add models.student, or models under evaluate.models")
    return {name: settings.sampled(role) for name, role in named.items()}


def results_folder(context: Context) -> str:
    """Where the recipe's evaluations go."""
    return context.recipe.evaluate.folder or f"{context.run.url}/evaluations"


def evaluate(
    context: Context, name: str, benchmark: Benchmark, *, overlaps: Overlaps | None = None, redo: bool = False
) -> Result:
    """Evaluate the model called `name` on a benchmark and write its table and result.

    `redo` forgets results that were made with other settings; replies that still fit are not asked for again. Raises
    SettingsChanged when there are such results, SourceError when the benchmark has no items, and what `Client.ask`
    raises.
    """
    role = models(context)[name]
    folder = Folder(f"{results_folder(context)}/{name}/{benchmark.name}")
    prompt = form.own_prompt(role, context.recipe.export)
    settings = _settings(context, role, benchmark, prompt)
    what = f"{name} on {benchmark.name}"
    _begin(folder, settings, what, redo)
    asking = _Asking(context, what, role, benchmark, prompt, folder, overlaps or Overlaps(""))
    answered, left_out = asyncio.run(_ask_all(asking))
    if not answered:
        raise SourceError(f"benchmark {benchmark.name} has no item that can be asked: {benchmark.where}", None)
    facts = {
        "model": name,
        "benchmark": benchmark.name,
        "paper": benchmark.paper,
        "rule": benchmark.rule,
        "expected": benchmark.expected if benchmark.limit is None else None,
        "about": context.recipe.evaluate.about.get(name, AboutModel()),
        "settings": settings,
    }
    made = result(
        answered,
        left_out,
        facts,
        draws=context.recipe.evaluate.draws,
        seed=context.recipe.seed,
        train_run=overlaps.run if overlaps else None,
    )
    write_parquet(folder, TABLE, as_table(answered))
    folder.write(FILE, made.model_dump_json(indent=2).encode())
    return made


def _settings(context: Context, role: RoleSettings, benchmark: Benchmark, prompt: Prompt | None) -> dict[str, Any]:
    """What decides the number."""
    chosen = context.recipe.evaluate
    judges = context.recipe.models.judge if chosen.judge else []
    return {
        "model": deciding(role),
        "prompt": form.label(prompt),
        "system_prompt": None,
        "benchmark": {"name": benchmark.name, "rule": benchmark.rule, "limit": benchmark.limit},
        "verifier": {
            "tolerance": deciding(chosen.tolerance),
            "judges": [deciding(judge) for judge in judges],
            "dialect": chosen.dialect if judges else None,
        },
        "seed": context.recipe.seed,
    }


def _begin(folder: Folder, settings: dict[str, Any], what: str, redo: bool) -> None:
    """Refuse to mix results of different settings."""
    plan = Plan("evaluate", settings)
    if folder.exists(PLAN) and not redo:
        known = Plan.from_json(folder.read(PLAN))
        if known.fingerprint != plan.fingerprint:
            changed = changed_keys(known.settings, plan.settings)
            next_step = "mmfr evaluate RECIPE --redo replaces them; or give the model another name in evaluate.models"
            raise SettingsChanged(f"evaluate: {what}", changed, next_step)
    folder.sweep("")
    folder.remove(FILE)
    folder.write(PLAN, plan.to_json())


@dataclass(frozen=True)
class _Asking:
    """One evaluation under way."""

    context: Context
    what: str
    role: RoleSettings
    benchmark: Benchmark
    prompt: Prompt | None
    folder: Folder
    overlaps: Overlaps

    @property
    def journal(self) -> Journal:
        return Journal(self.folder.filesystem, self.folder.path(JOURNAL))

    @property
    def judges(self) -> dict[str, RoleSettings]:
        if not self.context.recipe.evaluate.judge:
            return {}
        roles = self.context.recipe.models.roles()
        return {name: role for name, role in roles.items() if name.partition("-")[0] == "judge"}


async def _ask_all(asking: _Asking) -> tuple[list[Answered], list[LeftOut]]:
    progress = asking.context.progress
    progress.begin(asking.what, shards=None, rows=None, done=ShardStats(rows=0, rejects={}, seconds=0.0))
    chosen = asking.context.recipe.evaluate
    left_out: list[LeftOut] = []
    verifier = Verifier(chosen.tolerance.to_tolerance(), tuple(asking.judges), chosen.dialect)
    with _served(asking) as roles:
        async with _client(asking, roles) as client, asking.journal as journal, _watched(asking, client):
            answered = await feed(
                _items(asking.benchmark, left_out),
                partial(_one, asking, verifier, client, journal),
                hungry=lambda: client.hungry(STUDENT),
            )
    progress.shard(ShardStats(rows=len(answered), rejects=dict(Counter(one.reason for one in left_out)), seconds=0.0))
    progress.end(asking.what)
    return answered, left_out


def _items(benchmark: Benchmark, left_out: list[LeftOut]) -> Iterator[Item]:
    """What can be asked. Of two items with one id the first is: they would be taken for variants of one question."""
    seen: set[str] = set()
    for item in benchmark.items():
        if isinstance(item, LeftOut):
            left_out.append(item)
        elif item.id in seen:
            left_out.append(LeftOut(item.id, "duplicate_id"))
        else:
            seen.add(item.id)
            yield item


async def _one(asking: _Asking, verifier: Verifier, client: Client, journal: Journal, item: Item) -> Answered:
    rendered = form.render(item, asking.prompt)
    sha256 = hashlib.sha256(item.image).hexdigest()
    request = Request(STUDENT, rendered.text, image=item.image, image_sha256=sha256, prompt=rendered.prompt)
    said = await client.ask(request, journal)
    grade = await verifier.grade(item, said, client, journal)
    seen, alike = asking.overlaps.found.get(item.id), asking.overlaps.suspected.get(item.id)
    kept = replace(item, image=b"")  # thousands of images would fill the memory
    return Answered(kept, sha256, rendered.text, rendered.prompt, said, grade, seen, alike)


@contextmanager
def _served(asking: _Asking) -> Iterator[dict[str, RoleSettings]]:
    """The roles, with a lab server running where the recipe has one."""
    with simulated.served({STUDENT: asking.role, **asking.judges}, asking.benchmark) as roles:
        yield roles


@asynccontextmanager
async def _client(asking: _Asking, roles: Mapping[str, RoleSettings]) -> AsyncIterator[Client]:
    models = asking.context.recipe.models
    spent_before = Counter(await asyncio.to_thread(spent, asking.context.run))
    spent_before.update(_evaluations_spent(asking.context))
    async with Client(
        roles,
        budget=models.budget,
        seed=asking.context.recipe.seed,
        spent=dict(spent_before),
        notice=asking.context.progress.say,
    ) as client:
        yield client


def _evaluations_spent(context: Context) -> dict[str, float]:
    """What the recipe's evaluations have cost so far, by role and unit."""
    folder, total = Folder(results_folder(context)), Counter[str]()
    for model in folder.names():
        for benchmark in folder.names(model):
            path = f"{model}/{benchmark}/{JOURNAL}"
            if folder.exists(path):
                total.update(tally_of(folder.filesystem, folder.path(path)))
    return dict(total)


@asynccontextmanager
async def _watched(asking: _Asking, client: Client) -> AsyncIterator[None]:
    """Figures for the live screen while items are asked."""
    watching = asyncio.create_task(_watch(asking.context, client))
    try:
        yield
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch(context: Context, client: Client) -> None:
    while True:
        await asyncio.sleep(LOOK_EVERY)
        for usage in client.usage().roles:
            if usage.role == STUDENT:
                context.progress.live(
                    {
                        "replies": f"{usage.replies:,}",
                        "from journal": f"{usage.replayed:,}",
                        "a second": f"{usage.rate:.1f}",
                    }
                )
