"""What the probe reads and writes of a shard: rows with a trace in, rollouts and marks out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Any

from mmfinereason.context import Context
from mmfinereason.schema import Stage
from mmfinereason.select.audit import suspicion
from mmfinereason.select.candidates import asked
from mmfinereason.select.prober import Row
from mmfinereason.select.rollouts import OUTCOMES, Rollout, Tally, as_records
from mmfinereason.store import ShardStats

_SAMPLES = ("id", "question", "answer", "options", "fixed_answer", "published.pass_rate")
_IMAGES = ("image", "image_sha256")
_VERDICTS = ("id", "chosen", "extracted_answer", "outcome", "is_consistent")
_BATCH = 64


def rows(context: Context, shard: int, *, images: bool = False) -> Iterator[Row]:
    """The rows of a shard that have a trace, in the order of the samples; with images those that are to be probed."""
    verdicts: dict[str, list[dict[str, Any]]] = {}
    for verdict in context.table(Stage.VERIFY).read(shard, _VERDICTS).to_pylist():
        verdicts.setdefault(verdict["id"], []).append(verdict)
    columns = [*_SAMPLES, *(_IMAGES if images else ())]
    for batch in context.table(Stage.COLLECT).batches(shard, _BATCH, columns):
        for sample in batch.to_pylist():
            row = _row(sample, verdicts.get(sample["id"], []), context.recipe.probe.only_consistent)
            if row is not None:
                yield row


def _row(sample: dict[str, Any], verdicts: Sequence[dict[str, Any]], only_consistent: bool) -> Row | None:
    chosen = next((verdict for verdict in verdicts if verdict["chosen"]), None)
    if chosen is None:
        return None
    side = asked(sample)
    probed = side.checkable and (bool(chosen["is_consistent"]) or not only_consistent)
    return Row(
        sample["id"],
        side,
        tuple((one["extracted_answer"], one["outcome"]) for one in verdicts if one["extracted_answer"]),
        probed,
        (sample["published"] or {}).get("pass_rate"),
        sample["image"]["bytes"] if probed and "image" in sample else None,
        sample.get("image_sha256"),
    )


def put(context: Context, shard: int, answered: Sequence[tuple[Row, Sequence[Rollout]]], started: float) -> ShardStats:
    """Write a shard of rollouts. `started` is when its work began, by the performance counter."""
    records = [_record(context, row, rollouts) for row, rollouts in answered]
    figures: dict[str, float] = {name: sum(record[name] or 0 for record in records) for name in OUTCOMES}
    figures["probed"] = sum(row.probed for row, _ in answered)
    figures["cost"] = sum(one.cost for _, rollouts in answered for one in rollouts)
    for mark in ("reference_suspect", "image_not_needed"):
        figures[mark] = sum(record[mark] is True for record in records)
    seconds = time.perf_counter() - started
    return context.table(Stage.PROBE).write(shard, records, seconds=seconds, figures=figures)


def _record(context: Context, row: Row, rollouts: Sequence[Rollout]) -> dict[str, Any]:
    settings = context.recipe.probe
    blind = Tally.of(rollouts, blind=True).pass_rate
    evidence = suspicion(row.asked, row.teacher, rollouts, context.recipe.verify.tolerance.to_tolerance())
    rates = _published(row) if settings.take == "published" else Tally.of(rollouts).record()
    return {
        "id": row.id,
        **rates,
        "blind_pass_rate": blind,
        "image_not_needed": None if blind is None else blind >= settings.blind_pass_rate,
        "reference_suspect": evidence is not None,
        "suspect_evidence": evidence,
        "rollouts": as_records(rollouts),
    }


def _published(row: Row) -> dict[str, Any]:
    """The pass rate the source came with; how many rollouts it rests on is not known."""
    return dict.fromkeys((*OUTCOMES, "pass_low", "pass_high")) | {"pass_rate": row.published_rate}
