"""What a local model is asked for, what it gives back, and what every engine that runs one can do."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from PIL import Image


@dataclass(frozen=True, slots=True)
class Sampling:
    """How one reply is drawn. `seed` None: never the same twice; temperature 0 is greedy; `top_k` 0 is all."""

    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    max_tokens: int | None = None
    seed: int | None = None


@dataclass(frozen=True)
class Wanted:
    """One reply to write: the conversation in the form chat templates read, and its images in their order."""

    messages: list[dict[str, Any]]
    images: tuple[Image.Image, ...] = ()
    sampling: Sampling = Sampling()
    template: dict[str, Any] = field(default_factory=dict)
    """Further variables of the chat template."""


@dataclass(frozen=True, slots=True)
class Written:
    """A reply: all its text with its tags, how it ended, and its tokens."""

    text: str
    cut_off: bool
    prompt_tokens: int
    tokens: int


Later = Callable[[int], Sequence[Wanted]]
"""Further replies to write, given how many are being written; an engine that cannot take any never asks."""


def nobody(_: int) -> Sequence[Wanted]:
    """No further replies."""
    return ()


class Engine(Protocol):
    """A loaded checkpoint."""

    context: int
    """Most tokens of prompt and reply together."""

    def prompt(self, wanted: Wanted) -> str:
        """The text a reply goes on from."""

    def length(self, wanted: Wanted) -> int:
        """Tokens of a prompt, its images included. Raises ValueError for an image that cannot be cut into patches."""

    def count(self, text: str) -> int:
        """Tokens of a text."""

    def write(self, batch: Sequence[Wanted], later: Later = nobody) -> Iterator[tuple[int, Written]]:
        """Replies as they are done, each with its number; those of `later` are numbered on from the batch."""


def open_image(data: bytes) -> Image.Image:
    """An image in RGB. Raises OSError or DecompressionBombError."""
    image = Image.open(io.BytesIO(data))
    return image.convert("RGB")
