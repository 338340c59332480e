"""An export's rows as a dataset a trainer can walk through in any order, memory-mapped, without over-long rows.

Lengths are counted here with the model's own tokenizer and the image processor's own arithmetic, so they are exact;
the export could only estimate them.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from mmfinereason.context import Context
from mmfinereason.errors import TrainError

NAMED = 20
"""Over-long rows named in an error."""


@dataclass(frozen=True, slots=True)
class TooLong:
    """A row that does not fit."""

    id: str
    tokens: int
    limit: int


def length(processor: Any, row: dict[str, Any]) -> int:
    """Exact tokens of a row: its prompt, its images, and its completion if it has one."""
    text = processor.apply_chat_template(chat(row), tokenize=False, add_generation_prompt="completion" not in row)
    ids: list[int] = processor.tokenizer(text, add_special_tokens=False)["input_ids"]
    return len(ids) + sum(_image_tokens(processor, one["bytes"]) - 1 for one in row["images"])


def _image_tokens(processor: Any, data: bytes) -> int:
    with Image.open(io.BytesIO(data)) as image:
        tokens: int = processor.image_tokens(*image.size)
    return tokens


def chat(row: dict[str, Any]) -> list[dict[str, Any]]:
    """The conversation of a row, its images in front of the first user turn, as TRL builds it."""
    turns = [*row["prompt"], *row.get("completion", [])]
    first = next(number for number, turn in enumerate(turns) if turn["role"] == "user")
    content = [*({"type": "image"} for _ in row["images"]), {"type": "text", "text": turns[first]["content"]}]
    return [{**turn, "content": content} if number == first else turn for number, turn in enumerate(turns)]


def gather(context: Context, files: Iterable[str], processor: Any, limit: int, target: Path) -> list[TooLong]:
    """Write the rows that fit into `target`, an Arrow file; returns the others. Memory is bounded by a batch."""
    too_long: list[TooLong] = []
    writer: pa.RecordBatchStreamWriter | None = None
    with pa.OSFile(str(target), "wb") as sink:
        for batch in _batches(context, files):
            counts = [(row["id"], length(processor, row)) for row in batch.to_pylist()]
            too_long += [TooLong(name, tokens, limit) for name, tokens in counts if tokens > limit]
            writer = writer or pa.ipc.new_stream(sink, batch.schema)
            writer.write_batch(batch.filter(pa.array([tokens <= limit for _, tokens in counts])))
        if writer:
            writer.close()
    return too_long


def _batches(context: Context, files: Iterable[str]) -> Iterator[pa.RecordBatch]:
    for path in files:
        with context.run.folder.open(path) as file:
            yield from (_nameless(batch) for batch in pq.ParquetFile(file).iter_batches(batch_size=64))


def _nameless(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Images without their names: `datasets` drops the bytes of an image whose name happens to exist on this disk."""
    images = [[{"bytes": one["bytes"], "path": None} for one in row] for row in batch["images"].to_pylist()]
    where = batch.schema.get_field_index("images")
    return batch.set_column(where, batch.schema.field(where), pa.array(images, batch.schema.field(where).type))


def refusal(too_long: list[TooLong]) -> TrainError:
    """The error that names over-long rows."""
    named = "\n".join(f"  {row.id}: {row.tokens} tokens, limit {row.limit}" for row in too_long[:NAMED])
    more = f"\n  and {len(too_long) - NAMED} more" if len(too_long) > NAMED else ""
    return TrainError(
        f"{len(too_long)} rows are too long for this model and would have to be cut:\n{named}{more}",
        f"raise export.tokens to {max(row.tokens for row in too_long)} and mmfr export RECIPE, "
        "or leave them out: --set train.local.too_long=leave_out",
    )


def open_rows(path: Path) -> Any:
    """The gathered rows as a `datasets.Dataset` that opens images when they are asked for."""
    from datasets import Dataset, DatasetInfo, Features, Image, List

    with pa.memory_map(str(path)) as file:
        schema = pa.ipc.open_stream(file).schema
    features = Features({**Features.from_arrow_schema(schema), "images": List(Image())})
    return Dataset.from_file(str(path), info=DatasetInfo(features=features))
