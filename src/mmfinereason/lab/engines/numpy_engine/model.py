"""A whole Qwen3-VL: prompts are read here, pictures looked at once, and both kept for the next who asks the same."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

import numpy as np
from PIL import Image

from mmfinereason.lab.engines.numpy_engine import config, weights
from mmfinereason.lab.engines.numpy_engine.images import ImageReader
from mmfinereason.lab.engines.numpy_engine.prompts import Prompt, image_key
from mmfinereason.lab.engines.numpy_engine.text import Cache, Text
from mmfinereason.lab.engines.numpy_engine.vision import Vision
from mmfinereason.lab.engines.numpy_engine.weights import Floats

T = TypeVar("T")

GROUP = 1024
"""Tokens of prompts read at once, or patches of images, at most, so that they fit the processor's cache; what is longer
is read alone."""
STRETCH = 512
"""Tokens of one prompt read at once, at most: scores are kept for each of them against all before it."""
KEPT = 128 * 2**20
"""Bytes of read prompts kept, and of looked-at pictures."""


@dataclass(frozen=True)
class Read:
    """A prompt that was read: its keys and values as (layer, head, place, feature), and the scores after it."""

    keys: Floats
    values: Floats
    scores: Floats


class Model:
    """A checkpoint's arithmetic."""

    def __init__(self, folder: Path) -> None:
        """Raises TrainError for a checkpoint that cannot be run here."""
        self.config = config.read(folder)
        found = weights.read(folder)
        self.vision = Vision(self.config.vision, found.under("model.visual"))
        head = None if self.config.text.tied else found["lm_head.weight"]
        self.text = Text(self.config.text, found.under("model.language_model"), head)
        self.reader = ImageReader.of(folder, self.config.vision.patch, self.config.vision.merge)
        self._looks: Kept[Floats] = Kept(KEPT)
        self._reads: Kept[Read] = Kept(KEPT)

    def read(self, prompts: Sequence[Prompt]) -> list[Read]:
        """Prompts read; equal ones once."""
        done = {one.key: kept for one in prompts if (kept := self._reads.get(one.key))}
        new = {one.key: one for one in prompts if one.key not in done}
        for group in _groups(list(new.values())):
            for prompt, result in zip(group, self._read_group(group), strict=True):
                done[prompt.key] = result
                self._reads.keep(prompt.key, result, result.keys.nbytes * 2 + result.scores.nbytes)
        return [done[one.key] for one in prompts]

    def hidden(self, prompts: Sequence[Prompt], cache: Cache) -> Floats:
        """Last hidden states (prompt, token, size) of prompts in the first slots of a cache, padded at the end."""
        longest = max(len(one.ids) for one in prompts)
        cache.reserve(len(prompts), longest)
        ids = np.stack([_padded(one.ids, longest) for one in prompts])
        positions = np.stack([_padded(one.positions, longest) for one in prompts])
        places = np.tile(np.arange(longest), (len(prompts), 1))
        embedded, deep = self._seen(prompts, self.text.embeddings[ids])
        parts = [
            self.text(
                embedded[:, start:stop],
                places[:, start:stop],
                positions[:, start:stop],
                cache,
                None if deep is None else deep[:, :, start:stop],
            )
            for start in range(0, longest, STRETCH)
            for stop in (min(longest, start + STRETCH),)
        ]
        return np.concatenate(parts, axis=1)

    def _read_group(self, prompts: Sequence[Prompt]) -> Iterator[Read]:
        cache = Cache(self.config.text)
        hidden = self.hidden(prompts, cache)
        lengths = [len(one.ids) for one in prompts]
        scores = self.text.logits(hidden[np.arange(len(prompts)), np.array(lengths) - 1])
        for slot, length in enumerate(lengths):
            yield Read(
                cache.keys[:, slot, :, :length].copy(), cache.values[:, slot, :, :length].copy(), scores[slot].copy()
            )

    def _seen(self, prompts: Sequence[Prompt], embedded: Floats) -> tuple[Floats, Floats | None]:
        """The embeddings with image tokens in their places, and what is added after the first layers."""
        if not any(one.images for one in prompts):
            return embedded, None
        looks = self._look(image for one in prompts for image in one.images)
        deep = np.zeros((len(self.config.vision.deepstack), *embedded.shape), np.float32)
        for row, prompt in enumerate(prompts):
            if prompt.images:
                levels = np.concatenate([looks[image_key(image)] for image in prompt.images], axis=1)
                embedded[row, prompt.images_at] = levels[0]
                deep[:, row, prompt.images_at] = levels[1:]
        return embedded, deep

    def _look(self, images: Iterable[Image.Image]) -> dict[bytes, Floats]:
        """Features (level, token, size) of images by their key; new ones of one size together."""
        wanted = {image_key(image): image for image in images}
        done = {key: kept for key in wanted if (kept := self._looks.get(key)) is not None}
        sizes = defaultdict(list)
        for key, image in wanted.items():
            if key not in done:
                sizes[self.reader.grid(image)].append(key)
        for grid, keys in sizes.items():
            together = max(1, GROUP // (grid[0] * grid[1]))
            for some in (keys[start : start + together] for start in range(0, len(keys), together)):
                patches = np.stack([self.reader.patches(wanted[key]) for key in some])
                for key, features in zip(some, self.vision.features(patches, grid), strict=True):
                    done[key] = features.copy()
                    self._looks.keep(key, done[key], features.nbytes)
        return done


class Kept(Generic[T]):
    """Results by key, the latest used, up to a number of bytes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = 0
        self._results: OrderedDict[bytes, tuple[T, int]] = OrderedDict()

    def get(self, key: bytes) -> T | None:
        """A result that is still kept."""
        if key not in self._results:
            return None
        self._results.move_to_end(key)
        return self._results[key][0]

    def keep(self, key: bytes, result: T, size: int) -> None:
        """Keep a result, and let the oldest go."""
        self._results[key] = result, size
        self._bytes += size
        while self._bytes > self._most:
            _, (_, gone) = self._results.popitem(last=False)
            self._bytes -= gone


def _padded(values: np.ndarray, length: int) -> np.ndarray:
    return np.concatenate([values, np.zeros((length - len(values), *values.shape[1:]), values.dtype)])


def _groups(prompts: list[Prompt]) -> Iterator[list[Prompt]]:
    """Prompts of like length together, so that little is padded, and not more than fit."""
    group: list[Prompt] = []
    for prompt in sorted(prompts, key=lambda one: len(one.ids)):
        long = len(prompt.ids)
        if group and (long * (len(group) + 1) > GROUP or long > 1.25 * len(group[0].ids) + 8):
            yield group
            group = []
        group.append(prompt)
    if group:
        yield group
