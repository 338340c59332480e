"""What stages that read other tables have in common: the tables they stand on, what is owed, when all is done."""

from __future__ import annotations

from collections.abc import Collection

from mmfinereason.context import Context
from mmfinereason.errors import StoreError
from mmfinereason.schema import UPSTREAM, Stage
from mmfinereason.store import Manifest, Plan, Table
from mmfinereason.store.manifest import total


def upstream(context: Context, stage: Stage, optional: Collection[Stage] = ()) -> dict[str, str]:
    """Fingerprints of the tables that `stage` reads, by table name; an `optional` one may be missing.

    Raises StoreError when another is missing, or unfinished although this process is not one of several.
    """
    found = {}
    for one in UPSTREAM[stage]:
        table = context.table(one)
        known = table.plan()
        if known is not None and (table.manifest() is not None or context.only is not None):
            found[one.value] = known.fingerprint
        elif one not in optional:
            state = "is missing" if known is None else "is not finished"
            raise StoreError(
                f"{stage.command} reads the table {one.value}, which {state}", f"mmfr {one.command} RECIPE"
            )
    return found


def begin(context: Context, table: Table, plan: Plan) -> list[int]:
    """Open a table for work; returns the shards that this process owes and can do now. Raises SettingsChanged.

    While other processes are still at work on the tables it reads, some of them may have to wait.
    """
    table.begin(plan, context.redo_command(table.stage))
    shards = context.table(Stage.COLLECT).shards()
    done = total([table.stats(shard) for shard in table.shards()])
    context.progress.begin(table.stage.command, shards=len(shards), rows=None, done=done)
    owed = context.owed(table, shards)
    there = set(shards).intersection(*(context.table(stage).shards() for stage in UPSTREAM[table.stage]))
    if waiting := [shard for shard in owed if shard not in there]:
        sources = " or ".join(stage.value for stage in UPSTREAM[table.stage])
        context.progress.say(
            f"{table.stage.command}: {len(waiting)} shards wait for {sources}; start it again for them"
        )
    return [shard for shard in owed if shard in there]


def finish(context: Context, table: Table, plan: Plan) -> Manifest | None:
    """The manifest once every shard is there; None while other processes still owe some."""
    samples = context.table(Stage.COLLECT)
    if samples.manifest() is None or len(table.shards()) < len(samples.shards()):
        return None
    manifest = table.manifest() or table.finish(plan)
    context.progress.end(table.stage.command)
    return manifest
