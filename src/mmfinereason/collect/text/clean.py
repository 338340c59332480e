"""The order of the rules, and the books they keep."""

from __future__ import annotations

from dataclasses import dataclass

from mmfinereason.recipe.clean import TextSettings
from mmfinereason.schema import Reason


@dataclass(frozen=True, slots=True)
class CleanText:
    """A cleaned question: the rules that changed it, why it is rejected if it is, and what only a model can do.

    `needs` holds `translate` or `clean`; `language` is the ISO 639-1 code of the text as it came.
    """

    text: str
    edits: tuple[str, ...]
    reason: Reason | None
    detail: str
    needs: tuple[str, ...]
    language: str


@dataclass(frozen=True, slots=True)
class CleanAnswer:
    """A repaired answer and the rules that changed it."""

    text: str
    edits: tuple[str, ...]


def clean_question(text: str, settings: TextSettings) -> CleanText:
    """Run all rules; see `docs/cleaning.md` for each of them."""
    raise NotImplementedError


def clean_answer(text: str) -> CleanAnswer:
    """Repair encoding and control characters only: an answer is compared, not read."""
    raise NotImplementedError


RULES = {}
