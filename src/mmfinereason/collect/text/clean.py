"""The order of the rules, and the books they keep."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from mmfinereason.collect.language import detect, has_cjk
from mmfinereason.collect.text import instructions, marker, noise, reject, repair
from mmfinereason.collect.text.shield import Rule
from mmfinereason.recipe.clean import TextSettings
from mmfinereason.schema import Reason

RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (
        repair.unicode,
        repair.control_characters,
        marker.image_marker,
        repair.html_entities,
        repair.html_tags,
        noise.links,
        noise.watermark,
        noise.question_number,
        noise.score,
        noise.repeated_punctuation,
        instructions.shallow_instruction,
    )
}
"""All rules in their order. A row's `edits` holds the names of those that changed it."""

_REPAIRS = ("unicode", "control_characters", "html_entities")
_MOST_PASSES = 20

_BROKEN = re.compile(
    r"[\ufffd\ue000-\uf8ff]"  # characters that are lost for good
    r"|=\s*(?:[.,;](?=\s|\Z)|(?:cm|mm|dm|km|kg)\b)"  # a blank lost its line: "EF = cm."
    r"|\bnote:\s*(?:the|this|these)?\s*translat|\boriginal chinese\b|\bhere is the translat",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class CleanText:
    """A cleaned question: the rules that changed it, why it is rejected if it is, and what only a model can do.

    `text` starts with the marker. `needs` holds `translate` or `clean`; `language` is the ISO 639-1 code of the text as
    it came.
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
    """Run all rules until none has anything to say; cleaning a cleaned question changes nothing."""
    cleaned, edits = _settle(text, _rules(settings))
    language = detect(repair.unicode(marker.without_marker(text)))
    reason, detail = reject.rejection(text, cleaned) or (None, "")
    return CleanText(cleaned, edits, reason, detail, _needs(cleaned, language), language)


def clean_answer(text: str) -> CleanAnswer:
    """Repair characters and take out the marker, no more: an answer is compared, not read."""
    rules = {name: RULES[name] for name in _REPAIRS} | {"image_marker": marker.without_marker, "strip": str.strip}
    cleaned, edits = _settle(text, rules)
    return CleanAnswer(cleaned, tuple(name for name in edits if name != "strip"))


def _rules(settings: TextSettings) -> Mapping[str, Rule]:
    chosen = dict(RULES) | {"watermark": partial(noise.watermark, phrases=settings.watermarks)}
    if not settings.rewrite_shallow_instructions:
        del chosen["shallow_instruction"]
    return {name: _behind_marker(rule) if name != "image_marker" else rule for name, rule in chosen.items()}


def _behind_marker(rule: Callable[[str], str]) -> Rule:
    """The rule, applied to what follows the canonical marker, so that "in front" means in front of the question."""

    def behind(text: str) -> str:
        if not text.startswith(marker.IMAGE_MARKER):
            return rule(text)
        return marker.IMAGE_MARKER + rule(text.removeprefix(marker.IMAGE_MARKER))

    return behind


def _settle(text: str, rules: Mapping[str, Rule]) -> tuple[str, tuple[str, ...]]:
    """Pass after pass, for what one rule takes away may uncover work for another; the marker uncovers nothing."""
    edits: dict[str, None] = {}
    for _ in range(_MOST_PASSES):
        fired = [name for name, rule in rules.items() if text != (text := rule(text))]
        edits |= dict.fromkeys(fired)
        if fired in ([], ["image_marker"]):
            break
    return text, tuple(edits)


def _needs(cleaned: str, language: str) -> tuple[str, ...]:
    if language != "en":
        return ("translate",)
    return ("clean",) if _BROKEN.search(cleaned) or has_cjk(cleaned) else ()
