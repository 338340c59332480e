"""What leaves a run: its tables joined shard by shard into one record a row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mmfinereason.context import Context
from mmfinereason.schema import Stage
from mmfinereason.store import Table
from mmfinereason.trace import assemble


@dataclass(frozen=True, slots=True)
class ExportRow:
    """One row of a run with everything the stages found out about it."""

    id: str
    """`<source>/<id in the source>`."""
    source: str
    domain: str
    licence: str
    original_question: str
    original_answer: str | None
    question: str
    """As trainers want it: `<image>` once, in front."""
    answer: str | None
    options: tuple[str, ...]
    image: bytes
    image_name: str
    width: int
    height: int
    fixed_answer: bool
    caption: str | None
    reasoning: str
    answer_text: str
    pass_rate: float | None
    is_consistent: bool | None
    consistency_analysis: str | None
    subsets: tuple[str, ...]

    @property
    def source_id(self) -> str:
        """The id within the source, as in the published dataset."""
        return self.id.removeprefix(f"{self.source}/")

    @property
    def trace(self) -> str:
        """The trace in the exact layout of the published dataset and of the trainers."""
        return assemble(self.reasoning, self.answer_text)


def export_rows(context: Context) -> Iterator[ExportRow]:
    """Every selected row of the run, shard by shard in order; rows in no subset are left out."""
    for shard in context.table(Stage.SELECT).shards():
        yield from _shard(context, shard)


def _shard(context: Context, shard: int) -> Iterator[ExportRow]:
    selection = _by_id(context.table(Stage.SELECT), shard, ("id", "subsets"))
    captions = _by_id(context.table(Stage.CAPTION), shard, ("id", "caption", "status"))
    verdicts = _chosen_verdicts(context.table(Stage.VERIFY), shard)
    traces = _standing_traces(context.table(Stage.DISTILL), shard, verdicts)
    rollouts = _by_id(context.table(Stage.PROBE), shard, ("id", "pass_rate"))
    for batch in context.table(Stage.COLLECT).batches(shard):
        for sample in batch.to_pylist():
            id = sample["id"]
            subsets = tuple((selection.get(id) or {}).get("subsets") or ())
            if subsets:
                caption = captions.get(id) or {}
                joined = {
                    "subsets": subsets,
                    "caption": caption.get("caption") if caption.get("status") == "ok" else None,
                    "pass_rate": (rollouts.get(id) or {}).get("pass_rate"),
                }
                yield _row(sample, joined | verdicts.get(id, {}) | traces.get(id, {}))


def _row(sample: dict[str, Any], joined: dict[str, Any]) -> ExportRow:
    return ExportRow(
        id=sample["id"],
        source=sample["source"],
        domain=sample["domain"],
        licence=sample["licence"] or "",
        original_question=sample["original_question"],
        original_answer=sample["original_answer"],
        question=sample["question"],
        answer=sample["answer"],
        options=tuple(sample["options"] or ()),
        image=sample["image"]["bytes"],
        image_name=sample["image"]["path"],
        width=sample["width"],
        height=sample["height"],
        fixed_answer=bool(sample["fixed_answer"]),
        caption=joined["caption"],
        reasoning=joined.get("reasoning") or "",
        answer_text=joined.get("answer_text") or "",
        pass_rate=joined["pass_rate"],
        is_consistent=joined.get("is_consistent"),
        consistency_analysis=joined.get("consistency_analysis"),
        subsets=joined["subsets"],
    )


def _by_id(table: Table, shard: int, columns: tuple[str, ...]) -> dict[str, dict[str, Any]]:
    if not table.done(shard):
        return {}
    return {row["id"]: row for row in table.read(shard, columns).to_pylist()}


def _chosen_verdicts(table: Table, shard: int) -> dict[str, dict[str, Any]]:
    if not table.done(shard):
        return {}
    columns = ("id", "candidate", "chosen", "is_consistent", "consistency_analysis")
    return {row["id"]: row for row in table.read(shard, columns).to_pylist() if row["chosen"]}


def _standing_traces(table: Table, shard: int, verdicts: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The trace that stands for each row: of the chosen candidate, or of the first where nothing was verified."""
    if not table.done(shard):
        return {}
    columns = ("id", "candidate", "last", "status", "reasoning", "answer_text")
    found: dict[str, dict[str, Any]] = {}
    for row in table.read(shard, columns).to_pylist():
        wanted = verdicts.get(row["id"], {}).get("candidate", row["candidate"])
        if row["last"] and row["status"] == "ok" and row["candidate"] == wanted:
            found.setdefault(row["id"], {name: row[name] for name in ("reasoning", "answer_text")})
    return found
