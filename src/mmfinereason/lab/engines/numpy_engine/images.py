"""Images as the vision tower reads them: resized to whole blocks of patches, normalized, cut up.

It gives the numbers of transformers' `Qwen2VLImageProcessorPil`, but one frame of them, since a still image is the same
frame twice.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from mmfinereason.lab.engines.numpy_engine.weights import Floats

_CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
_CLIP_STD = (0.26862954, 0.26130258, 0.27577711)
_LONGEST = 200
"""Most times that one side of an image is as long as the other."""


@dataclass(frozen=True)
class ImageReader:
    """How a checkpoint's images are read; `least` and `most` are pixels."""

    patch: int
    merge: int
    least: int
    most: int
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @classmethod
    def of(cls, folder: Path, patch: int, merge: int) -> ImageReader:
        """By the checkpoint's `preprocessor_config.json`."""
        path = folder / "preprocessor_config.json"
        raw = json.loads(path.read_text()) if path.is_file() else {}
        size = raw.get("size") or {}
        least = raw.get("min_pixels") or size.get("shortest_edge") or 56 * 56
        most = raw.get("max_pixels") or size.get("longest_edge") or 28 * 28 * 1280
        mean, std = raw.get("image_mean") or _CLIP_MEAN, raw.get("image_std") or _CLIP_STD
        return cls(patch, merge, least, most, tuple(mean), tuple(std))

    def grid(self, image: Image.Image) -> tuple[int, int]:
        """Patches an image has from top to bottom and from left to right.

        Raises:
            ValueError: it is too long and thin.
        """
        height, width = self._pixels(image.height, image.width)
        return height // self.patch, width // self.patch

    def tokens(self, image: Image.Image) -> int:
        """Tokens of an image in a prompt."""
        height, width = self.grid(image)
        return height * width // self.merge**2

    def patches(self, image: Image.Image) -> Floats:
        """Patches as (patch, channel x row x column), block by block of those that are merged."""
        rows, columns = self.grid(image)
        size = (columns * self.patch, rows * self.patch)
        pixels = np.asarray(image.resize(size, Image.Resampling.BICUBIC), np.float64)
        mean, std = np.array(self.mean, np.float32), np.array(self.std, np.float32)
        values: Floats = ((pixels / 255).astype(np.float32) - mean) / std
        merge, patch = self.merge, self.patch
        cut = values.reshape(rows // merge, merge, patch, columns // merge, merge, patch, 3)
        return np.ascontiguousarray(cut.transpose(0, 3, 1, 4, 6, 2, 5)).reshape(rows * columns, -1)

    def _pixels(self, height: int, width: int) -> tuple[int, int]:
        """The size nearest to an image's own that is made of whole blocks and within the limits."""
        if max(height, width) > _LONGEST * min(height, width):
            raise ValueError(f"an image of {width}x{height} pixels is more than {_LONGEST} times as long as wide")
        block = self.patch * self.merge
        tall, wide = round(height / block) * block, round(width / block) * block
        if tall * wide > self.most:
            shrink = math.sqrt(height * width / self.most)
            tall, wide = (max(block, math.floor(side / shrink / block) * block) for side in (height, width))
        elif tall * wide < self.least:
            grow = math.sqrt(self.least / (height * width))
            tall, wide = (math.ceil(side * grow / block) * block for side in (height, width))
        return tall, wide
