"""How a trace is asked for, and asked for again: what was wrong decides what changes.

A repetitive trace gets a new seed and a warmer model, a truncated one more tokens, one without its template a reminder;
what was changed stays changed for the tries that follow. Nothing here knows the reference answer or a caption.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mmfinereason.distill.rows import Row
from mmfinereason.models import Request
from mmfinereason.models.prompts import Prompt, Rendered, load, options_text
from mmfinereason.recipe.distill import TraceRetrySettings
from mmfinereason.recipe.models import RoleSettings
from mmfinereason.schema import Reason

TEACHER = "teacher"

HOTTEST = 1.5
"""Highest temperature that a retry may reach."""
USUAL_TEMPERATURE = 1.0
"""What servers take when the recipe sets no temperature."""
CANDIDATE_STRIDE = 10_000
"""Request attempts of one candidate; more than it can ever use."""

CLASSES: Mapping[Reason, str] = {
    Reason.REPETITION: "repetition",
    Reason.TRUNCATED: "truncated",
    Reason.TEMPLATE: "template",
    Reason.EMPTY_REPLY: "template",
    Reason.TOO_SHORT: "other",
    Reason.TOO_LONG: "other",
    Reason.LEAK: "other",
    Reason.BLIND_REPLY: "other",
    Reason.WRONG_LANGUAGE: "other",
}
"""The retry class of each fault that a screen finds."""

GIVEN_UP: tuple[Reason, ...] = (
    Reason.TIMEOUT,
    Reason.CONNECTION,
    Reason.RATE_LIMITED,
    Reason.SERVER_ERROR,
    Reason.REFUSED_REQUEST,
    Reason.BAD_REPLY,
    Reason.BAD_IMAGE,
)
"""What requests fail with after the client has tried them again."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Everything the requests of a run have in common."""

    role: RoleSettings
    retry: TraceRetrySettings
    prompts: Sequence[Prompt]
    reminder: Prompt

    @classmethod
    def of(cls, role: RoleSettings, retry: TraceRetrySettings) -> Asker:
        """Load the prompts. Raises RecipeError when one is missing or has wrong placeholders."""
        names = role.prompt or ["distill"]
        return cls(role, retry, [load(name, "distill") for name in names], load("reminder"))

    def request(self, row: Row, candidate: int, number: int, failed: Counter[str]) -> Request:
        """Attempt `number` at a trace, after the failures by class in `failed`."""
        rendered = self._prompt(row, candidate + number, remind=failed["template"] > 0)
        return Request(
            TEACHER,
            rendered.text,
            image=row.image,
            image_sha256=row.image_sha256,
            prompt=rendered.prompt,
            attempt=candidate * CANDIDATE_STRIDE + number,
            temperature=self._temperature(failed["repetition"]),
            max_tokens=self._max_tokens(failed["truncated"]),
            seed=self._seed(candidate, number),
        )

    def again(self, status: str, failed: Counter[str]) -> bool:
        """Whether a trace that failed with `status` is asked for again; counts the failure when it is."""
        name = CLASSES.get(Reason(status))
        if name is None or failed[name] >= getattr(self.retry, name):
            return False
        failed[name] += 1
        return True

    def _prompt(self, row: Row, turn: int, *, remind: bool) -> Rendered:
        """One of an ensemble, begun at a place that depends on the row, so that all are used alike."""
        offset = int.from_bytes(hashlib.sha256(row.id.encode()).digest()[:4])
        prompt = self.prompts[(offset + turn) % len(self.prompts)]
        rendered = prompt.render(question=row.question, options=options_text(row.options, row.question))
        if not remind:
            return rendered
        reminder = self.reminder.render()
        return Rendered(f"{rendered.text}\n\n{reminder.text}", f"{rendered.prompt}+{reminder.prompt}")

    def _temperature(self, repetitions: int) -> float | None:
        if not repetitions:
            return None
        base = self.role.temperature if self.role.temperature is not None else USUAL_TEMPERATURE
        return max(base, min(HOTTEST, base + self.retry.temperature_step * repetitions))

    def _max_tokens(self, truncations: int) -> int | None:
        if not truncations or self.role.max_tokens is None:
            return None
        return round(self.role.max_tokens * self.retry.token_factor**truncations)

    def _seed(self, candidate: int, number: int) -> int | None:
        """A seed that the recipe fixes is moved on, or every attempt would bring the same reply."""
        fixed = self.role.seed
        return fixed + candidate * CANDIDATE_STRIDE + number if isinstance(fixed, int) else None
