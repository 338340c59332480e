"""Replies on the wire: cut to the token limit, counted, and written as JSON or as a stream of events.

Unless a real model counted them, tokens are estimated: one for every four characters begun, and one for every
32 x 32 pixels of an image, which is what a model with patches of 16 pixels merged two by two spends.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson
from PIL import Image

from mmfinereason.lab.chat import ChatRequest
from mmfinereason.recipe.lab import Shape

CHARACTERS_PER_TOKEN = 4
PIXELS_PER_TOKEN = 32 * 32
_PIECE = 400
"""Characters in one event of a stream."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Tokens of a reply by the model's own tokenizer; thoughts are part of the completion."""

    prompt: int
    completion: int
    reasoning: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What a role says. `content` is null when the text was cut before the thoughts ended; `row` is the matched id."""

    content: str | None
    reasoning: str | None = None
    finish_reason: str = "stop"
    row: str | None = None
    counted: Counted | None = None
    """Real counts, where there are any; else tokens are estimated."""


def text_tokens(text: str) -> int:
    """Estimated tokens of a text."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def image_tokens(data: bytes) -> int:
    """Estimated tokens of an image; 0 for one that cannot be opened."""
    width, height = image_size(data)
    return -(-width * height // PIXELS_PER_TOKEN)


def image_size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels from the image's header; zeros for one that cannot be opened."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except (OSError, Image.DecompressionBombError):
        return 0, 0


def cut(reply: Reply, max_tokens: int | None) -> Reply:
    """The reply within its limit: thoughts count first, and what is cut ends with finish_reason `length`."""
    if max_tokens is None:
        return reply
    thoughts = text_tokens(reply.reasoning or "")
    left = max_tokens - thoughts
    if left <= 0 and reply.reasoning is not None:
        kept = reply.reasoning[: max_tokens * CHARACTERS_PER_TOKEN]
        return replace(reply, reasoning=kept, content=None, finish_reason="length")
    if text_tokens(reply.content or "") > left:
        return replace(reply, content=(reply.content or "")[: left * CHARACTERS_PER_TOKEN], finish_reason="length")
    return reply


def usage(replies: list[Reply], prompt_tokens: int) -> dict[str, Any]:
    """The `usage` object over all choices."""
    counts = [reply.counted or _estimate(reply, prompt_tokens) for reply in replies]
    prompt_tokens = counts[0].prompt if counts else prompt_tokens
    thoughts, completion = sum(one.reasoning for one in counts), sum(one.completion for one in counts)
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion,
        "total_tokens": prompt_tokens + completion,
        "completion_tokens_details": {"reasoning_tokens": thoughts},
    }


def _estimate(reply: Reply, prompt_tokens: int) -> Counted:
    thoughts = text_tokens(reply.reasoning or "")
    return Counted(prompt_tokens, thoughts + text_tokens(reply.content or ""), thoughts)


def message(reply: Reply, shape: Shape) -> dict[str, Any]:
    """The assistant's message with its thoughts in one of the four places."""
    said: dict[str, Any] = {"role": "assistant", "content": reply.content}
    if reply.reasoning is None:
        return said
    if shape in ("reasoning", "reasoning_content"):
        return said | {shape: reply.reasoning}
    opening = "<think>" if shape == "pair" else ""
    closing = "" if reply.content is None else f"</think>\n\n{reply.content}"
    return said | {"content": f"{opening}{reply.reasoning}{closing}"}


def completion(request: ChatRequest, replies: list[Reply], shape: Shape, counted: dict[str, Any]) -> bytes:
    """A whole answer as JSON."""
    choices = [
        {"index": i, "message": message(reply, shape), "finish_reason": reply.finish_reason, "logprobs": None}
        for i, reply in enumerate(replies)
    ]
    return orjson.dumps(_head(request, "chat.completion") | {"choices": choices, "usage": counted})


def events(request: ChatRequest, replies: list[Reply], shape: Shape, counted: dict[str, Any]) -> Iterator[bytes]:
    """The same answer as server-sent events."""
    head = _head(request, "chat.completion.chunk")
    for i, reply in enumerate(replies):
        said = message(reply, shape)
        yield _event(head, i, {"role": said.pop("role"), "content": ""})
        for field in ("reasoning", "reasoning_content", "content"):
            text = said.get(field) or ""
            for start in range(0, len(text), _PIECE):
                yield _event(head, i, {field: text[start : start + _PIECE]})
        yield _event(head, i, {}, reply.finish_reason)
    if request.stream_usage:
        yield b"data: " + orjson.dumps(head | {"choices": [], "usage": counted}) + b"\n\n"
    yield b"data: [DONE]\n\n"


def _head(request: ChatRequest, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{request.key[:24]}", "object": kind, "created": 0, "model": request.model}


def _event(head: dict[str, Any], index: int, delta: dict[str, Any], finish: str | None = None) -> bytes:
    choice = {"index": index, "delta": delta, "finish_reason": finish}
    return b"data: " + orjson.dumps(head | {"choices": [choice]}) + b"\n\n"
