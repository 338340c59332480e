"""Sentences by which a trace betrays itself: it leans on a text it never got, or on an image it says it cannot see.

A plain "caption" or "the solution" is no leak: figures have captions and chemists have solutions. So the patterns name
the deed, not the noun, and were tuned on published traces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_PICTURE = r"(?:image|picture|figure|diagram|photo(?:graph)?|graph|chart|screenshot)"
_GIVEN = r"(?:given|provided|supplied|attached|accompanying)"
_SAYS = r"(?:says?|states?|mentions?|describes?|notes?|tells? us|indicates?|reads)"
_LEANS = r"(?:according to|based on|as per|as (?:described|stated|mentioned) in)"
_RIGHT = r"(?:reference|ground[- ]truth|gold(?:en)?)"
_MISSING = r"(?:provided|attached|included|available|uploaded|visible)"
_NOT_ABLE = r"(?:can(?:no|['’])t|can not|am not able to|am unable to|do(?:n['’]t| not) (?:actually )?)"
_LOOK = r"(?:(?:actually|directly|really|physically) )?(?:see|view|access|open|look at)"
_THING = (
    rf"(?:it|them|(?:the|this|that|any|these|those) (?:(?:actual|original|exact|{_GIVEN}) )*(?:{_PICTURE}|option)s?)"
)


@dataclass(frozen=True, slots=True)
class _Tell:
    """A pattern for lower-case text, tried only where its `needle` occurs: most texts are cleared by that alone."""

    needle: str
    pattern: re.Pattern[str]

    def find(self, text: str) -> re.Match[str] | None:
        return self.pattern.search(text) if self.needle in text else None


def _tell(needle: str, *patterns: str) -> _Tell:
    return _Tell(needle, re.compile("|".join(patterns)))


_LEAKS = (
    _tell(
        "caption",
        rf"(?:{_PICTURE}|{_GIVEN}|dense|detailed) caption {_SAYS}\b",
        rf"{_LEANS} (?:the|this) (?:{_GIVEN} |{_PICTURE} )*caption\b(?! of| under| below)",
        rf"\bthe {_GIVEN} caption\b",
    ),
    _tell("ground", r"ground[- ]truth (?:says|is|answer|label|solution)\b"),
    _tell(
        "the ",
        rf"the (?:{_RIGHT} (?:answer|solution)|answer key {_SAYS}"
        rf"|{_GIVEN} (?:solution|correct answer|final answer|answer key))\b(?! set)",
    ),
    _tell("to me", r"\b(?:solution|answer) (?:that )?(?:was|is|has been) (?:already )?(?:provided|given) to me\b"),
)

_BLIND = (
    _tell("i ", rf"i (?<![a-z]i ){_NOT_ABLE} ?{_LOOK} {_THING}\b"),
    _tell("no ", rf"no (?<![a-z]no ){_PICTURE} (?:was|is|has been|were) {_MISSING}\b"),
    _tell(
        "the ",
        rf"the (?<!of the )(?<!in the )(?<!on the )(?<!from the ){_PICTURE} (?:(?:is|was|has) not|isn['’]t|wasn['’]t)"
        rf" (?:been )?{_MISSING}\b",
    ),
    _tell(
        "without ",
        rf"without (?:actually )?(?:seeing|being able to see|access to|viewing) the"
        rf" (?:(?:actual|exact) )?{_PICTURE}\b",
    ),
    _tell("as a", r"as an? (?:text-based|text-only|language) (?:ai|model|assistant)\b"),
)


def leak(text: str) -> str | None:
    """The words by which the text speaks of a caption, reference answer or solution it was given, or None."""
    return _first(_LEAKS, text)


def blind(text: str) -> str | None:
    """The words by which the writer says it cannot see the image, or None."""
    return _first(_BLIND, text)


def _first(tells: tuple[_Tell, ...], text: str) -> str | None:
    lower = text.lower()
    match = next((match for tell in tells if (match := tell.find(lower)) is not None), None)
    return " ".join(match[0].split()) if match else None
