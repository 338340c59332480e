"""How many tokens a row takes in a trainer: text by the recipe's tokenizer, images by the vision tower's arithmetic."""

from __future__ import annotations

import math

from mmfinereason.recipe.distill import TokenizerSettings
from mmfinereason.recipe.export import TokenBudget
from mmfinereason.trace import count_tokens

TEMPLATE_TOKENS = 24
"""Tokens of the chat template around one user and one assistant turn, vision markers included (Qwen3-VL: 17 to 21)."""


def image_tokens(width: int, height: int, budget: TokenBudget) -> int:
    """Tokens of an image after the trainer's own resize, as Qwen's image processors do it.

    Both sides are rounded to multiples of patch x merge (32 pixels for Qwen3-VL) and scaled so that the area lies
    between `min_pixels` and `max_pixels`; each such square is one token.
    """
    unit = budget.patch * budget.merge
    high, wide = max(unit, round(height / unit) * unit), max(unit, round(width / unit) * unit)
    if high * wide > budget.max_pixels:
        scale = math.sqrt(height * width / budget.max_pixels)
        high = max(unit, math.floor(height / scale / unit) * unit)
        wide = max(unit, math.floor(width / scale / unit) * unit)
    elif high * wide < budget.min_pixels:
        scale = math.sqrt(budget.min_pixels / (height * width))
        high = math.ceil(height * scale / unit) * unit
        wide = math.ceil(width * scale / unit) * unit
    return (high // unit) * (wide // unit)


def row_tokens(prompt: str, target: str, width: int, height: int, budget: TokenBudget, by: TokenizerSettings) -> int:
    """Tokens of a whole training row: template, image, prompt and target."""
    text = count_tokens(prompt, by) + count_tokens(target, by)
    return TEMPLATE_TOKENS + image_tokens(width, height, budget) + text
