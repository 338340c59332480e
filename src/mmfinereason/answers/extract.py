"""Finds the final answer in a model's reply, and the short answer in a reference solution.

The thoughts are never searched: what a model considers on the way is not what it says. An answer tag outside the
thoughts wins (the last one), then a box, then a phrase such as `the final answer is`. A truncated reply has no answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_MAX_TAIL = 20_000
_MAX_ANSWER = 5_000
_MAX_SHORT = 300
_MAX_BOXES = 20


@dataclass(frozen=True, slots=True)
class Extracted:
    """The answer as written, and how it was found: `answer_tag`, `boxed`, `phrase`, `option` or `bare`."""

    text: str
    method: str


_TAG = re.compile(r"<(?:answer|conclusion)>(.*?)</(?:answer|conclusion)>", re.DOTALL | re.IGNORECASE)
_ANY_TAG = re.compile(r"<(/?)answer>", re.IGNORECASE)
_PHRASE = re.compile(
    r"(?:\bfinal answer\b(?:\s+(?:is|to [^:\n]{1,60} is))?\s*[:：]?|\b(?:the\s+)?(?:correct |right |best )?"
    r"(?:answer|option|choice|result)\s+is\s*[:：]?|(?:^|\n)\s*(?:#+\s*)?\**answer\**\s*[:：]|####|(?:最终)?答案(?:是|为|选)?\s*[:：]?"
    r"|故选\s*[:：]?|\b(?:therefore|thus|hence|so),? the (?:correct )?answer (?:is|must be)\s*[:：]?)",
    re.IGNORECASE,
)
_OPTION_LINE = re.compile(
    r"(?:\b(?:choose|select|pick)|选(?:择)?|correct (?:option|choice)(?: is)?)\s*[:：]?\s*(?:option\s*)?"
    r"[(*\[]*([A-Z])(?![A-Za-z])"
)
_CONCLUSION = re.compile(
    r"(?:\b(?:therefore|thus|hence|so)|^the)\b[^.;]*?\s(?:is|are|equals|evaluates to|=)\s+"
    r"((?:[A-Za-z]\s*=\s*)?[$£€]?[-−+]?\d[\d.,/]*\d?\s?(?:°|%|\\pi|π)?)\.?$",
    re.IGNORECASE,
)
_LETTER = re.compile(r"\**\s*[(\[]?\s*([A-Z])\s*[)\]]?\**\s*[.。]?")


def after_thoughts(text: str) -> str:
    """What follows the last `</think>`; empty when the thoughts were opened and never closed."""
    closed = text.rfind("</think>")
    if closed >= 0:
        return text[closed + len("</think>") :]
    return "" if "<think>" in text else text


def extract_answer(reply: str, *, truncated: bool = False) -> Extracted | None:
    """The final answer of a model's reply, or None when it states none."""
    if truncated:
        return None
    text = after_thoughts(reply)
    tags = [tag for tag in _tags(text) if tag]
    if tags:
        return Extracted(tags[-1], "answer_tag")
    tail = text[-_MAX_TAIL:]
    boxed = last_boxed(tail)
    if boxed:
        return Extracted(boxed, "boxed")
    return _by_phrase(tail) or _bare(tail)


def _tags(text: str) -> list[str]:
    """Contents of the answer tags. Inside a nested opening, the innermost counts."""
    found = []
    opened = -1
    for tag in _ANY_TAG.finditer(text):
        if not tag[1]:
            opened = tag.end()
        elif opened >= 0:
            if tag.start() - opened < _MAX_ANSWER:
                found.append(text[opened : tag.start()].strip())
            opened = -1
    return found


def last_boxed(text: str) -> str | None:
    """The content of the last `\\boxed{...}` with balanced braces, or None."""
    end = len(text)
    for _ in range(_MAX_BOXES):
        start = max(text.rfind("\\boxed", 0, end), text.rfind("\\fbox", 0, end))
        if start < 0:
            break
        brace = text.find("{", start, start + 12)
        if brace >= 0 and (content := _balanced(text, brace)) is not None and content.strip():
            return content.strip()
        end = start
    return None


def _balanced(text: str, brace: int) -> str | None:
    depth = 0
    for position in range(brace, min(len(text), brace + _MAX_ANSWER)):
        char = text[position]
        if char in "{}" and text[position - 1] != "\\":
            depth += 1 if char == "{" else -1
            if depth == 0:
                return text[brace + 1 : position]
    return None


def _by_phrase(text: str) -> Extracted | None:
    for match in reversed(list(_PHRASE.finditer(text))):
        said = text[match.end() :]
        if said.strip(" \t\n*:：_."):  # the last phrase that is followed by anything decides
            return Extracted(_sentence(said), "phrase") if _sentence(said) else None
    options = _OPTION_LINE.findall(text)
    return Extracted(options[-1], "option") if options else None


def _sentence(text: str) -> str:
    """The first statement of `text`: one line, up to the end of its sentence; none if a heading opens a report."""
    if re.match(r"[\s*:：_]*\n", text) and len(text.strip(" \t\n*:：_").split("\n")) > 1:
        return ""
    line = text.lstrip(" \t\n*:：_").split("\n")[0].strip()
    line = re.split(r"(?<=[^\d\s])(?<!^[A-Z])[.。](?:\s|$)|(?<=\d)[.。](?:\s+[A-Z]|$)", line)[0]
    line = re.sub(r",?\s+(?:because|since|as shown|which)\b.*", "", line)
    line = line.strip().strip("*").strip()
    return line if len(line) <= 300 and not line.endswith((":", ":**")) else ""


def _bare(text: str) -> Extracted | None:
    """A reply that is nothing but a short answer."""
    text = text.strip()
    if not text or "\n" in text or _ANY_TAG.search(text) or len(text) > 80 or text.count(" ") > 8:
        return None
    if letter := _LETTER.fullmatch(text):
        return Extracted(letter[1], "option")
    return Extracted(text, "bare")


def extract_reference(solution: str) -> Extracted | None:
    """The short answer in a reference solution, or None where it states none."""
    text = solution.strip()[-_MAX_TAIL:]
    tags = [tag.strip() for tag in _TAG.findall(text) if tag.strip()]
    if tags:
        if len(tags[-1]) <= _MAX_SHORT:
            return Extracted(tags[-1], "answer_tag")
        text = tags[-1]  # some sources put the whole solution into the tag
    boxed = last_boxed(text)
    if boxed:
        return Extracted(boxed, "boxed")
    return _by_phrase(text) or _conclusion(text) or _bare(text)


def _conclusion(text: str) -> Extracted | None:
    """A last sentence such as `Thus, the angle is 67°.` or `Therefore, f(4) evaluates to 19.`"""
    last = text.rstrip().split("\n")[-1][-500:]
    found = _CONCLUSION.search(last)
    return Extracted(found[1].strip(" .,"), "phrase") if found else None
