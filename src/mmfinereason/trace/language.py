"""Is a trace written in English? By script first, then by the small words no English text does without.

Formulas, tables and names make letters of other alphabets and rare words normal, so both limits are wide; they were set
on published traces, where these words (none of which another large language spells alike) make up at least a seventh.
"""

from __future__ import annotations

import re

FOREIGN_SHARE = 0.1
"""Most share of letters outside the Latin and Greek alphabets."""
MANY_LETTERS = 20
"""Fewer letters of another script than this are a name or a label."""
FUNCTION_SHARE = 0.06
"""Least share of English function words in a text of at least `MANY_WORDS` words."""
MANY_WORDS = 60

_FOREIGN = re.compile(r"[\u0400-\u1fff\u2c00-\u2fff\u3040-\ud7ff\uf900-\ufaff\ufb50-\ufdff\ufe70-\ufeff]")
_LETTERS = re.compile(r"[^\W\d_]")
_FUNCTION = frozenset(
    re.findall(
        r"\w+",
        """
        the of and to that it for with are this be by from not which if then can but have its there these they does
        would let each also you because since what how where when must
        """,
    )
)
_COMMONEST = (" the ", " of ", " and ", " that ", " for ", " with ", " this ")


def foreign(text: str) -> str | None:
    """Why the text does not count as English, or None."""
    other = 0 if text.isascii() else len(_FOREIGN.findall(text))
    if other > MANY_LETTERS and other > FOREIGN_SHARE * len(_LETTERS.findall(text)):
        return f"{other} letters of another script"
    if sum(text.count(word) for word in _COMMONEST) > FUNCTION_SHARE * (text.count(" ") + text.count("\n")):
        return None  # spares nearly all English texts the closer look
    words = [word for word in text.lower().split() if word.isalpha()]
    if len(words) >= MANY_WORDS:
        share = sum(word in _FUNCTION for word in words) / len(words)
        if share < FUNCTION_SHARE:
            return f"{share:.0%} of the words are English function words"
    return None
