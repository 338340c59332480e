"""The prompt of an item: hint and question, the options as lettered lines, and one sentence on how to end.

Nothing else is said and no system prompt is sent (the paper's Table 10). A model may bring its own prompt file instead,
and models that were trained on `export.prompt` are asked with that.
"""

from __future__ import annotations

import hashlib

from mmfinereason.evaluate.items import Item, lettered
from mmfinereason.models import prompts
from mmfinereason.models.asked import training_prompt
from mmfinereason.models.prompts import Prompt, Rendered
from mmfinereason.recipe.evaluate import Kind
from mmfinereason.recipe.export import ExportSettings
from mmfinereason.recipe.models import RoleSettings
from mmfinereason.trace.tags import inert

CLOSING: dict[Kind, str] = {
    "option": "Think it through, then give the letter of the right option in \\boxed{}.",
    "letters": "Think it through, then give the letter of the right option, or all letters, in \\boxed{}.",
    "yes_no": "Answer yes or no, in \\boxed{}.",
    "value": "Think it through, then give the final answer in \\boxed{}.",
    "chart": "Give the final answer in \\boxed{}.",
}
"""How each kind of question ends; `chart` questions say in their own words what is expected."""

_LABEL = "plain@" + hashlib.sha256("\n".join(CLOSING.values()).encode()).hexdigest()[:8]


def own_prompt(role: RoleSettings, export: ExportSettings) -> Prompt | None:
    """The prompt a model brings, or was trained with, if any. Raises RecipeError when it cannot be used."""
    return prompts.load(role.prompt[0], "answer") if role.prompt else training_prompt(export)


def label(prompt: Prompt | None) -> str:
    """Name and hash of the prompt that items are asked with."""
    return prompt.label if prompt else _LABEL


def render(item: Item, prompt: Prompt | None) -> Rendered:
    """The text that is sent with the item's image."""
    options = lettered(item.options) if item.options and not item.listed else ""
    if prompt is not None:
        return prompt.render(question=item.question, options=options or None)
    parts = [inert(item.question), inert(options), CLOSING[item.kind]]
    return Rendered("\n\n".join(part for part in parts if part), _LABEL)
