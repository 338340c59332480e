"""The collect stage: gather in worker processes, consult a model where the recipe has one, settle over all rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mmfinereason.collect import source_files
from mmfinereason.collect.batches import Finished, batches
from mmfinereason.collect.consult import Prompts
from mmfinereason.collect.gather import Gather, staged_table
from mmfinereason.collect.readers import ensure_there
from mmfinereason.collect.settle import clear_staging, decided, settle
from mmfinereason.context import Context
from mmfinereason.errors import SourceError
from mmfinereason.execute import map_tasks
from mmfinereason.recipe import deciding
from mmfinereason.schema import Stage
from mmfinereason.store import Manifest, Plan, ShardStats, Table
from mmfinereason.store.manifest import total

_GATHERED = "samples/staged/gathered.json"

Consult = Callable[[Context], None]
"""The step that asks a model about staged rows with `needs`; writes `collect.consulted` files."""


def plan(context: Context) -> Plan:
    """The settings that decide the samples table."""
    recipe = context.recipe
    settings: dict[str, Any] = {
        "sources": [deciding(source) for source in recipe.sources],
        "collect": deciding(recipe.collect),
    }
    if recipe.models.cleaner is not None:
        prompts = Prompts.of(context)
        settings["cleaner"] = deciding(recipe.models.cleaner)
        settings["prompts"] = [prompts.clean.label, prompts.extract.label]
    return Plan(stage=Stage.COLLECT.command, settings=settings)


def collect(context: Context, consult: Consult | None = None) -> Manifest | None:
    """Bring the samples table up to date; None where only some shards were to be gathered.

    With `--shards` a process gathers its part and stops there: what follows looks at all rows at once, and is done by a
    start without it. Raises SettingsChanged, SourceError or WorkerError.
    """
    table = context.table(Stage.COLLECT)
    todo = plan(context)
    if table.plan() is None:
        for source in (*context.recipe.sources, *context.recipe.collect.benchmarks):
            ensure_there(source)  # a typo in a path, once mended, must not count as changed settings
    table.begin(todo, context.redo_command(Stage.COLLECT))
    source_files.watch(context)
    done = table.manifest()
    if done is not None:
        clear_staging(context.run.folder)  # an earlier start may have been killed before it could
        return done
    staged = staged_table(context.run)
    finished = total([staged.stats(shard) for shard in staged.shards()])
    context.progress.begin("collect", shards=None, rows=None, done=finished)
    if not context.run.folder.exists(_GATHERED):
        _gather(context, consult is not None)
        if context.only is None:
            _ensure_rows(staged)
            context.run.folder.write(_GATHERED, b"{}")
    if context.only is not None:
        context.progress.say("collect: these shards are gathered; when all are, run it once without --shards")
        return None
    if consult is not None and not decided(context):  # once rows are decided on, all models have been asked
        consult(context)
    for _ in settle(context):
        pass
    manifest = table.finish(todo)
    clear_staging(context.run.folder)
    if not manifest.rows:
        context.progress.say(f"collect: not one of {sum(manifest.rejects.values())} rows is left; see samples/rejects")
    context.progress.end("collect")
    return manifest


def _ensure_rows(staged: Table) -> None:
    if not staged.shards():
        raise SourceError("the sources hold not one row", "check `path`, `files`, `limit` and `sample` of the sources")


def _gather(context: Context, model_cleans: bool) -> None:
    settings = context.recipe.collect
    staged = staged_table(context.run)
    sources = context.recipe.sources
    finished = {shard: _finished(staged.stats(shard)) for shard in staged.shards()}
    cut = batches(sources, rows=settings.shard_rows, size=settings.shard_bytes, finished=finished)
    owed = (batch for batch in cut if context.only is None or batch.shard in context.only)
    work = Gather(context.run.url, settings, list(sources), model_cleans)
    for _, shard in map_tasks(work, owed, workers=context.workers):
        context.progress.shard(staged.stats(shard))


def _finished(stats: ShardStats) -> Finished:
    return Finished(int(stats.figures["source"]), int(stats.figures["raw_rows"]))
