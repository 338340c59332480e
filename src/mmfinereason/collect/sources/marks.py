"""How publishers mark the short answer inside a longer reference, one function a convention.

A mark is taken only where it is unmistakable and what it marks is short. Everything else is left to the answer
extraction, which may ask a model.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Mark = Callable[[str], str | None]

LONGEST_WORDS = 12
"""Words in a marked answer at most; a longer text is a solution, not an answer."""


def _short(answer: str) -> str | None:
    stripped = answer.strip()
    return stripped if stripped and len(stripped.split()) <= LONGEST_WORDS else None


def whole(reference: str) -> str | None:
    """The reference is the answer."""
    return _short(reference)


def boxed(reference: str) -> str | None:
    r"""The content of the one `\boxed{...}`; two different boxes are a question for the answer extraction."""
    found = set(_boxes(reference))
    return _short(found.pop()) if len(found) == 1 else None


def _boxes(reference: str) -> list[str]:
    contents = []
    for opening in re.finditer(r"\\boxed\s*\{", reference):
        depth, end = 1, opening.end()
        while depth and end < len(reference):
            depth += {"{": 1, "}": -1}.get(reference[end], 0)
            end += 1
        if not depth:
            contents.append(reference[opening.end() : end - 1].strip())
    return contents


def answer_tag(reference: str) -> str | None:
    """The content of the one `<answer>...</answer>`."""
    found = re.findall(r"<answer>(.*?)</answer>", reference, re.DOTALL)
    return _short(found[0]) if len(found) == 1 else None


def conclusion(reference: str) -> str | None:
    """The content of LLaVA-CoT's `<CONCLUSION>...</CONCLUSION>`."""
    found = re.findall(r"<CONCLUSION>(.*?)</CONCLUSION>", reference, re.DOTALL)
    return _short(found[0]) if len(found) == 1 else None


def answer_line(reference: str) -> str | None:
    """What follows `Answer:` on the last line."""
    found = re.search(r"^Answer:\s*(.+?)\s*\Z", reference.strip(), re.MULTILINE)
    return _short(found[1]) if found and "\n" not in found[1] else None


def answer_is(reference: str) -> str | None:
    """`The answer is 49`, and the letter of `The correct answer is D. 7. This relates to ...`."""
    found = re.match(r"The (?:correct )?answer is\s+(.+)\Z", reference.strip(), re.DOTALL)
    if not found:
        return None
    letter = re.match(r"([A-Z])(?:[.):](?:\s|$)|$)", found[1])
    return letter[1] if letter else _short(found[1].rstrip(". "))


MARKS: dict[str, Mark] = {
    mark.__name__: mark for mark in (whole, boxed, answer_tag, conclusion, answer_line, answer_is)
}
