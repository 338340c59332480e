"""The recipe's judges, for answers that the rules left undecided."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from mmfinereason.context import Context
from mmfinereason.models import Client, prompts
from mmfinereason.models.judge import PROMPTS, Dialect, judge
from mmfinereason.models.prompts import Prompt
from mmfinereason.select.rulings import Asked, Ruling
from mmfinereason.store.journal import Journal

Connect = Callable[[Context, str], AbstractAsyncContextManager[Client]]
"""Opens a client on a context, for a role that must not idle: `models.session.session`, or a test's."""


def judges(context: Context) -> list[str]:
    """Names of the judge roles the recipe has."""
    return [name for name in context.recipe.models.roles() if name.partition("-")[0] == "judge"]


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
