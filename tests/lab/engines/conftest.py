"""A tiny checkpoint that numpy wrote, and pictures."""

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2]))

from mmfinereason.lab.engines.base import Sampling, Wanted


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory):
    from numpy_model import build_numpy_qwen3vl

    return build_numpy_qwen3vl(tmp_path_factory.mktemp("models") / "numpy-tiny")


@pytest.fixture(scope="session")
def picture():
    def make(width=48, height=32, seed=0):
        pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), dtype=np.uint8)
        return Image.fromarray(pixels)

    return make


@pytest.fixture(scope="session")
def want():
    def make(text, *images, **sampling):
        parts = [{"type": "image"} for _ in images] + [{"type": "text", "text": text}]
        return Wanted([{"role": "user", "content": parts}], images, Sampling(**sampling))

    return make
