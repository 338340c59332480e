"""The language model of Qwen3-VL with its cache of keys and values, for rows that each stand at their own place.

All rows run the same number of tokens at a time: many while prompts are read, one while replies are written. A row's
keys lie at places 0, 1, 2 ... of its slot. A token sees the places up to its own, so what a longer neighbour left
behind them is never seen. The norms' weights are multiplied into the matrices that follow them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mmfinereason.lab.engines.numpy_engine.config import TextConfig
from mmfinereason.lab.engines.numpy_engine.vision import softmax, turned
from mmfinereason.lab.engines.numpy_engine.weights import Floats, Weights

Whole = NDArray[np.int64]


class Cache:
    """Keys and values as (layer, slot, head, place, feature); it grows as it is filled."""

    def __init__(self, config: TextConfig, slots: int = 0, places: int = 0) -> None:
        shape = (config.layers, slots, config.key_heads, places, config.head_size)
        self.keys: Floats = np.zeros(shape, np.float32)
        self.values: Floats = np.zeros(shape, np.float32)

    def reserve(self, slots: int, places: int) -> None:
        """Make room for so many slots and places; twice what there was, at least, so that it is seldom done."""
        _, has_slots, _, has_places, _ = self.keys.shape
        if slots <= has_slots and places <= has_places:
            return
        more_slots = has_slots if slots <= has_slots else max(slots, 2 * has_slots)
        more_places = has_places if places <= has_places else max(places, 2 * has_places, 64)
        grown = ((0, 0), (0, more_slots - has_slots), (0, 0), (0, more_places - has_places), (0, 0))
        self.keys, self.values = np.pad(self.keys, grown), np.pad(self.values, grown)

    def move(self, source: int, target: int, places: int) -> None:
        """Put a row's first places into another slot."""
        for part in (self.keys, self.values):
            part[:, target, :, :places] = part[:, source, :, :places]


class Text:
    """A language model."""

    def __init__(self, config: TextConfig, weights: Weights, head: Floats | None) -> None:
        """`head` is None where the table of embeddings serves as such."""
        self._config = config
        self.embeddings = weights["embed_tokens.weight"]
        self._layers = [_Layer(config, weights.under(f"layers.{number}")) for number in range(config.layers)]
        self._head = _scaled(weights["norm.weight"], self.embeddings if head is None else head)
        self._speeds, self._axes = _speeds(config)

    @property
    def vocabulary(self) -> int:
        """Tokens there are."""
        return int(self._head.shape[1])

    def __call__(self, hidden: Floats, places: Whole, positions: Whole, cache: Cache, deep: Floats | None) -> Floats:
        """Run tokens (row, token, size) of the first slots; `positions` (row, token, 3) are what rotates them.

        `deep` (layer, row, token, size) is added after the first layers. Gives hidden states of the same shape.
        """
        rows, tokens, size = hidden.shape
        angles = (positions[..., self._axes].astype(np.float32) * self._speeds).reshape(rows * tokens, 1, -1)
        both = np.concatenate([angles, angles], axis=-1)
        turning = np.cos(both), np.sin(both)
        unseen = np.where(np.arange(places.max() + 1) <= places[..., None], np.float32(0), np.float32(-np.inf))
        hidden = hidden.reshape(rows * tokens, size)
        for number, layer in enumerate(self._layers):
            cached = cache.keys[number], cache.values[number]
            hidden = hidden + layer.attend(hidden, places, unseen, turning, cached)
            hidden += layer.think(hidden)
            if deep is not None and number < len(deep):
                hidden = hidden + deep[number].reshape(rows * tokens, size)
        return hidden.reshape(rows, tokens, size)

    def logits(self, hidden: Floats) -> Floats:
        """Scores (row, token of the vocabulary) of hidden states (row, size)."""
        return unit(hidden, self._config.epsilon) @ self._head


