"""Reads a server's response, and says of each fault whose it is.

Everything that can come over the wire becomes an `Answer` or a `Fault`. What follows from a fault depends only on its
blame: a row's own fault is not retried, load slows the client down, a server's faults in a row take it out, a wrong
set-up takes it out for good, and an unusable message is just asked for again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import StrEnum
from typing import Any

import orjson

from mmfinereason.schema import Reason

_DETAIL = 300
_DEAD_FINISHES = ("error", "abort")
"""Finish reasons with which servers say that generating broke off for a reason of their own."""


LONGEST_ASKED = 3600.0
"""Seconds that a `Retry-After` is believed at most: a longer one is a clock that is off, a mistake or worse."""


class Blame(StrEnum):
    """Whose fault it is that there is no reply."""

    ROW = "row"
    LOAD = "load"
    SERVER = "server"
    UNREACHABLE = "unreachable"
    SETUP = "setup"
    MODEL = "model"


@dataclass(frozen=True, slots=True)
class Tokens:
    """Tokens as a server counted them."""

    prompt: int = 0
    completion: int = 0
    reasoning: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """A usable assistant message as it came."""

    message: Mapping[str, Any]
    finish_reason: str
    model: str
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Fault:
    """Why there is no usable message. `tokens` were counted, and will be billed, all the same."""

    reason: Reason
    detail: str
    blame: Blame
    retry_after: float = 0.0
    tokens: Tokens = Tokens()


def read(status: int, headers: Mapping[str, str], body: bytes) -> Answer | Fault:
    """What an HTTP response amounts to."""
    if status != 200:
        return _refusal(status, headers, body)
    kind = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind == "text/html":
        return Fault(Reason.BAD_REPLY, f"error page: {_excerpt(body)}", Blame.SERVER)
    if "json" not in kind:
        return Fault(Reason.BAD_REPLY, f"content type {kind or 'missing'}: {_excerpt(body)}", Blame.SERVER)
    try:
        completion = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        return Fault(Reason.BAD_REPLY, f"truncated or broken JSON: {error}", Blame.SERVER)
    if not isinstance(completion, dict):
        return Fault(Reason.BAD_REPLY, f"not a chat completion: {_excerpt(body)}", Blame.SERVER)
    return _first_choice(completion)


def _refusal(status: int, headers: Mapping[str, str], body: bytes) -> Fault:
    detail = f"HTTP {status}: {_error_message(body)}"
    wait = retry_after(headers.get("Retry-After"))
    if status == 429:
        return Fault(Reason.RATE_LIMITED, detail, Blame.LOAD, wait)
    if status == 408:
        return Fault(Reason.TIMEOUT, detail, Blame.LOAD, wait)
    if status == 503:
        return Fault(Reason.SERVER_ERROR, detail, Blame.LOAD if wait else Blame.SERVER, wait)
    if status in (401, 402, 403, 404):
        return Fault(Reason.SERVER_ERROR, detail, Blame.SETUP)
    if status in (409, 425) or status >= 500:
        return Fault(Reason.SERVER_ERROR, detail, Blame.SERVER, wait)
    if status >= 400:
        return Fault(Reason.REFUSED_REQUEST, detail, Blame.ROW)
    return Fault(Reason.BAD_REPLY, f"{detail} (to {headers.get('Location', 'nowhere')})", Blame.SERVER)


def _first_choice(completion: dict[str, Any]) -> Answer | Fault:
    tokens = _tokens(completion.get("usage"))
    if completion.get("error"):
        return Fault(Reason.SERVER_ERROR, f"error in reply: {_excerpt(completion['error'])}", Blame.SERVER, 0, tokens)
    choices = completion.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        return Fault(Reason.EMPTY_REPLY, "no choice in the reply", Blame.MODEL, 0, tokens)
    finish = _text(choice.get("finish_reason"))
    if finish in _DEAD_FINISHES:
        return Fault(Reason.SERVER_ERROR, f"finish reason {finish}", Blame.SERVER, 0, tokens)
    if finish != "length" and not _says_something(message):
        return Fault(Reason.EMPTY_REPLY, f"no text, finish reason {finish or 'missing'}", Blame.MODEL, 0, tokens)
    return Answer(message, finish, _text(completion.get("model")), tokens)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _says_something(message: dict[str, Any]) -> bool:
    texts = (message.get(name) for name in ("content", "reasoning", "reasoning_content"))
    return any(text.strip() if isinstance(text, str) else text for text in texts)


def _tokens(usage: object) -> Tokens:
    if not isinstance(usage, dict):
        return Tokens()
    details = usage.get("completion_tokens_details")
    reasoning = details.get("reasoning_tokens") if isinstance(details, dict) else usage.get("reasoning_tokens")
    return Tokens(_count(usage.get("prompt_tokens")), _count(usage.get("completion_tokens")), _count(reasoning))


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def retry_after(value: str | None) -> float:
    """Seconds a `Retry-After` header asks for, at most an hour: a number or an HTTP date; 0 when there is none."""
    if not value:
        return 0.0
    try:
        seconds = float(value)
    except ValueError:
        seconds = _seconds_until(value)
    return min(seconds, LONGEST_ASKED) if seconds > 0 else 0.0  # nan is not above 0


def _seconds_until(date: str) -> float:
    try:
        moment = parsedate_to_datetime(date)
    except (ValueError, OverflowError):
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - datetime.now(UTC)).total_seconds()


def _error_message(body: bytes) -> str:
    """The message of an error body in the shapes of OpenAI, vLLM and FastAPI, or the body's beginning."""
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _excerpt(body)
    if isinstance(found, dict):
        inner = found.get("error", found.get("detail", found))
        found = inner.get("message", inner) if isinstance(inner, dict) else inner
    return _excerpt(found)


def _excerpt(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return " ".join(text[: 4 * _DETAIL].split())[:_DETAIL] or "no text"
