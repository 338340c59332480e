"""The simulated cleaner: repairs questions whose clean form is known, and finds short answers in long solutions.

A known question is answered with its clean form. Of others it removes the dirt it can recognize; a translation that it
does not know it refuses to invent.
"""

from __future__ import annotations

import re

import orjson

from mmfinereason.lab.chat import ChatRequest, Refusal
from mmfinereason.lab.knowledge import Known
from mmfinereason.lab.matching import NEARLY, alike, plain
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


def answer(rows: list[Known], request: ChatRequest) -> Reply:
    """A short answer when the prompt holds a solution, else the verdict on the question; `rows` are those that ask it.

    Raises:
        Refusal: 422 when a translation would be needed that is not known.
    """
    if "solution" in request.blocks:
        return _extract(rows, request.blocks["solution"])
    asked, row = question(request), rows[0] if rows else None
    if _no_question(asked, row):
        return Reply(_repair("non-answer question", ""), row=row.id if row else None)
    return Reply(_known(asked, row), row=row.id) if row else Reply(_unknown(asked))


def question(request: ChatRequest) -> str:
    """The question in a cleaner's prompt."""
    return (request.blocks.get("question") or request.blocks.get("text") or request.prompt).strip()


def _known(asked: str, row: Known) -> str:
    wordings = {plain(wording) for wording in row.wordings}
    nearly_clean = plain(asked) not in wordings and alike(asked, row.question) >= NEARLY
    if nearly_clean or plain(asked) == plain(row.question):
        return CLEAN
    return _repair(_error_type(asked), row.question)


def _no_question(asked: str, row: Known | None) -> bool:
    """Whether this is a task, or only the beginning of a puzzle's question, give or take two dangling words.

    A published row is taken to be a question, whatever it looks like: somebody has kept it.
    """
    if row is not None and not row.facts:
        return False
    words, whole = plain(asked).split(), plain(row.question).split() if row else []
    beginning = words[: max(3, len(words) - 2)]
    return bool(_TASK.match(asked)) or (len(words) < len(whole) and beginning == whole[: len(beginning)])


def _unknown(asked: str) -> str:
    if _FOREIGN.search(asked):
        raise Refusal(422, "unknown_question", "this question is not in English, and its translation is not known")
    cleaned = asked
    for pattern in _IRRELEVANT:
        cleaned = pattern.sub("", cleaned)
    cleaned, shallow = _SHALLOW.subn("", cleaned)
    cleaned = cleaned.strip()
    if cleaned == asked:
        return CLEAN
    if shallow:
        cleaned += "\nReason step by step from the image before you answer."
    return _repair(_error_type(asked), cleaned)


def _error_type(asked: str) -> str:
    if _FOREIGN.search(asked):
        return "translation"
    if any(pattern.search(asked) for pattern in _IRRELEVANT):
        return "irrelevant content"
    return "low-quality instruction" if _SHALLOW.search(asked) else "irrelevant content"


def _repair(error_type: str, corrected: str) -> str:
    return orjson.dumps({"error_type": error_type, "corrected_text": corrected}).decode()


def _extract(rows: list[Known], solution: str) -> Reply:
    same = [row for row in rows if plain(row.original_answer or "") == plain(solution)] or rows
    row = same[0] if len(same) == 1 else None
    found = row.answer if row is not None and row.answer else extract(solution)
    return Reply(f"<answer>{found}</answer>", row=row.id if row else None)


def extract(solution: str) -> str:
    """The short answer of a solution: the last boxed part, else the last stated result, else nothing."""
    for pattern in (_BOXED, _RESULT):
        found = pattern.findall(solution)
        if found:
            return str(found[-1]).strip()
    return ""
