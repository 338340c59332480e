"""Conversations: LLaVA, ShareGPT and FineVision rows, in which one image is followed by questions and answers.

Each pair of question and answer becomes a draft of its own. A later question that leans on an earlier one ("and the
other?") is then hard to understand; the cleaning stage is where such questions leave.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.collect.sources.base import Draft, Drafts, Map, Skip
from mmfinereason.collect.sources.marks import Mark
from mmfinereason.collect.sources.values import kept, references, text, without_markers
from mmfinereason.schema import Reason

ASKING = {"human", "user"}
ANSWERING = {"gpt", "assistant", "model"}
TURNS = ("conversations", "conversation", "messages", "texts")
IMAGES = ("images", "image")


def by_conversation(mark: Mark | None = None, *, open_unmarked: bool = False, extra: tuple[str, ...] = ()) -> Map:
    """A mapping that makes a draft of each question and answer.

    ```
    {"id": "7", "image": "coco/7.jpg", "conversations": [{"from": "human", "value": "<image>\\nHow many?"},
                                                         {"from": "gpt", "value": "3"}]}
    {"images": [{"bytes": b"..."}], "texts": [{"user": "How many?", "assistant": "3"}], "source": "tallyqa"}
    {"images": ["7.jpg"], "messages": [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "?"}]},
                                       {"role": "assistant", "content": "3"}]}
    ```
    """

    def map_row(row: RawRow) -> Drafts:
        values = row.values
        id = text(values.get("id"))
        pairs = list(_pairs(values))
        if not pairs:
            yield Skip(Reason.MISSING_FIELD, f"no question and answer in {' or '.join(TURNS)}", id)
        images = next((references(values[name]) for name in IMAGES if values.get(name)), ())
        for turn, (question, reference) in enumerate(pairs):
            answer = mark(reference) if mark else None
            yield Draft(
                source_id=f"{id}#{turn}" if id and len(pairs) > 1 else id,
                question=without_markers(question),
                answer=answer,
                images=images,
                original_question=question,
                original_answer=reference,
                fixed_answer=not (open_unmarked and answer is None),
                extra=kept(values, list(extra)),
            )

    return map_row


def _pairs(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    turns: list[Any] = next((values[name] for name in TURNS if values.get(name)), [])
    if turns and "user" in turns[0]:
        yield from ((turn["user"], turn["assistant"]) for turn in turns if turn.get("user") and turn.get("assistant"))
        return
    spoken = [(turn.get("from") or turn.get("role"), _said(turn)) for turn in turns]
    for (asker, question), (answerer, answer) in pairwise(spoken):
        if asker in ASKING and answerer in ANSWERING and question and answer:
            yield question, answer


def _said(turn: Mapping[str, Any]) -> str:
    said = turn["value"] if "value" in turn else turn.get("content")
    if isinstance(said, list):
        return "\n".join(part["text"] for part in said if part.get("type") == "text")
    return text(said) or ""
