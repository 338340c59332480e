"""The four shapes in which thinking models return their thoughts, brought into one.

Servers give thoughts in `message.reasoning` (current vLLM), in `message.reasoning_content` (older vLLM, DeepSeek), or
leave them in the content: behind a lone `</think>` (the chat template had already opened the tag) or inside a full
pair. A reply cut off by its length may hold bare thoughts and no tag at all: such text is never taken for an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

OPEN, CLOSE = "<think>", "</think>"

Shape = Literal["reasoning", "reasoning_content", "close_tag", "pair", "none"]


@dataclass(frozen=True, slots=True)
class Normalized:
    """Thoughts and answer of a message, stripped of surrounding blanks, and the shape they came in."""

    reasoning: str
    answer_text: str
    shape: Shape


def normalize(message: object, finish_reason: str | None) -> Normalized:
    """Thoughts and answer of an assistant message. Total: any JSON value gives a result and nothing is raised."""
    fields = message if isinstance(message, Mapping) else {}
    content = _text(fields.get("content"))
    for shape in ("reasoning", "reasoning_content"):
        if reasoning := _text(fields.get(shape)).strip():
            return Normalized(reasoning, content.strip(), shape)
    return _split(content, cut_off=finish_reason == "length")


def _split(content: str, cut_off: bool) -> Normalized:
    before, close, after = content.partition(CLOSE)
    opened = before.lstrip().startswith(OPEN)
    thoughts = before.lstrip().removeprefix(OPEN).strip()
    if close:
        return Normalized(thoughts, after.strip(), "pair" if opened else "close_tag")
    if opened:
        return Normalized(thoughts, "", "pair")
    if cut_off:
        return Normalized(thoughts, "", "none")
    return Normalized("", content.strip(), "none")


def _text(value: object) -> str:
    """A content field as text: a string, or a list of parts of which those with text are joined."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(_text(part.get("text")) if isinstance(part, Mapping) else _text(part) for part in value)
    return ""
