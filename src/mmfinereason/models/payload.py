"""Builds what is posted, and the key it is known by.

The key covers the whole payload, images by their content hash and the size they are sent in, and the attempt. Neither
endpoint nor API key belongs to it: a reply stays good when servers change, and never survives a change of prompt,
model or sampling. A derived seed depends on the recipe's seed, the rest of the payload and the attempt, so a run can
be repeated while attempts differ.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mmfinereason.models.exchange import Request
from mmfinereason.models.picture import Picture
from mmfinereason.recipe.models import OWN_FIELDS, RoleSettings

_SAMPLING = ("temperature", "top_p", "top_k", "repetition_penalty", "max_tokens")
_BYTES_A_TOKEN = 2
"""UTF-8 bytes of text for one token at the worst, markup and digits included; English prose has about 4."""


@dataclass(frozen=True, slots=True)
class Payload:
    """A request as it will be sent; `options` are all body fields but the messages."""

    key: str
    request: Request
    options: Mapping[str, Any]
    picture: Picture | None

    @property
    def temperature(self) -> float | None:
        return self.options.get("temperature")

    @property
    def max_tokens(self) -> int | None:
        most: int | None = self.options.get("max_tokens", self.options.get("max_completion_tokens"))
        return most

    @property
    def seed(self) -> int | None:
        return self.options.get("seed")

    @property
    def prompt_tokens(self) -> int:
        """Upper estimate of the prompt's tokens, for budgets and token limits."""
        text = len(self.request.text.encode()) + len((self.request.system or "").encode())
        return text // _BYTES_A_TOKEN + (self.picture.tokens if self.picture else 0)

    def body(self) -> bytes:
        """The request body as JSON; scales and encodes the image."""
        url = self.picture.data_url() if self.picture else None
        return orjson.dumps({**self.options, "messages": _messages(self.request, url)})


def compose(role: RoleSettings, request: Request, run_seed: int) -> Payload:
    """The payload of a request. Raises `BadImage` when the image's header cannot be read."""
    picture = None
    if request.image is not None:
        picture = Picture.of(request.image, request.image_sha256, role.min_pixels, role.max_pixels)
    messages = _messages(request, picture.digest if picture else None)
    options = _options(role, request)
    seed = request.seed if request.seed is not None else role.seed
    if seed == "derived":
        seed = _derived_seed(run_seed, _digest([options, messages, request.attempt]))
    if isinstance(seed, int):
        options["seed"] = seed
    return Payload(_digest([options, messages, request.attempt]), request, options, picture)


def _options(role: RoleSettings, request: Request) -> dict[str, Any]:
    options: dict[str, Any] = {"model": role.model}
    options |= {name: value for name in _SAMPLING if (value := getattr(role, name)) is not None}
    options |= {name: value for name, value in role.extra_body.items() if name not in OWN_FIELDS}
    options |= {name: value for name, value in request.extra.items() if name not in OWN_FIELDS}
    if request.temperature is not None:
        options["temperature"] = request.temperature
    if request.max_tokens is not None:
        options["max_completion_tokens" if "max_completion_tokens" in options else "max_tokens"] = request.max_tokens
    return options


def _messages(request: Request, image_url: str | None) -> list[dict[str, Any]]:
    content: str | list[dict[str, Any]] = request.text
    if image_url is not None:
        image = {"type": "image_url", "image_url": {"url": image_url}}
        content = [image, {"type": "text", "text": request.text}]
    system = [{"role": "system", "content": request.system}] if request.system else []
    return [*system, {"role": "user", "content": content}]


def _digest(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _derived_seed(run_seed: int, draft: str) -> int:
    """31 bits: every server takes such a seed."""
    return int.from_bytes(hashlib.sha256(f"{run_seed}/{draft}".encode()).digest()[:4]) >> 1
