"""The vision tower of Qwen3-VL: patches in, features of image tokens out, several images of one size at a time.

Axes: image, patch, feature. The arithmetic is that of transformers' `Qwen3VLVisionModel`.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mmfinereason.lab.engines.numpy_engine.config import VisionConfig
from mmfinereason.lab.engines.numpy_engine.weights import Floats, Weights

_EPSILON = 1e-6


class Vision:
    """A vision tower with its mergers."""

    def __init__(self, config: VisionConfig, weights: Weights) -> None:
        self._config = config
        kernel = weights["patch_embed.proj.weight"].sum(axis=2)  # both frames of a still image are the same
        self._embed = np.ascontiguousarray(kernel.reshape(len(kernel), -1).T)
        self._embed_bias = weights["patch_embed.proj.bias"]
        self._places = weights["pos_embed.weight"]
        self._blocks = [_Block(weights.under(f"blocks.{number}"), config.heads) for number in range(config.depth)]
        unit = config.merge**2
        self._merger = _Merger(weights.under("merger"), unit, late=False)
        names = [f"deepstack_merger_list.{number}" for number in range(len(config.deepstack))]
        self._deep = [_Merger(weights.under(name), unit, late=True) for name in names]
        self._learned = lru_cache(64)(self._learned_places)
        self._turns = lru_cache(64)(self._turning)

    def features(self, patches: Floats, grid: tuple[int, int]) -> Floats:
        """Features (image, level, token, size): level 0 takes the tokens' place, the others are for deepstack."""
        images, count, _ = patches.shape
        hidden = patches.reshape(images * count, -1) @ self._embed + self._embed_bias
        hidden = hidden.reshape(images, count, -1) + self._learned(grid)
        levels: dict[int, Floats] = {}
        for number, block in enumerate(self._blocks):
            hidden = block(hidden, *self._turns(grid))
            if number in self._config.deepstack:
                level = self._config.deepstack.index(number)
                levels[level + 1] = self._deep[level](hidden)
        levels[0] = self._merger(hidden)
        return np.stack([levels[level] for level in sorted(levels)], axis=1)

    def _rows_and_columns(self, grid: tuple[int, int]) -> tuple[Floats, Floats]:
        """Row and column of every patch, block by block of those that are merged."""
        merge = self._config.merge
        blocks = np.indices(grid, dtype=np.float32).reshape(2, grid[0] // merge, merge, grid[1] // merge, merge)
        row, column = blocks.transpose(0, 1, 3, 2, 4).reshape(2, -1)
        return row, column

    def _learned_places(self, grid: tuple[int, int]) -> Floats:
        """The square of learned positions stretched over a grid, corners on corners."""
        side = self._config.side
        learned = np.float32(0)
        sides = [_between(at, long, side) for at, long in zip(self._rows_and_columns(grid), grid, strict=True)]
        for row, high in sides[0]:
            for column, wide in sides[1]:
                learned = learned + self._places[row * side + column] * (high * wide)[:, None]
        return np.asarray(learned, np.float32)

    def _turning(self, grid: tuple[int, int]) -> tuple[Floats, Floats]:
        """Cosine and sine of each patch's angles, as (patch, 1, head size): rows turn the first, columns the rest."""
        half = self._places.shape[1] // self._config.heads // 2
        speeds = (1 / self._config.theta ** (np.arange(0, half, 2, dtype=np.float32) / half)).astype(np.float32)
        row, column = self._rows_and_columns(grid)
        angles = np.concatenate([row[:, None] * speeds, column[:, None] * speeds], axis=1)
        both = np.concatenate([angles, angles], axis=1)[:, None]
        return np.cos(both), np.sin(both)


class _Block:
    """Attention among all patches of an image, and a network of two layers."""

    def __init__(self, weights: Weights, heads: int) -> None:
        self._heads = heads
        self._norms = [(weights[f"norm{n}.weight"], weights[f"norm{n}.bias"]) for n in (1, 2)]
        self._mix, self._mix_bias = weights.linear("attn.qkv"), weights["attn.qkv.bias"]
        self._out, self._out_bias = weights.linear("attn.proj"), weights["attn.proj.bias"]
        self._up, self._up_bias = weights.linear("mlp.linear_fc1"), weights["mlp.linear_fc1.bias"]
        self._down, self._down_bias = weights.linear("mlp.linear_fc2"), weights["mlp.linear_fc2.bias"]

    def __call__(self, hidden: Floats, cosine: Floats, sine: Floats) -> Floats:
        hidden = hidden + self._attend(_normal(hidden, *self._norms[0]), cosine, sine)
        wide = gelu(_normal(hidden, *self._norms[1]) @ self._up + self._up_bias)
        return hidden + wide @ self._down + self._down_bias

    def _attend(self, hidden: Floats, cosine: Floats, sine: Floats) -> Floats:
        images, count, size = hidden.shape
        mixed = (hidden @ self._mix + self._mix_bias).reshape(images, count, 3, self._heads, -1)
        query, key = (turned(mixed[:, :, part], cosine, sine).transpose(0, 2, 1, 3) for part in (0, 1))
        scores = softmax(query @ key.transpose(0, 1, 3, 2) * np.float32(query.shape[-1] ** -0.5))
        seen = scores @ mixed[:, :, 2].transpose(0, 2, 1, 3)
        return seen.transpose(0, 2, 1, 3).reshape(images, count, size) @ self._out + self._out_bias


class _Merger:
    """Makes one token of a block of patches; normalizes before or (`late`) after putting them together."""

    def __init__(self, weights: Weights, unit: int, *, late: bool) -> None:
        self._unit, self._late = unit, late
        self._norm = weights["norm.weight"], weights["norm.bias"]
        self._up, self._up_bias = weights.linear("linear_fc1"), weights["linear_fc1.bias"]
        self._down, self._down_bias = weights.linear("linear_fc2"), weights["linear_fc2.bias"]

    def __call__(self, hidden: Floats) -> Floats:
        images, count, size = hidden.shape
        shape = (images, count // self._unit, self._unit * size)
        if self._late:
            hidden = _normal(hidden.reshape(shape), *self._norm)
        else:
            hidden = _normal(hidden, *self._norm).reshape(shape)
        return exact_gelu(hidden @ self._up + self._up_bias) @ self._down + self._down_bias


def _between(at: Floats, long: int, side: int) -> list[tuple[np.ndarray, Floats]]:
    """The two learned positions around each place on an axis of `long` patches, and their shares."""
    exact = at * np.float32(side - 1) / np.float32(max(long - 1, 1))
    low = np.floor(exact)
    share = exact - low
    high = np.minimum(low + 1, side - 1)
    return [(low.astype(np.int64), 1 - share), (high.astype(np.int64), share)]


def _normal(x: Floats, weight: Floats, bias: Floats) -> Floats:
    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.vecdot(centred, centred)[..., None] / np.float32(x.shape[-1])
    normal: Floats = centred / np.sqrt(spread + np.float32(_EPSILON)) * weight + bias
    return normal


def turned(x: Floats, cosine: Floats, sine: Floats) -> Floats:
    """Each pair of features (one in each half) turned by its angle; both halves of the angles are the same."""
    half = x.shape[-1] // 2
    result = x * cosine
    result[..., :half] -= x[..., half:] * sine[..., :half]
    result[..., half:] += x[..., :half] * sine[..., half:]
    return result


def softmax(scores: Floats) -> Floats:
    """Over the last axis, in place."""
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores


def gelu(x: Floats) -> Floats:
    """GELU by tanh."""
    result: Floats = 0.5 * x * (1 + np.tanh(np.float32(0.7978845608028654) * (x + np.float32(0.044715) * x * x * x)))
    return result


def exact_gelu(x: Floats) -> Floats:
    """GELU by the error function; Abramowitz and Stegun 7.1.26, good to 1.5e-7."""
    z = np.abs(x) * np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * z)
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.copysign(1 - series * np.exp(-z * z), x)
    result: Floats = 0.5 * x * (1 + erf)
    return result
