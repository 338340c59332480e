"""Replies and failures as journal entries and back.

An entry keeps the message as it came; thoughts and answer are derived from it again when it is read, so a journal
holds no text twice.
"""

from __future__ import annotations

from typing import Any

import orjson

from mmfinereason.models.exchange import Failure, Reply, Request
from mmfinereason.models.payload import Payload
from mmfinereason.models.reply import normalize
from mmfinereason.models.response import Answer
from mmfinereason.schema import Reason
from mmfinereason.store.journal import OK, Entry

_DERIVED = ("key", "reasoning", "answer_text", "replayed")


def reply(payload: Payload, answer: Answer, *, endpoint: str, cost: float, latency: float, tries: int) -> Reply:
    """The reply that an answer amounts to."""
    parts = normalize(answer.message, answer.finish_reason)
    return Reply(
        key=payload.key,
        reasoning=parts.reasoning,
        answer_text=parts.answer_text,
        finish_reason=answer.finish_reason,
        prompt_tokens=answer.tokens.prompt,
        completion_tokens=answer.tokens.completion,
        reasoning_tokens=answer.tokens.reasoning,
        cost=cost,
        latency=latency,
        endpoint=endpoint,
        model=answer.model or payload.options["model"],
        prompt=payload.request.prompt,
        temperature=payload.temperature,
        max_tokens=payload.max_tokens,
        seed=payload.seed,
        tries=tries,
        raw=orjson.dumps(answer.message).decode(),
    )


def failure(payload: Payload, reason: Reason, detail: str, *, endpoint: str, cost: float, tries: int) -> Failure:
    """The failure of a request."""
    return Failure(
        key=payload.key,
        reason=reason,
        detail=detail,
        tries=tries,
        cost=cost,
        endpoint=endpoint,
        model=payload.options["model"],
        prompt=payload.request.prompt,
        temperature=payload.temperature,
        max_tokens=payload.max_tokens,
        seed=payload.seed,
    )


def unreadable(request: Request, model: str, detail: str) -> Failure:
    """The failure of a request whose image cannot even be opened: nothing was sent, nothing is journalled."""
    return Failure("", Reason.BAD_IMAGE, detail, 0, 0.0, "", model, request.prompt, None, None, None)


def to_entry(outcome: Reply | Failure) -> Entry:
    """The journal entry of an outcome. A reply cut off by its length counts as truncated, so it can be redone."""
    body = {name: getattr(outcome, name) for name in outcome.__slots__ if name not in _DERIVED}
    if isinstance(outcome, Failure):
        return Entry(outcome.key, outcome.reason.value, body)
    return Entry(outcome.key, Reason.TRUNCATED.value if outcome.finish_reason == "length" else OK, body)


def from_entry(entry: Entry) -> Reply | Failure:
    """The outcome that an entry keeps."""
    body: dict[str, Any] = dict(entry.body)
    if "reason" in body:
        return Failure(key=entry.key, replayed=True, **body | {"reason": Reason(body["reason"])})
    parts = normalize(orjson.loads(body["raw"]), body["finish_reason"])
    return Reply(key=entry.key, reasoning=parts.reasoning, answer_text=parts.answer_text, replayed=True, **body)