class _Layer:
    """One layer."""

    def __init__(self, config: TextConfig, weights: Weights) -> None:
        self._config = config
        self._epsilon = config.epsilon
        attention, before = weights.under("self_attn"), weights["input_layernorm.weight"]
        self._mix = _scaled(before, *(attention[f"{part}_proj.weight"] for part in "qkv"))
        query = np.tile(attention["q_norm.weight"] * np.float32(config.head_size**-0.5), (config.heads, 1))
        self._scales = np.concatenate([query, np.tile(attention["k_norm.weight"], (config.key_heads, 1))])
        self._out = attention.linear("o_proj")
        between = weights["post_attention_layernorm.weight"]
        half_gate = weights["mlp.gate_proj.weight"] * np.float32(0.5)
        self._gate_up = _scaled(between, half_gate, weights["mlp.up_proj.weight"])
        self._down = weights.linear("mlp.down_proj")

    def attend(
        self,
        hidden: Floats,
        places: Whole,
        unseen: Floats,
        turning: tuple[Floats, Floats],
        cached: tuple[Floats, Floats],
    ) -> Floats:
        """Attention of tokens (row x token, size) to the cache, into which their own keys and values go first."""
        (rows, tokens), config = places.shape, self._config
        heads, key_heads, size = config.heads, config.key_heads, config.head_size
        mixed = (unit(hidden, self._epsilon) @ self._mix).reshape(rows * tokens, heads + 2 * key_heads, size)
        turned_ones = turned(unit(mixed[:, : heads + key_heads], self._epsilon) * self._scales, *turning)
        keys, values = cached
        slots, flat = np.repeat(np.arange(rows), tokens), places.reshape(-1)
        keys[slots, :, flat] = turned_ones[:, heads:]
        values[slots, :, flat] = mixed[:, heads + key_heads :]

        reach, group = unseen.shape[-1], heads // key_heads
        query = turned_ones[:, :heads].reshape(rows, tokens, key_heads, group, size).transpose(0, 2, 3, 1, 4)
        query = query.reshape(rows, key_heads, group * tokens, size)
        scores = query @ keys[:rows, :, :reach].transpose(0, 1, 3, 2)
        scores.reshape(rows, key_heads, group, tokens, reach)[...] += unseen[:, None, None]
        seen: Floats = softmax(scores) @ values[:rows, :, :reach]
        seen = seen.reshape(rows, key_heads, group, tokens, size).transpose(0, 3, 1, 2, 4)
        result: Floats = seen.reshape(rows * tokens, heads * size) @ self._out
        return result

    def think(self, hidden: Floats) -> Floats:
        """The gated network."""
        wide = unit(hidden, self._epsilon) @ self._gate_up
        half, up = wide[:, : len(self._down)], wide[:, len(self._down) :]
        gate = np.tanh(half)  # x * sigmoid(x) is x/2 * (1 + tanh(x/2)), which does not overflow
        gate += 1
        gate *= half
        gate *= up
        result: Floats = gate @ self._down
        return result


def unit(x: Floats, epsilon: float) -> Floats:
    """Divided by the root of the mean square over the last axis."""
    mean = np.vecdot(x, x) / np.float32(x.shape[-1])
    result: Floats = x * (1 / np.sqrt(mean + np.float32(epsilon)))[..., None]
    return result


def _scaled(norm: Floats, *matrices: Floats) -> Floats:
    """Matrices (outputs, inputs) side by side as (inputs, outputs), with the weight of the norm before them."""
    return np.ascontiguousarray((np.concatenate(matrices) * norm).T)


def _speeds(config: TextConfig) -> tuple[Floats, Whole]:
    """How fast each pair of features turns, and by which axis of the position: interleaved, time where none is said."""
    size = config.head_size
    speeds = (1 / config.theta ** (np.arange(0, size, 2, dtype=np.float32) / size)).astype(np.float32)
    axes = np.zeros(size // 2, np.int64)
    for axis in (1, 2):
        axes[axis : 3 * config.sections[axis] : 3] = axis
    return speeds, axes
