"""What a trained model is asked: one text for its SFT rows, its RL rows and its evaluation, as `export.prompt` says."""

from __future__ import annotations

from typing import Any

from mmfinereason.errors import RecipeError
from mmfinereason.models import prompts
from mmfinereason.models.prompts import Prompt
from mmfinereason.recipe.export import ExportSettings


def training_prompt(settings: ExportSettings) -> Prompt | None:
    """The prompt of `export.prompt`, if it is set. Raises RecipeError when it cannot be used."""
    if settings.prompt is None:
        return None
    prompt = prompts.load(settings.prompt, "answer")
    if "<image>" in prompt.text:
        problem = f"prompt {prompt.name!r} holds <image>: every format puts the image where its trainer wants it"
        raise RecipeError([problem], "take it out of the prompt file")
    return prompt


def made_with(settings: ExportSettings) -> dict[str, Any]:
    """The settings that decide what a row of a trainer's file says, the prompt by name and hash."""
    prompt = training_prompt(settings)
    limits = settings.model_dump(mode="json", include={"tokens", "variant"})
    return limits | {"prompt": prompt.label if prompt else None}
