"""Cuts cleaned text into the tokens of a formula, and refuses text that is words rather than mathematics."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

MAX_TOKENS = 250
FUNCTIONS = ("sin", "cos", "tan", "cot", "sec", "csc", "asin", "acos", "atan", "ln", "log", "lg", "exp")


class Unreadable(Exception):
    """This text is not mathematics that the reader knows for certain."""


_NUMBER = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d,])|\d+(?:\.\d+)?(?:[eE][+-]?\d+(?![\w.]))?|\.\d+"
_TOKEN = re.compile(
    rf"\s*(?:(?P<number>{_NUMBER})|(?P<command>\\[A-Za-z]+)"
    rf"|(?P<function>(?:arc)?(?:sin|cos|tan)|cot|sec|csc|ln|log|lg|exp|sqrt|pi)(?![A-Za-z])"
    r"|(?P<name>(?:Δ\s?)?[A-Za-zα-ωΑ-Ω](?:_(?:\{\s*\w{1,4}\s*\}|\w))?)"
    r"|(?P<op>\*\*|[-+*/^(){}\[\]|!%°_]))"
)
_OPERATORS = frozenset({"mod", "div", "xor", "not", "and", "lim", "max", "min", "gcd", "lcm", "det", "per"})


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is number, name, function or op; `spaced` when blanks stand before it."""

    kind: str
    text: str
    spaced: bool


def tokens_of(text: str) -> list[Token]:
    """All tokens of `text`, at least one; Unreadable when it is not a formula or too long."""
    tokens: list[Token] = []
    position = 0
    while position < len(text.rstrip()):
        match = _TOKEN.match(text, position)
        if match is None or len(tokens) >= MAX_TOKENS:
            raise Unreadable("not a formula")
        kind = str(match.lastgroup)
        word = match[kind]
        tokens.append(Token(*_classify(kind, word), match.start(kind) > position))
        position = match.end()
    if not tokens:
        raise Unreadable("empty")
    _refuse_words(tokens)
    return tokens


def _classify(kind: str, word: str) -> tuple[str, str]:
    if kind == "command":
        kind, word = "function", word[1:]
        if word not in FUNCTIONS and word not in ("frac", "sqrt", "e"):
            raise Unreadable(f"unknown command {word}")
    if word == "pi":
        return "name", "π"
    if kind == "function":
        return kind, word.replace("arc", "a")
    if kind == "name":
        return kind, re.sub(r"[{}\s]", "", word)
    return kind, "^" if word == "**" else word


def _refuse_words(tokens: list[Token]) -> None:
    """`apple`, `ABC`, `AB` are words or names of points, not products of letters."""
    letters = [token.kind == "name" and len(token.text) == 1 and token.text.isascii() for token in tokens]
    run = ""
    for token, letter in zip(tokens, letters, strict=True):
        run = (run + token.text if run and not token.spaced else token.text) if letter else ""
        if len(run) >= 4 or run in _OPERATORS:
            raise Unreadable("words")
    if all(letters) and len(letters) >= 2:
        raise Unreadable("words")


def names_points(tokens: list[Token]) -> bool:
    """Whether `AB` may stand for a segment rather than for A times B, as in `AB + BC`."""
    if any(token.text in ("^", "frac", "sqrt", "/") for token in tokens):
        return False
    return any(a.kind == b.kind == "name" and a.text.isupper() and b.text.isupper() for a, b in pairwise(tokens))
