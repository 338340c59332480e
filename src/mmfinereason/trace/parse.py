"""A reply taken apart into thoughts and solution.

`models.reply` has already brought the four shapes of reasoning together; what is left here are whole texts (published
traces, replies that kept their tags) and replies that opened a second think part. How many parts were found is kept,
because the template allows exactly one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_OPEN = re.compile(r"<think(?:ing)?>", re.IGNORECASE)
_CLOSE = re.compile(r"</think(?:ing)?>", re.IGNORECASE)
_ANSWER = re.compile(r"<answer>((?:(?!<answer>).)*?)</answer>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Trace:
    """Thoughts and solution of one reply."""

    reasoning: str
    answer_text: str
    think_parts: int
    """How many think parts the reply had; the template wants one."""

    @property
    def answers(self) -> tuple[str, ...]:
        """Contents of the answer tags outside the thoughts, in order, blank ones left out."""
        return tuple(text for found in _ANSWER.findall(self.answer_text) if (text := found.strip()))

    @property
    def words(self) -> int:
        return len(self.reasoning.split()) + len(self.answer_text.split())


def parse(answer_text: str, reasoning: str | None = None) -> Trace:
    """Thoughts and solution of a reply, or of a whole published trace when `reasoning` is not given.

    With `<think>` but no `</think>` all that follows is thoughts: a cut-off reply has no solution.
    """
    given = (reasoning or "").strip()
    tagged = max(len(_OPEN.findall(answer_text)), len(_CLOSE.findall(answer_text)))
    thoughts, solution = _split(answer_text)
    parts = [text for text in (given, thoughts.strip()) if text]
    return Trace("\n\n".join(parts), solution.strip(), bool(given) + tagged)


def _split(text: str) -> tuple[str, str]:
    """What stands before the first `</think>`, opening tag removed, and what follows it."""
    close = _CLOSE.search(text)
    if close is not None:
        return _OPEN.sub("", text[: close.start()], count=1), text[close.end() :]
    opening = _OPEN.search(text)
    if opening is not None:
        return text[opening.end() :], text[: opening.start()]
    return "", text
