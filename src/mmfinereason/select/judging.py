"""The recipe's judges, for answers that the rules left undecided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any

from mmfinereason.context import Context
from mmfinereason.models import Client, prompts
from mmfinereason.models.judge import PROMPTS, Dialect, judge
from mmfinereason.models.prompts import Prompt
from mmfinereason.recipe import deciding
from mmfinereason.select.rulings import Asked, Ruling
from mmfinereason.store.journal import Journal

Connect = Callable[[Context, str], AbstractAsyncContextManager[Client]]
"""Opens a client on a context, for a role that must not idle: `models.session.session`, or a test's."""


def judges(context: Context) -> list[str]:
    """Names of the judge roles the recipe has."""
    return [name for name in context.recipe.models.roles() if name.partition("-")[0] == "judge"]


def judging(context: Context) -> dict[str, Any]:
    """What the judges' verdicts depend on, for a stage's plan. Raises RecipeError."""
    models = [deciding(role) for role in context.recipe.models.judge]
    return {"judges": models, "judge_prompt": Judges.of(context).prompt.label, "seed": context.recipe.seed}


@dataclass(frozen=True, slots=True)
class Judges:
    """Who judges, in which convention, with which prompt."""

    roles: Sequence[str]
    dialect: Dialect
    prompt: Prompt

    @classmethod
    def of(cls, context: Context) -> Judges:
        """As the recipe says. Raises RecipeError when its prompt file cannot be used."""
        dialect = context.recipe.verify.dialect
        files = [file for role in context.recipe.models.judge for file in role.prompt]
        prompt = prompts.load(files[0], PROMPTS[dialect]) if files else prompts.load(PROMPTS[dialect])
        return cls(judges(context), dialect, prompt)

    async def decide(self, client: Client, journal: Journal, asked: Asked, ruling: Ruling, text: str) -> Ruling:
        """The judges' verdict on an undecided answer; on all that follows the thoughts where no answer stands out."""
        judgment = await judge(
            client,
            journal,
            question=asked.question,
            reference=asked.reference or "",
            answer=ruling.answer or text,
            options=asked.options,
            dialect=self.dialect,
            prompt=self.prompt,
            judges=self.roles,
        )
        return replace(
            ruling,
            outcome=judgment.outcome,
            method=judgment.method,
            detail=judgment.detail,
            analysis=judgment.analysis or ruling.analysis,
            judge_calls=judgment.calls,
            cost=judgment.cost,
        )
