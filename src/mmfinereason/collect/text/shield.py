"""Keeping the rules' hands off what is not prose: mathematics, code and tables.

A rule sees each such span as one private-use character, and the span comes back untouched. Too much shielding does no
harm (the two dollars of "$5 and $7" make a span), too little would, so the patterns are generous.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps

_SPANS = re.compile(
    r"```.{0,20000}?```"
    r"|`[^`\n]+`"
    r"|<table\b.{0,20000}?</table>"
    r"|\\begin\{([a-zA-Z]{1,20}\*?)\}.{0,5000}?\\end\{\1\}"
    r"|\$\$.{1,2000}?\$\$"
    r"|\$(?:(?!<br|</)[^$\n])+\$"
    r"|\\\(.{1,2000}?\\\)"
    r"|\\\[.{1,2000}?\\\]"
    r"|^[ \t]*\|[^\n]*\|[^\n]*$"
    r"|[\U000f0000-\U000fffff]",
    re.DOTALL | re.MULTILINE,
)
_CODE = re.compile(r"```.{0,20000}?```|`[^`\n]+`|[\U000f0000-\U000fffff]", re.DOTALL)
_BEGINNING = re.compile(r"[`<\\$|\U000f0000-\U000fffff]")
"""No span begins with anything else."""
_STAND_INS = re.compile(r"[\U000f0000-\U000fffff]")
_FIRST = 0xF0000
_MOST = 0xFFFF

Rule = Callable[[str], str]


def shielded(rule: Rule) -> Rule:
    """The rule, applied to prose only."""
    return _around(_SPANS, rule)


def code_shielded(rule: Rule) -> Rule:
    """The rule, applied to everything but code."""
    return _around(_CODE, rule)


def _around(spans: re.Pattern[str], rule: Rule) -> Rule:
    @wraps(rule)
    def outside(text: str) -> str:
        if _BEGINNING.search(text) is None:
            return rule(text)
        kept: list[str] = []

        def hide(match: re.Match[str]) -> str:
            kept.append(match[0])
            return chr(_FIRST + min(len(kept), _MOST) - 1)

        bare = spans.sub(hide, text)
        if len(kept) > _MOST:
            return text
        return _STAND_INS.sub(lambda match: kept[ord(match[0]) - _FIRST], rule(bare))

    return outside
