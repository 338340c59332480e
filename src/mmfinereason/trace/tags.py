"""Tags that servers and trainers act on, made harmless where they are only text.

Trainers count the literal `<image>` over all turns and cut at `<think>`; chat templates take `<|im_end|>` and its kin
as special tokens even in the middle of a message. Angle brackets become square ones, so that the text stays readable
and no new tag can come into being.
"""

from __future__ import annotations

import re

_ACTIVE = re.compile(
    r"<(/?\s*(?:image|video|audio|think|thinking|answer|tool_call|tool_response)\s*/?)>|<(\|[^<>|]{1,64}\|)>",
    re.IGNORECASE,
)


def inert(text: str, *, keep_answer: bool = False) -> str:
    """The text with every active tag written in square brackets; `keep_answer` leaves answer tags as they are."""

    def bracket(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if keep_answer and name.strip("/ ").lower() == "answer":
            return match[0]
        return f"[{name}]"

    return _ACTIVE.sub(bracket, text) if "<" in text else text
