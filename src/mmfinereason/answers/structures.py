"""Answers of several parts: lists, tuples, sets, intervals, unions, inequalities read as intervals, `±`.

Reading is by brackets and separators only; comparing the parts is the caller's `compare`. Order counts in tuples and
intervals, not in sets; in a bare list it counts unless the words say otherwise (`or`, `and`, one variable).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from mmfinereason.answers.verdict import Verdict, different, equal, undecided

Kind = Literal["list", "tuple", "set", "bracket"]
Compare = Callable[[str, str], Verdict]

MAX_PARTS = 24
_PAIRS = {"(": ")", "[": "]", "{": "}", "⦃": "⦄"}
_CLOSING = frozenset(_PAIRS.values())
_JOINED = re.compile(r",?\s+(?:and|or)\s+|\s*∨\s*", re.IGNORECASE)
_THOUSANDS = re.compile(r"[+-]?[$€£¥₹]?\s?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])[^,;]*")
_PART_LABEL = re.compile(
    r"^(?:\((?:[a-h]|\d|i{1,3}|iv|v)\)|[①②③④⑤⑥]|(?:part\s+)?[a-h]\)|\d\)|part\s*\(?[a-h\d]\)?\s*:)\s*(?=\S)", re.I
)


@dataclass(frozen=True, slots=True)
class Group:
    """Parts in order. `any_order` is set where words or brackets say that order does not matter."""

    kind: Kind
    parts: tuple[str, ...]
    any_order: bool = False


@lru_cache(maxsize=4_096)
def read_group(text: str) -> Group | None:
    """The parts of cleaned `text`, or None when it is one thing."""
    text = text.strip()
    if "±" in text:
        return _plus_minus(text)
    inner = _unwrap(text)
    if inner is not None:
        opening = text[0]
        parts = _split(inner)
        if len(parts) < 2 and opening not in "⦃{":
            return None
        if opening in "⦃{":
            return Group("set", parts, any_order=True) if parts and "|" not in inner else None
        return Group("tuple" if opening == "(" else "bracket", parts)
    if _THOUSANDS.fullmatch(text):
        return None
    parts = _split(text)
    if not 2 <= len(parts) <= MAX_PARTS or max(map(len, parts)) > 120:
        return None
    joined = bool(re.search(r"\s(?:and|or)\s|∨", text, re.IGNORECASE))
    return Group("list", parts, any_order=joined)


def _unwrap(text: str) -> str | None:
    """What is inside one pair of brackets around the whole of `text`."""
    if len(text) < 2 or _PAIRS.get(text[0]) != text[-1]:
        return None
    depth = 0
    for position, char in enumerate(text):
        depth += (char in _PAIRS) - (char in _CLOSING)
        if depth == 0 and position < len(text) - 1:
            return None
    return text[1:-1].strip()


def _split(text: str) -> tuple[str, ...]:
    """Top-level parts, by `;` where there is one, else by `, `, else by `,`; and by the words and, or."""
    separators = ";" if _has_top_level(text, ";") else ","
    spaced = separators == "," and bool(re.search(r",\s", text)) and bool(re.search(r"\d,\d{3}(?!\d)", text))
    pieces: list[str] = []
    depth, start = 0, 0
    for position, char in enumerate(text):
        if char in _PAIRS:
            depth += 1
        elif char in _CLOSING:
            depth -= 1
        elif char == separators and depth == 0 and not (spaced and not text[position + 1 : position + 2].isspace()):
            pieces.append(text[start:position])
            start = position + 1
    pieces.append(text[start:])
    parts = [part.strip() for piece in pieces for part in _JOINED.split(re.sub(r"^\s*(?:and|or)\s+", "", piece))]
    return tuple(_PART_LABEL.sub("", part).strip() for part in parts if part)


def _has_top_level(text: str, wanted: str) -> bool:
    depth = 0
    for char in text:
        depth += (char in _PAIRS) - (char in _CLOSING)
        if char == wanted and depth == 0:
            return True
    return False


def _plus_minus(text: str) -> Group | None:
    if text.count("±") > 1 or "," in text:
        return None
    return Group("set", (text.replace("±", "+").lstrip("+"), text.replace("±", "-")), any_order=True)


def compare_groups(reference: Group, answer: Group, compare: Compare, *, point: bool = False) -> Verdict:
    """Part by part, in order or in any order as the brackets and words say. `point`: the question asks for one."""
    if len(reference.parts) != len(answer.parts):
        return _other_length(reference, answer, compare)
    table = [[compare(r, a) for a in answer.parts] for r in reference.parts]
    diagonal = [table[i][i] for i in range(len(table))]
    kinds = {reference.kind, answer.kind}
    free = reference.any_order or answer.any_order
    if len(kinds) == 2 and kinds != {"list", "set"} and not (point and kinds == {"list", "tuple"}):
        return _other_brackets(diagonal)
    if all(verdict.outcome == "equal" for verdict in diagonal):
        return equal("set", f"{len(diagonal)} parts agree")
    if not free and kinds != {"list"}:
        return _in_order(diagonal)
    matched = _matching(table)
    if matched:
        return (
            equal("set", "the same parts in another order") if free else undecided("set", "the parts in another order")
        )
    if all(verdict.outcome != "undecided" for row in table for verdict in row):
        return different("set", "not the same parts")
    if not free and _one_is_off(table):
        return different("set", "the parts agree in order but for some")
    if not free:
        hopeless = [i for i, row in enumerate(table) if all(v.outcome == "different" for v in row)]
        return (
            different("set", f"part {hopeless[0] + 1} matches nothing")
            if hopeless
            else undecided("set", "a part is unclear")
        )
    return undecided("set", "a part is unclear")


def _one_is_off(table: Sequence[Sequence[Verdict]]) -> bool:
    """Whether some parts agree in order, which settles the order, and every other one differs and fits nowhere else."""
    outcomes = [row[i].outcome for i, row in enumerate(table)]
    off = [i for i, outcome in enumerate(outcomes) if outcome == "different"]
    if "undecided" in outcomes or not off or len(off) == len(outcomes):
        return False
    return not any(verdict.outcome == "equal" for i in off for verdict in table[i])


def _in_order(diagonal: Sequence[Verdict]) -> Verdict:
    for number, verdict in enumerate(diagonal, start=1):
        if verdict.outcome == "different":
            return different("set", f"part {number}: {verdict.detail}")
    return undecided("set", "a part is unclear")


def _other_brackets(diagonal: Sequence[Verdict]) -> Verdict:
    if any(verdict.outcome == "different" for verdict in diagonal):
        return different("set", "another part, in other brackets")
    return undecided("set", "the same parts in other brackets")


def _matching(table: Sequence[Sequence[Verdict]]) -> bool:
    """Whether each row has a column of its own that is equal: augmenting paths, MAX_PARTS² steps a row."""
    owner: dict[int, int] = {}

    def place(row: int, seen: set[int]) -> bool:
        for column, verdict in enumerate(table[row]):
            if verdict.outcome == "equal" and column not in seen:
                seen.add(column)
                if column not in owner or place(owner[column], seen):
                    owner[column] = row
                    return True
        return False

    return all(place(row, set()) for row in range(len(table)))


def _other_length(reference: Group, answer: Group, compare: Compare) -> Verdict:
    if "list" not in (reference.kind, answer.kind):
        if max(len(reference.parts), len(answer.parts)) > MAX_PARTS:
            return undecided("set", "too many parts")
        table = [[compare(r, a).outcome for a in answer.parts] for r in reference.parts]
        if reference.kind == answer.kind == "tuple" or all(o != "undecided" for row in table for o in row):
            return different("set", f"{len(reference.parts)} parts against {len(answer.parts)}")
    return undecided("set", f"{len(reference.parts)} parts against {len(answer.parts)}")


def compare_with_one(group: Group, single: str, compare: Compare, *, reference_is_group: bool) -> Verdict:
    """Several parts against one: at best part of the answer."""
    outcomes = [compare(part, single).outcome for part in group.parts[:MAX_PARTS]]
    if all(outcome == "different" for outcome in outcomes):
        return different("set", "none of the parts is the other answer")
    if reference_is_group and group.any_order and "undecided" not in outcomes and outcomes.count("equal") == 1:
        return different("set", "only one of the reference's values")
    return undecided("set", "one answer against several")
