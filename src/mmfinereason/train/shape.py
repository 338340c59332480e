"""How large a model is, as far as memory goes: read from its `config.json`, or known for the paper's models."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of a Qwen3-VL model's language part, and the parameters of the whole model."""

    parameters: float
    hidden: int
    layers: int
    intermediate: int
    vocabulary: int


PAPER_MODELS: dict[str, Shape] = {
    "Qwen3-VL-2B": Shape(2.13e9, 2048, 28, 6144, 151_936),
    "Qwen3-VL-4B": Shape(4.44e9, 2560, 36, 9728, 151_936),
    "Qwen3-VL-8B": Shape(8.77e9, 4096, 36, 12_288, 151_936),
}
"""By the start of the name's last part; from the models' `config.json` and the sizes of their weights on the hub."""


def shape_of(model: str) -> Shape | None:
    """The shape of a model given by path or name; None when neither says it."""
    config = Path(model) / "config.json"
    if config.is_file():
        return _from_config(json.loads(config.read_text()))
    name = model.rstrip("/").rsplit("/", 1)[-1]
    return next((shape for start, shape in PAPER_MODELS.items() if name.startswith(start)), None)


def _from_config(config: dict[str, Any]) -> Shape | None:
    text = config.get("text_config", config)
    try:
        hidden, layers, inner = text["hidden_size"], text["num_hidden_layers"], text["intermediate_size"]
        vocabulary, heads = text["vocab_size"], text["num_attention_heads"]
    except KeyError:
        return None
    width = text.get("head_dim", hidden // heads)
    attention = hidden * width * 2 * (heads + text.get("num_key_value_heads", heads))
    embeddings = vocabulary * hidden * (1 if config.get("tie_word_embeddings") else 2)
    vision = config.get("vision_config", {})
    tower = 12 * vision.get("depth", 0) * vision.get("hidden_size", 0) ** 2
    return Shape(embeddings + layers * (attention + 3 * hidden * inner) + tower, hidden, layers, inner, vocabulary)
