"""The select stage: named subsets drawn over the whole run, and for every row why it is in none.

Only what the draws need is kept of a row: its id, one byte a subset, a ticket. Millions of rows fit in a few hundred MB
and none is ever a Python object.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from mmfinereason.context import Context
from mmfinereason.errors import RecipeError
from mmfinereason.execute.books import finish, upstream
from mmfinereason.recipe import deciding
from mmfinereason.recipe.select import SelectSettings, SubsetSettings
from mmfinereason.schema import SELECTION, Reason, Stage
from mmfinereason.select import draw
from mmfinereason.select.score import Scored, needed_stages, score
from mmfinereason.store import Manifest, Plan, Table
from mmfinereason.store.manifest import total

Matrix = npt.NDArray[np.bool_]


def plan(context: Context) -> Plan:
    """The settings that decide the selection table. Raises StoreError when an earlier stage is missing."""
    settings = deciding(context.recipe.select) | {"seed": context.recipe.seed}
    return Plan(Stage.SELECT.command, settings, upstream(context, Stage.SELECT, (Stage.CAPTION, Stage.PROBE)))


def select(context: Context) -> Manifest | None:
    """Bring the selection table up to date: over all shards at once, since draws need every row.

    Raises SettingsChanged, StoreError, or RecipeError when a rule needs a stage that this run does not have.
    """
    todo = plan(context)
    settings = context.recipe.select
    stages = [Stage(name) for name in todo.upstream]
    _check_stages(settings, stages)
    table = context.table(Stage.SELECT)
    table.begin(todo, context.redo_command(Stage.SELECT))
    done = table.manifest()
    if done is not None:
        return done
    shards = context.table(Stage.COLLECT).shards()
    context.progress.begin("select", shards=len(shards), rows=None, done=total([]))
    started = time.perf_counter()
    if shards:
        rows = gather(score(context.run, settings, context.recipe.seed, stages))
        taken = draw_all(rows, settings.subsets)
        _write(context, table, rows, taken, time.perf_counter() - started)
    return finish(context, table, todo)


def _check_stages(settings: SelectSettings, stages: Sequence[Stage]) -> None:
    missing = sorted(needed_stages(settings) - set(stages), key=list(Stage).index)
    if missing:
        names = ", ".join(stage.value for stage in missing)
        raise RecipeError(
            [f"the subsets of this recipe use columns of {names}, which this run does not have"],
            f"mmfr {missing[0].command} RECIPE, or leave those subsets out of select.subsets",
        )


def gather(batches: Iterable[Scored]) -> Scored:
    """Batches put together, in their order."""
    batches = list(batches)
    return Scored(
        shards=np.concatenate([batch.shards for batch in batches]),
        out=pa.concat_tables([batch.out for batch in batches]),
        matches=np.concatenate([batch.matches for batch in batches]),
        draws=pa.concat_tables([batch.draws for batch in batches]),
    )


def draw_all(rows: Scored, subsets: Sequence[SubsetSettings]) -> Matrix:
    """Rows x subsets: which rows each subset takes, in the order of the list, so that later ones keep clear."""
    taken = np.zeros_like(rows.matches)
    names = [subset.name for subset in subsets]
    for index, subset in enumerate(subsets):
        eligible = rows.matches[:, index].copy()
        for other in subset.disjoint_from:
            eligible &= ~taken[:, names.index(other)]
        positions = np.flatnonzero(eligible)
        taken[positions[_draw(rows.draws, index, subset, positions)], index] = True
    return taken


def _draw(draws: pa.Table, index: int, subset: SubsetSettings, positions: npt.NDArray[np.int64]) -> draw.Taken:
    """Which of the rows at `positions` a subset takes."""
    if subset.draw == "all" or not len(positions):
        return np.ones(len(positions), dtype=np.bool_)
    tickets = draws[f"ticket_{index}"].to_numpy()[positions]
    group = draws[f"group_{index}"]
    if subset.draw == "token_budget":
        return draw.token_budget(tickets, pc.fill_null(group, 0).to_numpy()[positions], subset.tokens or 0)
    size = subset.size if subset.size is not None else round((subset.share or 0) * len(positions))
    if subset.draw == "uniform":
        return draw.uniform(tickets, size)
    by_group = {"stratified": draw.stratified, "balanced": draw.balanced}[subset.draw]
    return by_group(tickets, _codes(group)[positions], size)


def _codes(names: pa.ChunkedArray) -> draw.Groups:
    """Groups as numbers in the order of their names, whatever the order of the rows."""
    encoded = pc.fill_null(names, "").dictionary_encode().combine_chunks()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    rank = np.empty(len(order), dtype=np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    codes: draw.Groups = rank[encoded.indices.to_numpy()]
    return codes


def _write(context: Context, table: Table, rows: Scored, taken: Matrix, seconds: float) -> None:
    selection = selection_table(rows, taken, [subset.name for subset in context.recipe.select.subsets])
    shards = context.table(Stage.COLLECT).shards()
    starts = np.searchsorted(rows.shards, shards)
    ends = np.searchsorted(rows.shards, shards, side="right")
    for shard, start, end in zip(shards, starts, ends, strict=True):
        part = selection.slice(start, end - start)
        stats = table.write(shard, part, seconds=seconds / len(shards), figures=_figures(part))
        context.progress.shard(stats)


def selection_table(rows: Scored, taken: Matrix, names: Sequence[str]) -> pa.Table:
    """The selection table: the subsets of every row, or why it is in none."""
    inside: npt.NDArray[np.bool_] = np.any(taken, axis=1)
    offsets = np.concatenate([[0], np.cumsum(taken.sum(axis=1))]).astype(np.int32)
    subsets = pa.ListArray.from_arrays(pa.array(offsets), pa.array(names, pa.string()).take(np.nonzero(taken)[1]))
    undrawn: npt.NDArray[np.bool_] = np.any(rows.matches, axis=1) & ~inside
    texts = pa.nulls(len(undrawn), pa.string())
    if undrawn.any():
        texts = pc.replace_with_mask(texts, pa.array(undrawn), _matched(rows.matches[undrawn], names))
    reason = pc.if_else(undrawn, Reason.NOT_DRAWN.value, rows.out["reason"])
    detail = pc.if_else(undrawn, texts, rows.out["detail"])
    return pa.table([rows.out["id"], subsets, reason, detail], schema=SELECTION)


def _matched(matches: Matrix, names: Sequence[str]) -> pa.StringArray:
    """For each row the names of the subsets it matched."""
    codes, which = np.unique(matches @ (1 << np.arange(len(names), dtype=np.int64)), return_inverse=True)
    texts = [", ".join(name for index, name in enumerate(names) if code >> index & 1) for code in codes.tolist()]
    return pa.array([f"matched {text}" for text in texts], pa.string()).take(pa.array(which))


def _figures(part: pa.Table) -> dict[str, float]:
    """Rows of each subset, and rows outside by reason."""
    subsets = pc.value_counts(pc.list_flatten(part["subsets"])).to_pylist()
    reasons = pc.value_counts(part["reason"].drop_null()).to_pylist()
    inside = {f"in {one['values']}": one["counts"] for one in subsets}
    return inside | {f"out {one['values']}": one["counts"] for one in reasons}
