"""Sentences by which a trace betrays itself: it leans on a text it never got, or on an image it says it cannot see.

A plain "caption" or "the solution" is no leak: figures have captions and chemists have solutions. So the patterns name
the deed, not the noun, and were tuned on published traces.
"""

from __future__ import annotations

import re


def _any_of(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns))


_PICTURE = r"(?:image|picture|figure|diagram|photo(?:graph)?|graph|chart|screenshot)"
_GIVEN = r"(?:given|provided|supplied|attached|accompanying)"
_SAYS = r"(?:says?|states?|mentions?|describes?|notes?|tells? us|indicates?|reads)"
_LEANS = r"(?:according to|based on|as per|as (?:described|stated|mentioned) in)"
_RIGHT = r"(?:reference|ground[- ]truth|gold(?:en)?)"
_MISSING = r"(?:provided|attached|included|available|uploaded|visible)"
_WHOLE = rf"(?<!of )(?<!in )(?<!on )(?<!from )the {_PICTURE}"
_NOT_ABLE = r"(?:can(?:no|['’])t|can not|am not able to|am unable to|do(?:n['’]t| not) (?:actually )?)"

_LEAKS = _any_of(
    rf"\b(?:{_PICTURE}|{_GIVEN}|dense|detailed) caption {_SAYS}\b",
    rf"\b{_LEANS} (?:the|this) (?:{_GIVEN} |{_PICTURE} )*caption\b(?! of| under| below)",
    rf"\bthe {_GIVEN} caption\b",
    rf"\b(?:the|this) {_RIGHT} (?:answer|solution)\b",
    r"\bground[- ]truth (?:says|is|answer|label)\b",
    rf"\b(?:the|this) {_GIVEN} (?:solution|correct answer|final answer|answer key)\b(?! set)",
    r"\b(?:solution|answer) (?:that )?(?:was|is|has been) (?:already )?(?:provided|given) to me\b",
    rf"\b(?:the|this) answer key {_SAYS}\b",
)

_BLIND = _any_of(
    rf"\bi {_NOT_ABLE} ?(?:(?:actually|directly|really|physically) )?(?:see|view|access|open|look at) "
    rf"(?:it\b|them\b|(?:the|this|that|any|these|those) (?:(?:actual|original|exact|{_GIVEN}) )*"
    rf"(?:{_PICTURE}|option|shade|colou?r)s?\b)",
    rf"\b(?:no|without an?) {_PICTURE} (?:was|is|has been|were) {_MISSING}\b",
    rf"\b{_WHOLE} (?:(?:is|was|has) not (?:been )?|(?:is|was)n['’]t ){_MISSING}\b",
    rf"\bwithout (?:actually )?(?:seeing|being able to see|access to|viewing) the (?:(?:actual|exact) )?{_PICTURE}\b",
    r"\bas an? (?:text-based|text-only|language) (?:ai|model|assistant)\b",
)


def leak(text: str) -> str | None:
    """The words by which the text speaks of a caption, reference answer or solution it was given, or None."""
    return _first(_LEAKS, text)


def blind(text: str) -> str | None:
    """The words by which the writer says it cannot see the image, or None."""
    return _first(_BLIND, text)


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text.lower())  # four times as fast as a pattern that ignores case
    return " ".join(match[0].split()) if match else None
