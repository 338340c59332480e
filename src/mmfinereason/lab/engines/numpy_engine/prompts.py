"""Prompts: the chat template, the tokenizer, and where each token of text and picture stands.

Text tokens stand one after another. Those of an image share one time and stand in rows and columns; what follows an
image goes on after its longer side.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Template
from jinja2.exceptions import TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from PIL import Image
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers

from mmfinereason.errors import TrainError
from mmfinereason.lab.engines.base import Wanted
from mmfinereason.lab.engines.numpy_engine.images import ImageReader
from mmfinereason.lab.engines.numpy_engine.text import Whole

_QWEN_WORDS = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)


@dataclass(frozen=True)
class Prompt:
    """A prompt in tokens; `key` is the same for the same tokens and images."""

    key: bytes
    ids: Whole
    positions: Whole
    """(token, 3): time, row, column."""
    images: tuple[Image.Image, ...]
    images_at: Whole
    """Indices of the image tokens."""

    @property
    def following(self) -> int:
        """The position of the first token after it."""
        return int(self.positions.max()) + 1


class Prompts:
    """Makes prompts of what is wanted."""

    def __init__(self, folder: Path, reader: ImageReader, image_token: int) -> None:
        settings = _json(folder / "tokenizer_config.json")
        self._tokenizer = _tokenizer(folder, settings)
        self._template = _template(folder, settings)
        self._reader = reader
        self._image_token = image_token
        self.ends = _ends(folder, settings, self._tokenizer)

    def text(self, wanted: Wanted) -> str:
        """The text a reply goes on from.

        Raises:
            ValueError: the chat template refuses the messages.
        """
        try:
            return self._template.render(messages=wanted.messages, add_generation_prompt=True, **wanted.template)
        except TemplateError as error:
            raise ValueError(f"the chat template refuses the messages: {error}") from error

    def ids(self, text: str) -> list[int]:
        """Tokens of a text."""
        found: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return found

    def said(self, ids: Sequence[int]) -> str:
        """The text of tokens, without special ones."""
        text: str = self._tokenizer.decode(list(ids), skip_special_tokens=True)
        return text

    def length(self, wanted: Wanted) -> int:
        """Tokens of a prompt, its images included."""
        return len(self.ids(self.text(wanted))) + sum(self._reader.tokens(image) - 1 for image in wanted.images)

    def prompt(self, wanted: Wanted) -> Prompt:
        """A prompt in tokens, each place of an image filled.

        Raises:
            ValueError: the template has not one place for each image.
        """
        ids = self.ids(self.text(wanted))
        if (places := ids.count(self._image_token)) != len(wanted.images):
            raise ValueError(f"the prompt has {places} places for {len(wanted.images)} images")
        images = iter(wanted.images)
        pieces: list[Whole] = []
        start, following = 0, 0
        for at in [*(at for at, token in enumerate(ids) if token == self._image_token), len(ids)]:
            pieces.append(_line(at - start, following))
            following += at - start
            if at < len(ids):
                grid = [side // self._reader.merge for side in self._reader.grid(next(images))]
                pieces.append(_plane(grid[0], grid[1], following))
                following += max(grid)
            start = at + 1
        positions = np.concatenate(pieces)
        at_images = np.concatenate([np.full(len(piece), number % 2) for number, piece in enumerate(pieces)])
        filled = np.full(len(positions), self._image_token)
        filled[at_images == 0] = [token for token in ids if token != self._image_token]
        return Prompt(_key(filled, wanted.images), filled, positions, wanted.images, np.flatnonzero(at_images))


def _line(count: int, start: int) -> Whole:
    return np.repeat(np.arange(start, start + count), 3).reshape(count, 3)


def _plane(rows: int, columns: int, start: int) -> Whole:
    row, column = np.indices((rows, columns)).reshape(2, -1)
    return np.stack([np.zeros_like(row), row, column], axis=1) + start


def _key(ids: Whole, images: Sequence[Image.Image]) -> bytes:
    return hashlib.sha256(ids.tobytes() + b"".join(map(image_key, images))).digest()


def image_key(image: Image.Image) -> bytes:
    """The same for the same pixels."""
    return hashlib.sha256(repr(image.size).encode() + image.tobytes()).digest()


def _tokenizer(folder: Path, settings: dict[str, Any]) -> Tokenizer:
    path = folder / "tokenizer.json"
    if not path.is_file():
        raise TrainError(f"{folder} has no tokenizer.json", "save its tokenizer with a recent transformers")
    tokenizer = Tokenizer.from_file(str(path))
    if str(settings.get("tokenizer_class", "")).startswith("Qwen2Tokenizer"):  # it cuts words by its own rule
        tokenizer.normalizer = normalizers.NFC()
        words = pre_tokenizers.Split(Regex(_QWEN_WORDS), behavior="isolated", invert=False)
        bytes_ = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([words, bytes_])
    return tokenizer


def _ends(folder: Path, settings: dict[str, Any], tokenizer: Tokenizer) -> frozenset[int]:
    """Tokens that end a reply."""
    told = _json(folder / "generation_config.json").get("eos_token_id")
    ends = {told} if isinstance(told, int) else set(told or ())
    name = settings.get("eos_token")
    own = tokenizer.token_to_id(name["content"] if isinstance(name, dict) else name) if name else None
    return frozenset(ends | ({own} if own is not None else set()))


def _template(folder: Path, settings: dict[str, Any]) -> Template:
    """The chat template, from one of the places in which checkpoints keep it."""
    path = folder / "chat_template.jinja"
    source = path.read_text() if path.is_file() else _json(folder / "chat_template.json").get("chat_template")
    source = source or settings.get("chat_template")
    if not isinstance(source, str):
        raise TrainError(f"{folder} has no chat template")
    world = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
    world.filters["tojson"] = lambda value, **options: json.dumps(value, ensure_ascii=False, **options)
    world.globals["raise_exception"] = _refuse
    world.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    return world.from_string(source)


def _refuse(message: str) -> None:
    raise TemplateError(message)


def _json(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text()) if path.is_file() else {}
    return content
