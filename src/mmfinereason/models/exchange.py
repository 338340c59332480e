"""What goes out to a model and what comes back: plain values, no behaviour.

A reply that cannot be had is a `Failure`, not an exception: it belongs to one row. Both carry what a table row needs to
say how the reply was asked for (model, prompt, temperature, max_tokens, seed), so that every attempt explains itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mmfinereason.schema import Reason


@dataclass(frozen=True, slots=True)
class Request:
    """One question to one model. Overrides that are None leave the role's sampling as the recipe has it."""

    role: str
    text: str
    system: str | None = None
    image: bytes | None = None
    image_sha256: str | None = None  # hex digest of `image`, computed when not given
    prompt: str = ""  # prompt name and hash, `distill@1a2b3c4d`
    attempt: int = 0  # same payload, another attempt: another key and another derived seed
    temperature: float | None = None
    max_tokens: int | None = None
    seed: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)  # further body fields, over the recipe's extra_body


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's reply, thoughts and answer apart. Token counts are the server's; 0 where it gave none."""

    key: str
    reasoning: str
    answer_text: str
    finish_reason: str  # `stop`, `length`, ...; empty when the server gave none
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    cost: float  # US dollars, tries that brought nothing included
    latency: float  # seconds, of the try that brought the reply
    endpoint: str
    model: str  # as the server names it
    prompt: str
    temperature: float | None
    max_tokens: int | None
    seed: int | None
    tries: int
    raw: str  # the message object as it came, JSON
    replayed: bool = False  # read back from the journal


@dataclass(frozen=True, slots=True)
class Failure:
    """A request that brought no usable reply, with its class."""

    key: str
    reason: Reason
    detail: str
    tries: int
    cost: float
    endpoint: str  # of the last try
    model: str
    prompt: str
    temperature: float | None
    max_tokens: int | None
    seed: int | None
    replayed: bool = False
