"""What the cleaner model is given, and what its replies mean.

The prompts `clean` and `extract_answer` fix the forms of reply; they are read strictly. A reply in any other form is
`Unclear`: the row keeps its text and its `needs`, because a guess at what the model meant would rewrite a question.
The corrected text goes through `clean_question` once more, for a model may copy what a rule takes away.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from mmfinereason.collect.text.marker import without_marker

NON_ANSWER = "non-answer question"
ERROR_TYPES = (NON_ANSWER, "translation", "irrelevant content", "low-quality instruction")
"""The paper's four kinds of fault (arXiv 2601.21821, appendix: cleaning prompt)."""

_FENCE = re.compile(r"\A```(?:json)?\s*\n(.*?)\n?```\Z", re.DOTALL)
_NO_PROBLEM = re.compile(r"[\"'*]*no problem[\"'*]*[.!]?", re.IGNORECASE)
_BLOCK = re.compile(r"\A<(question|text)-([0-9a-f]{8})>\s*(.*?)\s*</\1-\2>\Z", re.DOTALL)
_BLOCK_TAG = re.compile(r"</?[a-z]+-[0-9a-f]{8}>")
_ANSWER = re.compile(r"<answer>([^<>\n]*(?:<(?!/?answer>)[^\n]*?)?)</answer>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kept:
    """The model found nothing to mend."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """The model mended the question; `error_type` is one of `ERROR_TYPES`, `text` has no image marker."""

    error_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """The model says that the row is no visual reasoning question."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """The reply follows none of the agreed forms; `detail` says in what."""

    detail: str


def cleaning_values(question: str) -> dict[str, str]:
    """The blocks of the prompt `clean`."""
    return {"question": without_marker(question)}


def extraction_values(question: str, options: Sequence[str], solution: str) -> dict[str, str | None]:
    """The blocks of the prompt `extract_answer`; no options, no block."""
    lettered = "\n".join(f"{chr(ord('A') + i)}. {option}" for i, option in enumerate(options))
    return {"question": without_marker(question), "options": lettered or None, "solution": solution}


def parse(reply: str) -> Kept | Corrected | Dropped | Unclear:
    """Read the reply to the prompt `clean`."""
    text = reply.strip()
    if _NO_PROBLEM.fullmatch(text):
        return Kept()
    fenced = _FENCE.match(text)
    try:
        said = json.loads(fenced[1] if fenced else text)
    except json.JSONDecodeError as error:
        return Unclear(f"neither 'No Problem' nor JSON: {error}")
    if not isinstance(said, dict) or set(said) != {"error_type", "corrected_text"}:
        return Unclear("the JSON is not an object of error_type and corrected_text")
    error_type, corrected = said["error_type"], said["corrected_text"]
    if not isinstance(error_type, str) or not isinstance(corrected, str | None):
        return Unclear("error_type and corrected_text must be texts")
    return _judge(" ".join(error_type.lower().replace("_", " ").split()), corrected or "")


def parse_extracted(reply: str) -> str | None:
    """Read the reply to the prompt `extract_answer`; None where the model found no final answer, or kept to no form."""
    found: list[str] = _ANSWER.findall(reply)
    return (found[0].strip() or None) if len(found) == 1 else None


def _judge(error_type: str, corrected: str) -> Corrected | Dropped | Unclear:
    if error_type not in ERROR_TYPES:
        return Unclear(f"unknown error_type {error_type!r}")
    if error_type == NON_ANSWER:
        return Dropped(error_type, corrected.strip())
    block = _BLOCK.match(corrected.strip())
    text = without_marker(block[3] if block else corrected)
    if not text or _BLOCK_TAG.search(text):
        return Unclear("corrected_text is empty" if not text else "corrected_text holds tags of the prompt")
    return Corrected(error_type, text)
