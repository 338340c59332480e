"""What the rows of trainers' files ask: the text of `export.prompt`, or else the question as it is.

Unless a prompt is set, RL rows also ask for the tags their reward looks for: SFT rows teach these tags by their target.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mmfinereason.export.formats import prompt_text
from mmfinereason.export.rows import ExportRow
from mmfinereason.models.asked import training_prompt
from mmfinereason.models.prompts import options_text
from mmfinereason.recipe.export import ExportSettings

ANSWER_REQUEST = "Think step by step, then give the final result inside <answer> and </answer>."
"""Asks an RL rollout for the tags its reward looks for."""

Ask = Callable[[ExportRow], str]
"""The text of a row's prompt, without the marker of its image."""


@dataclass(frozen=True)
class Asking:
    """How SFT rows and RL rows ask; the same wherever the recipe names a prompt."""

    sft: Ask
    rl: Ask


def asking(settings: ExportSettings) -> Asking:
    """How the rows of an export ask. Raises RecipeError when its prompt cannot be used."""
    prompt = training_prompt(settings)
    if prompt is None:
        return Asking(prompt_text, lambda row: f"{prompt_text(row)}\n\n{ANSWER_REQUEST}")

    def ask(row: ExportRow) -> str:
        return prompt.render(question=row.question, options=options_text(row.options, row.question)).text

    return Asking(ask, ask)
