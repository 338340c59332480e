"""What verify, probe and select have in common: the tables they stand on, and when a table is complete."""

from __future__ import annotations

from collections.abc import Collection, Sequence

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
        complete = table.manifest() is not None or (known is not None and context.only is not None)
        if known is not None and complete:
            found[one.value] = known.fingerprint
        elif one not in optional:
            state = "is not finished" if known is not None else "is missing"
            raise StoreError(
                f"{stage.command} reads the table {one.value}, which {state}", f"mmfr {one.command} RECIPE"
            )
    return found


def begin(context: Context, table: Table, plan: Plan) -> Sequence[int]:
    """Open a table for work; returns the shards that this process owes. Raises SettingsChanged or StoreError."""
    table.begin(plan, context.redo_command(table.stage))
    ready = {stage: set(context.table(stage).shards()) for stage in UPSTREAM[table.stage]}
    owed = context.owed(table, context.table(Stage.COLLECT).shards())
    for stage, shards in ready.items():
        if missing := [shard for shard in owed if shard not in shards]:
            raise StoreError(f"shard {missing[0]} of {stage.value} is not done", f"mmfr {stage.command} RECIPE")
    done = total([table.stats(shard) for shard in table.shards()])
    samples = context.table(Stage.COLLECT)
    context.progress.begin(table.stage.command, shards=len(samples.shards()), rows=None, done=done)
    return owed


def finish(context: Context, table: Table, plan: Plan) -> Manifest | None:
    """The manifest once every shard is there; None while other processes still owe some."""
    if len(table.shards()) < len(context.table(Stage.COLLECT).shards()):
        return None
    manifest = table.manifest() or table.finish(plan)
    context.progress.end(table.stage.command)
    return manifest
