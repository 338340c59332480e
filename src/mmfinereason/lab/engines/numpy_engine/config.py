"""The shape of a Qwen3-VL, read from its `config.json`. What this engine does not compute is refused here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmfinereason.errors import TrainError


@dataclass(frozen=True)
class TextConfig:
    """The language model."""

    layers: int
    heads: int
    key_heads: int
    head_size: int
    context: int
    epsilon: float
    theta: float
    sections: tuple[int, int, int]
    """Rotary frequencies that turn by time, height and width."""
    tied: bool
    """Whether the head is the table of embeddings."""


@dataclass(frozen=True)
class VisionConfig:
    """The vision tower."""

    depth: int
    heads: int
    patch: int
    merge: int
    side: int
    """Learned positions along one side of the square."""
    theta: float
    deepstack: tuple[int, ...]
    """Blocks after which features are taken for the first layers of the language model."""


@dataclass(frozen=True)
class Config:
    """A whole checkpoint."""

    text: TextConfig
    vision: VisionConfig
    image_token: int


def read(folder: Path) -> Config:
    """The shape of a checkpoint.

    Raises:
        TrainError: it is one that only the transformers engine runs.
    """
    raw = json.loads((folder / "config.json").read_text())
    text, vision = raw["text_config"], raw["vision_config"]
    rotary = text.get("rope_parameters") or text.get("rope_scaling") or {}
    unknown = [
        f"{name} {value!r}"
        for name, value, known in (
            ("model type", raw.get("model_type"), ("qwen3_vl",)),
            ("activation", text.get("hidden_act", "silu"), ("silu",)),
            ("vision activation", vision.get("hidden_act", "gelu_pytorch_tanh"), ("gelu_pytorch_tanh",)),
            ("rotary type", rotary.get("rope_type", "default"), ("default",)),
            ("attention_bias", text.get("attention_bias", False), (False,)),
        )
        if value not in known
    ]
    if unknown:
        raise TrainError(
            f"the numpy engine does not compute {', '.join(unknown)}", "take the engine transformers (extra `train`)"
        )
    return Config(_text(text, rotary, raw), _vision(vision), raw["image_token_id"])


def _text(text: Mapping[str, Any], rotary: Mapping[str, Any], whole: Mapping[str, Any]) -> TextConfig:
    heads = text["num_attention_heads"]
    time, height, width = rotary.get("mrope_section", (24, 20, 20))
    return TextConfig(
        layers=text["num_hidden_layers"],
        heads=heads,
        key_heads=text.get("num_key_value_heads") or heads,
        head_size=text.get("head_dim") or text["hidden_size"] // heads,
        context=text["max_position_embeddings"],
        epsilon=text.get("rms_norm_eps", 1e-6),
        theta=rotary.get("rope_theta") or text.get("rope_theta", 500_000.0),
        sections=(time, height, width),
        tied=whole.get("tie_word_embeddings", text.get("tie_word_embeddings", False)),
    )


def _vision(vision: Mapping[str, Any]) -> VisionConfig:
    rotary = vision.get("rope_parameters") or {}
    return VisionConfig(
        depth=vision["depth"],
        heads=vision["num_heads"],
        patch=vision["patch_size"],
        merge=vision.get("spatial_merge_size", 2),
        side=int(vision["num_position_embeddings"] ** 0.5),
        theta=rotary.get("rope_theta", 10_000.0),
        deepstack=tuple(vision["deepstack_visual_indexes"]),
    )
