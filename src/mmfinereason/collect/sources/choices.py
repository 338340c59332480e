"""Multiple choice in one form: options as `A. ...` lines in the question, the answer a letter.

Publishers letter and number their options in every way, keep them beside the question or inside it, and give the
answer as a letter, as a text or as a number.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import orjson

from mmfinereason.collect.sources.values import text

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LABELS = (r"\[{}\]", r"\({}\)", r"{}\s*[.:)、]")
_LETTERED = re.compile(r"\s*[(\[]?([A-Z])[)\].:、]\s*(.*)", re.DOTALL)


def option_texts(cell: Any) -> tuple[str, ...]:
    """Option texts from a list, a dict by letter, or either of them written as JSON or as a Python literal."""
    if isinstance(cell, str):
        cell = _literal(cell)
    if isinstance(cell, dict):
        cell = [cell[key] for key in sorted(cell)]
    if not isinstance(cell, list | tuple) or not cell:
        return ()
    return _without_letters([_option(item) for item in cell])


def _literal(cell: str) -> Any:
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError:
        try:
            return ast.literal_eval(cell.strip())
        except (ValueError, SyntaxError):
            return None


def _option(item: Any) -> str:
    """One option as text; a coordinate such as `[0, 12]` as `(0, 12)`."""
    if isinstance(item, list | tuple):
        return f"({', '.join(map(str, item))})"
    return (text(item) or "").strip()


def _without_letters(options: list[str]) -> tuple[str, ...]:
    """Options without their own `A. `, if they have it in order, even where a publisher glued two of them together."""
    if not _LETTERED.match(options[0]):
        return tuple(options)
    whole, start = "\n".join(options), 0
    bare: list[str] = []
    for letter, following in pairwise((*LETTERS, None)):
        label = _label(letter, whole, start)
        if label is None or (not bare and label.start() != 0):
            break
        rest = _label(following, whole, label.end()) if following else None
        bare.append(whole[label.end() : rest.start() if rest else None].strip())
        start = label.end()
    last = _LETTERED.match(options[-1])
    return tuple(bare if last and len(bare) == LETTERS.index(last[1]) + 1 else options)


def _label(letter: str, whole: str, start: int) -> re.Match[str] | None:
    """The next `D. ` that stands at the beginning of an option or right after the end of a sentence."""
    return re.compile(rf"(?:^|(?<=[\n.]))[ \t]*[(\[]?{letter}[)\].:、]\s*", re.MULTILINE).search(whole, start)


def shown(question: str, options: Sequence[str]) -> str:
    """The question with its options as `A. ...` lines, in place of a list it may already have."""
    lines = "\n".join(f"{letter}. {option}" for letter, option in zip(LETTERS, options, strict=False))
    there = _list_in(question, options) or _other_list_in(question, len(options))
    if there is None:
        return f"{question.rstrip()}\n{lines}"
    before, after = question[: there.start()].rstrip(), question[there.end() :].strip()
    return "\n".join(part for part in (before, lines, after) if part)


def _list_in(question: str, options: Sequence[str]) -> re.Match[str] | None:
    """The last place in the question that lists exactly these options, however they are labelled."""
    if not all(option.split()[-1] in question for option in options if option):
        return None
    numbers = [str(number) for number in range(1, len(options) + 1)]
    texts = [r"\s+".join(map(re.escape, option.split())) for option in options]
    for labels in (numbers, LETTERS):
        for form in _LABELS:
            if not re.search(form.format(labels[len(options) - 1]), question):
                continue
            items = (rf"{form.format(label)}\s*{option}" for label, option in zip(labels, texts, strict=False))
            *_, last = [None, *re.finditer(r"\s*[,;]?\s*".join(items), question)]
            if last is not None:
                return last
    return None


def _other_list_in(question: str, number: int) -> re.Match[str] | None:
    """A numbered list of as many options that ends the question in other words: the options kept apart stand."""
    lines = "".join(rf"\s*{place}\s*[.:)]\s*[^\n]+(?:\n|\Z)" for place in range(1, number + 1))
    return re.search(rf"(?<=Options:){lines}\s*\Z", question)


def letter_of(answer: Any, options: Sequence[str], *, first: int | None = None) -> str | None:
    """The letter an answer stands for, or None if that cannot be told.

    `first` is the number of the first option where the publisher counts options; None where it gives letters or texts.
    """
    given = (text(answer) or "").strip()
    if first is not None and re.fullmatch(r"\d+", given):
        place = int(given) - first
        return LETTERS[place] if 0 <= place < len(options) else None
    same = [letter for letter, option in zip(LETTERS, options, strict=False) if _same(option, given)]
    if len(same) == 1:
        return same[0]
    bare = re.fullmatch(r"[(\[]?([A-Za-z])[)\].:]?", given)
    if bare and bare[1].upper() in LETTERS[: len(options)]:
        return bare[1].upper()
    lettered = _LETTERED.match(given)
    if lettered and lettered[1] in LETTERS[: len(options)] and _same(options[LETTERS.index(lettered[1])], lettered[2]):
        return lettered[1]
    return None


def _same(option: str, given: str) -> bool:
    return " ".join(option.split()).casefold() == " ".join(given.split()).casefold()
