"""What a request asks for: role, text, images and the few sampling fields that change what the server does.

The role is read off the model name. Data is found in prompts by the blocks every prompt of this package wraps it in,
`<question-3f9a12bc>\\n...\\n</question-3f9a12bc>`; other prompts are used as plain text.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import orjson

Role = Literal["teacher", "captioner", "cleaner", "judge", "prober", "student"]
ROLES: tuple[Role, ...] = get_args(Role)

_BLOCK = re.compile(r"<([a-z_]+)-([0-9a-f]{8})>\n(.*?)\n?</\1-\2>", re.DOTALL)


class Refusal(Exception):
    """A request that gets an error object instead of an answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


@dataclass(frozen=True)
class ChatRequest:
    """One request; `key` is the SHA-256 of its body, `prompt` all its text, `images` the decoded bytes."""

    key: str
    model: str
    role: Role
    prompt: str
    images: tuple[bytes, ...] = ()
    seed: int | None = None
    n: int = 1
    max_tokens: int | None = None
    stream: bool = False
    stream_usage: bool = False
    image_sha256: tuple[str, ...] = field(default=())
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The whole body, for a model that honours every field of it."""

    @cached_property
    def blocks(self) -> dict[str, str]:
        """The data blocks of the prompt by name; of several with one name the last."""
        return {name: text for name, _, text in _BLOCK.findall(self.prompt)}


def parse(body: bytes, models: dict[str, Role]) -> ChatRequest:
    """Read a request for one of `models`.

    Raises:
        Refusal: 400 for a body that is no chat request, 404 for a model that is not served.
    """
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise Refusal(400, "bad_request", f"the body is not JSON: {error}") from error
    if not isinstance(raw, dict):
        raise Refusal(400, "bad_request", "the body must be a JSON object")
    model = raw.get("model")
    if model not in models:
        raise Refusal(404, "model_not_found", f"no model {model!r}; there are {', '.join(models)}")
    texts, images = _contents(raw.get("messages"))
    return ChatRequest(
        key=hashlib.sha256(body).hexdigest(),
        model=model,
        role=models[model],
        prompt="\n".join(texts),
        images=images,
        image_sha256=tuple(hashlib.sha256(image).hexdigest() for image in images),
        seed=_whole(raw, "seed"),
        n=_whole(raw, "n", 1) or 1,
        max_tokens=_whole(raw, "max_completion_tokens", 1) or _whole(raw, "max_tokens", 1),
        stream=raw.get("stream") is True,
        stream_usage=bool((raw.get("stream_options") or {}).get("include_usage")),
        raw=raw,
    )


def _contents(messages: Any) -> tuple[list[str], tuple[bytes, ...]]:
    if not isinstance(messages, list) or not messages:
        raise Refusal(400, "bad_request", "`messages` must be a list with at least one message")
    texts: list[str] = []
    images: list[bytes] = []
    for message in messages:
        content = message.get("content") if isinstance(message, dict) else None
        if isinstance(content, str):
            texts.append(content)
        elif isinstance(content, list):
            for part in content:
                _add_part(part, texts, images)
        elif content is not None:
            raise Refusal(400, "bad_request", "a message's `content` must be a text or a list of parts")
    return texts, tuple(images)


def _add_part(part: Any, texts: list[str], images: list[bytes]) -> None:
    kind = part.get("type") if isinstance(part, dict) else None
    if kind == "text" and isinstance(part.get("text"), str):
        texts.append(part["text"])
    elif kind == "image_url":
        given = part.get("image_url")
        images.append(_decode(given.get("url") if isinstance(given, dict) else given))
    else:
        raise Refusal(400, "bad_request", f"cannot read a content part of type {kind!r}")


def _decode(url: Any) -> bytes:
    if not isinstance(url, str) or not url.startswith("data:image/"):
        raise Refusal(400, "bad_image", "images must be data URLs; this server fetches nothing")
    start = url.find(";base64,", 0, 100)
    if start < 0:
        raise Refusal(400, "bad_image", "the image's data URL is not base64")
    try:
        return binascii.a2b_base64(url[start + 8 :])
    except binascii.Error as error:
        raise Refusal(400, "bad_image", f"the image's base64 is damaged: {error}") from error


def _whole(raw: dict[str, Any], name: str, least: int | None = None) -> int | None:
    value = raw.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or (least is not None and value < least):
        raise Refusal(400, "bad_request", f"`{name}` must be a whole number{f' of at least {least}' if least else ''}")
    return value
