"""The table that is kept of an evaluation: one row an item, with all that a person needs to check its verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
import pyarrow as pa

from mmfinereason.evaluate.grade import Grade
from mmfinereason.evaluate.items import Item
from mmfinereason.models import Failure, Reply

ITEMS = pa.schema(
    [
        ("id", pa.string()),
        ("question", pa.string()),  # the question that this item is a variant of; its own id where there are none
        ("variant", pa.string()),
        ("labels", pa.string()),  # category, subject, ... as JSON
        ("image_sha256", pa.string()),
        ("prompt", pa.string()),  # the text as sent
        ("prompt_name", pa.string()),  # prompt name and hash
        ("options", pa.list_(pa.string())),
        ("reference", pa.string()),
        ("reasoning", pa.string()),
        ("reply", pa.string()),  # what follows the thoughts: all that was graded
        ("answer", pa.string()),  # extracted
        ("extraction", pa.string()),  # answer_tag, boxed, phrase, option or bare
        ("outcome", pa.string()),  # one of grade.OUTCOMES
        ("correct", pa.bool_()),
        ("method", pa.string()),  # a method of answers.METHODS, `judge`, `rubric` or `none`
        ("detail", pa.string()),
        ("analysis", pa.string()),  # the judge's words
        ("judge_calls", pa.int32()),
        ("finish_reason", pa.string()),
        ("prompt_tokens", pa.int64()),
        ("completion_tokens", pa.int64()),
        ("reasoning_tokens", pa.int64()),
        ("cost", pa.float64()),  # US dollars, judges included
        ("latency", pa.float64()),  # seconds
        ("model", pa.string()),  # as the server names it
        ("temperature", pa.float64()),
        ("max_tokens", pa.int32()),
        ("seed", pa.int64()),
        ("request_key", pa.string()),
        ("overlap", pa.string()),  # the row of the training run that this item is, if one was looked for
        ("suspected", pa.string()),  # a row with an image like it and another question, or one that many items ask
    ]
)


@dataclass(frozen=True, slots=True)
class Answered:
    """One item with what was said and what it is worth."""

    item: Item
    image_sha256: str
    prompt: str
    prompt_name: str
    said: Reply | Failure
    grade: Grade
    overlap: str | None = None
    suspected: str | None = None

    @property
    def correct(self) -> bool:
        return self.grade.outcome == "correct"

    def record(self) -> dict[str, object]:
        """A row of ITEMS."""
        item, said, grade = self.item, self.said, self.grade
        reply = said if isinstance(said, Reply) else None
        return {
            "id": item.id,
            "question": item.unit,
            "variant": item.variant,
            "labels": orjson.dumps(dict(item.labels)).decode(),
            "image_sha256": self.image_sha256,
            "prompt": self.prompt,
            "prompt_name": self.prompt_name,
            "options": list(item.options),
            "reference": item.reference,
            "reasoning": reply.reasoning if reply else "",
            "reply": reply.answer_text if reply else "",
            "answer": grade.answer,
            "extraction": grade.extraction,
            "outcome": grade.outcome,
            "correct": self.correct,
            "method": grade.method,
            "detail": grade.detail,
            "analysis": grade.analysis,
            "judge_calls": grade.judge_calls,
            "finish_reason": reply.finish_reason if reply else "",
            "prompt_tokens": reply.prompt_tokens if reply else 0,
            "completion_tokens": reply.completion_tokens if reply else 0,
            "reasoning_tokens": reply.reasoning_tokens if reply else 0,
            "cost": said.cost + grade.cost,
            "latency": reply.latency if reply else None,
            "model": said.model,
            "temperature": said.temperature,
            "max_tokens": said.max_tokens,
            "seed": said.seed,
            "request_key": said.key,
            "overlap": self.overlap,
            "suspected": self.suspected,
        }


def as_table(answered: Sequence[Answered]) -> pa.Table:
    """All items as one table, in their order."""
    return pa.Table.from_pylist([one.record() for one in answered], schema=ITEMS)


def fingerprint(answered: Sequence[Answered]) -> str:
    """SHA-256 over what was asked and what counts as right: the same for two evaluations of the same items."""
    digest = hashlib.sha256()
    for one in sorted(answered, key=lambda one: one.item.id):
        item = one.item
        digest.update(orjson.dumps([item.id, item.question, item.options, item.reference, one.image_sha256]))
    return digest.hexdigest()
