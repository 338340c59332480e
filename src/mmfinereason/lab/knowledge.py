"""What the server knows about each row: the answer, how to get there, and what was published of it.

Read from a run's `samples` folder or its staged shards (columns of `schema.SAMPLES`), or from the published layout in
either of its column vocabularies. Rows of built-in puzzles are generated again from their numbers, which gives facts,
steps and wrong answers without drawing. Images themselves are not kept, only their hashes.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow.parquet as pq
from PIL import Image

from mmfinereason.errors import SourceError
from mmfinereason.images import perceptual_hash
from mmfinereason.lab import puzzles
from mmfinereason.schema import EARLIER_NAMES
from mmfinereason.store.files import Folder

_BATCH = 256
_FROM_SAMPLES = (
    "id", "source", "original_question", "original_answer", "question", "answer", "options", "fixed_answer",
    "image_sha256", "image_phash", "published", "extra",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Published:
    """What a published dataset already says of a row."""

    caption: str | None = None
    trace: str | None = None
    pass_rate: float | None = None
    is_consistent: bool | None = None
    analysis: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """One row. `wordings` are all texts under which its question may be asked, the clean one first.

    `difficulty` runs from 0 to 1; it is 0.5 where nothing tells.
    """

    id: str
    wordings: tuple[str, ...]
    answer: str | None = None
    original_answer: str | None = None
    options: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    wrong_answers: tuple[str, ...] = ()
    difficulty: float = 0.5
    category: str | None = None
    fixed_answer: bool = True
    image_sha256: str | None = None
    image_phash: str | None = None
    published: Published = Published()

    @property
    def question(self) -> str:
        """The clean question."""
        return self.wordings[0]


def load(paths: Iterable[str | Path]) -> list[Known]:
    """All rows of Parquet files or of folders with Parquet shards, in order.

    Raises:
        SourceError: nothing is there, or a file has neither layout.
    """
    return [known for path in paths for known in _read(str(path))]


def _read(path: str) -> Iterator[Known]:
    if path.endswith(".parquet"):
        parent, _, name = path.rpartition("/")
        folder, names = Folder(parent or "."), [name]
    else:
        folder = Folder(path)
        names = [name for name in folder.names() if name.endswith(".parquet")]
    if not names or not folder.exists(names[0]):
        raise SourceError(f"no Parquet file at {path}", "give a .parquet file, or a folder such as runs/NAME/samples")
    for name in names:
        with folder.filesystem.open(folder.path(name), "rb") as opened:
            yield from _read_file(pq.ParquetFile(opened), name)


def _read_file(file: pq.ParquetFile, name: str) -> Iterator[Known]:
    present = set(file.schema_arrow.names)
    if "image_sha256" in present:
        columns, convert = [c for c in _FROM_SAMPLES if c in present], _from_samples
    elif {"question", "answer"} <= present:
        columns, convert = None, _from_published
    else:
        raise SourceError(
            f"{name} has neither the columns of a samples table nor those of the published dataset",
            "give a run's samples folder or a file with the published columns",
        )
    for batch in file.iter_batches(batch_size=_BATCH, columns=columns):
        for row in batch.to_pylist():
            yield convert(row)


def _from_samples(row: dict[str, Any]) -> Known:
    published = row.get("published") or {}
    extra = orjson.loads(row.get("extra") or "{}")
    common: dict[str, Any] = {
        "id": row["id"],
        "original_answer": row.get("original_answer"),
        "fixed_answer": row.get("fixed_answer") is not False,
        "image_sha256": row["image_sha256"],
        "image_phash": row.get("image_phash"),
        "published": Published(
            published.get("caption"),
            published.get("trace"),
            published.get("pass_rate"),
            published.get("is_consistent"),
            published.get("consistency_analysis"),
        ),
    }
    asked = (row.get("question"), row.get("original_question"))
    if "puzzle" in extra:
        return _from_puzzle(puzzles.generate(**extra["puzzle"]), asked, common)
    return Known(
        wordings=_distinct(*asked),
        answer=row.get("answer") or None,
        options=tuple(row.get("options") or ()),
        **common,
    )


def _from_puzzle(puzzle: puzzles.Puzzle, asked: tuple[str | None, ...], common: dict[str, Any]) -> Known:
    return Known(
        wordings=_distinct(puzzle.question, *asked),
        answer=puzzle.answer,
        options=puzzle.options,
        facts=puzzle.facts,
        steps=puzzle.steps,
        wrong_answers=puzzle.wrong_answers,
        difficulty=puzzle.difficulty,
        category=puzzle.category,
        **common,
    )


def _from_published(row: dict[str, Any]) -> Known:
    for earlier, name in EARLIER_NAMES.items():
        if earlier in row:
            row[name] = row.pop(earlier)
    image = (row.get("image") or {}).get("bytes")
    rate = row.get("qwen3vl_4b_pass_rate")
    return Known(
        id=f"{row.get('source') or 'unknown'}/{row.get('id')}",
        wordings=_distinct(row["question"], row.get("original_question")),
        answer=row["answer"] or None,
        original_answer=row.get("original_answer"),
        difficulty=0.5 if rate is None else 1 - rate,
        image_sha256=hashlib.sha256(image).hexdigest() if image else None,
        image_phash=hash_image(image) if image else None,
        published=Published(
            row.get("qwen3vl_235b_instruct_caption"),
            row.get("qwen3vl_235b_thinking_response"),
            rate,
            row.get("is_consistent"),
            row.get("consistency_analysis"),
        ),
    )


def hash_image(data: bytes) -> str | None:
    """The perceptual hash of an encoded image; None when it cannot be opened."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return perceptual_hash(image.convert("RGB"))
    except (OSError, Image.DecompressionBombError):
        return None


def _distinct(*texts: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for text in texts if text)) or ("",)
