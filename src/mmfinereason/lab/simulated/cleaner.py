"""The simulated cleaner: repairs questions whose clean form is known, and finds short answers in long solutions.

A known question is answered with its clean form. Of others it removes the dirt it can recognize; a translation that it
does not know it refuses to invent.
"""

from __future__ import annotations

import re

import orjson

from mmfinereason.lab.chat import ChatRequest, Refusal
from mmfinereason.lab.knowledge import Known
from mmfinereason.lab.matching import Matcher, plain
from mmfinereason.lab.wire import Reply

CLEAN = "No Problem"
_TASK = re.compile(
    r"^\W*(?:please\s+)?(?:draw|sketch|colou?r|paint|complete the drawing"
    r"|(?:write|implement|generate)\b.*\b(?:code|program|function|script))\b",
    re.IGNORECASE,
)
_FOREIGN = re.compile(r"[\u0400-\u04ff\u0600-\u06ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_SHALLOW = re.compile(
    r"[^.?!\n]*\b(?:answer|reply|respond|give)\b[^.?!\n]*"
    r"\b(?:single word|word or phrase|letter|directly|only|no explanation)[^.?!\n]*[.!]?",
    re.IGNORECASE,
)
_IRRELEVANT = (
    re.compile(r"\(?\s*(?:see\s+|source:\s*)?https?://[^\s)]+\s*\)?", re.IGNORECASE),
    re.compile(r"!\[[^\]]*\]\([^)]*\)"),
    re.compile(r"(?mi)^[^\n]*(?:©|all rights reserved|downloaded from|scanned with|www\.)[^\n]*$"),
    re.compile(r"^\s*(?:question\s*|q)?\(?\d{1,3}[.):]\s+", re.IGNORECASE),
    re.compile(r"[(\[]\s*\d{1,3}\s*(?:points?|marks?|pts)\s*[)\]]", re.IGNORECASE),
    re.compile(r"</?(?:p|div|span|br)\b[^>]*>|&nbsp;", re.IGNORECASE),
)  # fmt: skip
_BOXED = re.compile(r"\\boxed\{((?:[^{}]|\{[^{}]*\})*)\}")
_RESULT = re.compile(r"(?:answer|result)\s*(?:is|:|=)\s*\**\s*([^\n]+?)\s*\**\.?\s*(?:\n|$)", re.IGNORECASE)


def answer(matcher: Matcher, request: ChatRequest) -> Reply:
    """A short answer when the prompt holds a solution, else the verdict on the question.

    Raises:
        Refusal: 404 when a translation would be needed that is not known.
    """
    if "solution" in request.blocks:
        return _extract(matcher, request)
    question = (request.blocks.get("question") or request.blocks.get("text") or request.prompt).strip()
    row = next((row for row in matcher.asking(question)), None)
    if _TASK.match(question) or (row is not None and _cut_off(question, row.question)):
        return Reply(_repair("non-answer question", ""), row=row.id if row else None)
    if row is not None:
        return Reply(_known(question, row), row=row.id)
    return Reply(_unknown(question))


def _known(question: str, row: Known) -> str:
    if plain(question) == plain(row.question):
        return CLEAN
    return _repair(_error_type(question), row.question)


def _cut_off(question: str, clean: str) -> bool:
    """Whether the question is only the beginning of the clean one, give or take two dangling words."""
    asked, whole = plain(question).split(), plain(clean).split()
    sure = asked[: max(3, len(asked) - 2)]
    return len(asked) < len(whole) and sure == whole[: len(sure)]


def _unknown(question: str) -> str:
    if _FOREIGN.search(question):
        raise Refusal(404, "unknown_question", "this question is not in English, and its translation is not known")
    cleaned = question
    for pattern in _IRRELEVANT:
        cleaned = pattern.sub("", cleaned)
    cleaned, shallow = _SHALLOW.subn("", cleaned)
    cleaned = cleaned.strip()
    if cleaned == question:
        return CLEAN
    if shallow:
        cleaned += "\nReason step by step from the image before you answer."
    return _repair(_error_type(question), cleaned)


def _error_type(question: str) -> str:
    if _FOREIGN.search(question):
        return "translation"
    if any(pattern.search(question) for pattern in _IRRELEVANT):
        return "irrelevant content"
    return "low-quality instruction" if _SHALLOW.search(question) else "irrelevant content"


def _repair(error_type: str, corrected: str) -> str:
    return orjson.dumps({"error_type": error_type, "corrected_text": corrected}).decode()


def _extract(matcher: Matcher, request: ChatRequest) -> Reply:
    solution = request.blocks["solution"]
    rows = matcher.asking(request.blocks.get("question", ""))
    row = next((row for row in rows if plain(row.original_answer or "") == plain(solution)), None)
    found = row.answer if row is not None and row.answer else extract(solution)
    return Reply(f"<answer>{found}</answer>", row=row.id if row else None)


def extract(solution: str) -> str:
    """The short answer of a solution: the last boxed part, else the last stated result, else nothing."""
    for pattern in (_BOXED, _RESULT):
        found = pattern.findall(solution)
        if found:
            return str(found[-1]).strip()
    return ""
