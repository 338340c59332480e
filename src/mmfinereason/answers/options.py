"""Multiple choice: finds the options in a question and reads which of them an answer means.

Options are lettered (`A.`, `(b)`, `C)`, `D:`) or numbered (`1:`, `[2]`), on lines or in one line, or stand as a Python
list or as bare lines under `Choices:`. An answer may name the letter, the number, the text, or letter and text; where
two of these readings point at different options the comparison stays undecided.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from mmfinereason.answers.normalize import clean, phrase

Labels = Literal["letters", "numbers", "none"]

_MAX_QUESTION = 40_000
_LETTER_LABEL = re.compile(
    r"(?<![A-Za-z0-9'’\\$_{])(?:\*\*)?(?:\((?P<p>[A-Za-z])\)|\[(?P<b>[A-Za-z])\]|(?P<r>[A-Za-z])\)|(?P<d>[A-Za-z])[.．]"
    r"|(?P<c>[A-Za-z])[:：]|(?P<j>[A-Z])、)(?:\*\*)?(?=\s*\S)"
)
_NUMBER_LABEL = re.compile(
    r"(?<![\w(\[,.+-])(?:\((?P<p>\d{1,2})\)(?=\s)|\[(?P<b>\d{1,2})\](?=\s)|(?P<r>\d{1,2})\)(?=\s)"
    r"|(?P<d>\d{1,2})\.(?=\s|\(|[A-Z])|(?P<c>\d{1,2}):(?=\s))"
)
_HEADING = re.compile(
    r"\b(?:options?|choices|candidates|choose from(?: the)? following(?: options)?)\b[^\n:]{0,40}:", re.IGNORECASE
)
_LEFTOVER = re.compile(r"[\s,;；，]*(?:\n\s*[-*•]\s*)?$")
_MAX_AFTER_LABEL = 1_500
_TASK = re.compile(
    r"(?:find|what|compute|show|calculate|determine|derive|at what|for what|how|draw|prove|express|write|explain)\b"
    r".{25,}(?:[.?]|\bthat\b)",
    re.IGNORECASE | re.DOTALL,
)
"""A lettered part of a longer problem, `(a) Find the distance ...`, is no option."""
_LIST = re.compile(r"\[[^\[\]\n]{2,2000}\]")


@dataclass(frozen=True, slots=True)
class OptionList:
    """The texts of the options in order, and how the question labels them."""

    texts: tuple[str, ...] = ()
    labels: Labels = "none"


def parse_options(question: str) -> tuple[str, ...]:
    """The option texts of `question` in the order A, B, C...; empty when it has none."""
    return read_options(question).texts


@lru_cache(maxsize=1_024)
def read_options(question: str) -> OptionList:
    """The options of `question` with their labels; linear in its length."""
    if len(question) > _MAX_QUESTION:
        question = question[-_MAX_QUESTION:]
    texts = _labelled(question, _LETTER_LABEL, 0)
    if len(texts) >= 2:
        return OptionList(texts, "letters")
    headings = [match.end() for match in _HEADING.finditer(question)]
    if not headings:
        return OptionList()
    tail = question[headings[-1] :]
    if numbered := _labelled(tail, _NUMBER_LABEL, 1):
        return OptionList(numbered, "numbers")
    return OptionList(_python_list(tail) or _lines(tail))


def _labelled(text: str, pattern: re.Pattern[str], first: int) -> tuple[str, ...]:
    """Texts behind the longest run of labels in order and of one style; the last such run wins."""
    marks = []
    for match in pattern.finditer(text):
        style = str(match.lastgroup)
        label = match[style]
        index = int(label) - 1 if first else ord(label.lower()) - ord("a")
        marks.append((match.start(), match.end(), index, style + ("u" if label.isupper() else "l")))
    best: list[tuple[int, int]] = []
    for style in {mark[3] for mark in marks}:
        for chain in _chains([mark for mark in marks if mark[3] == style]):
            if len(chain) >= 2 and (len(chain), chain[0]) >= (len(best), best[0] if best else (0, 0)):
                best = chain
    if best and len(text) - best[-1][1] > _MAX_AFTER_LABEL:
        return ()  # a list inside the rules of a game, not the options
    texts = _between(text, best)
    return () if any(_TASK.match(option) for option in texts) else texts


def _chains(marks: list[tuple[int, int, int, str]]) -> list[list[tuple[int, int]]]:
    chains: list[list[tuple[int, int]]] = []
    current: list[tuple[int, int]] = []
    for start, end, index, _ in marks:
        if index == 0:
            current = [(start, end)]
            chains.append(current)
        elif current and index == len(current):
            current.append((start, end))
    return chains


def _between(text: str, chain: list[tuple[int, int]]) -> tuple[str, ...]:
    texts = []
    for number, (_, end) in enumerate(chain):
        last = number + 1 == len(chain)
        body = text[end:] if last else text[end : chain[number + 1][0]]
        if last:
            body = body.lstrip().split("\n")[0]
        texts.append(_LEFTOVER.sub("", body.strip().strip("*")).removesuffix("<image>").strip())
    return tuple(texts) if all(texts) else ()


def _python_list(tail: str) -> tuple[str, ...]:
    match = _LIST.search(tail)
    if match is None:
        return ()
    try:
        items = ast.literal_eval(match[0])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()
    return tuple(str(item) for item in items) if len(items) >= 2 else ()


def _lines(tail: str) -> tuple[str, ...]:
    lines = [line.strip().lstrip("-*• ").strip() for line in tail.strip().split("\n")]
    if not 2 <= len(lines) <= 12 or not all(lines) or max(map(len, lines)) > 200:
        return ()
    return tuple(lines)


def given_options(options: Sequence[str]) -> tuple[str, ...]:
    """`options` without their labels, when every one carries its own (`A.Pawn`, `B.Rook`)."""
    texts = tuple(str(option) for option in options)
    bare = []
    for index, text in enumerate(texts):
        match = _LETTER_LABEL.match(text)
        if match is None or ord(match[str(match.lastgroup)].lower()) - ord("a") != index:
            return texts
        bare.append(text[match.end() :].strip())
    return tuple(bare)


@dataclass(frozen=True, slots=True)
class Choice:
    """What an answer names: positions of letters, and the text written beside the letter."""

    letters: frozenset[int]
    text: str = ""
    lower: bool = False


_LEAD = re.compile(
    r"^(?:(?:the|my)\s+)?(?:(?:correct|final|best|right)\s+)?(?:answers?|options?|choices?)\s*(?:is|are|:|=)?\s*:?\s*(?=[(\[A-Za-z])",
    re.IGNORECASE,
)
_ONE = re.compile(r"[(\[{]?\s*([A-Za-z])\s*[)\]}]?\s*[.):]?")
_WITH_TEXT = re.compile(r"(?:\(([A-Za-z])\)|\[([A-Z])\]|([A-Za-z])[.)、]|([A-Z]):)\s*(?=\S)(.+)", re.DOTALL)
_SEVERAL = re.compile(r"[(\[{⦃]?\s*([A-Z])\)?(?:\s*(?:,\s*and|,|;|&|\+|/|\band\b|\s)\s*\(?([A-Z])\)?)+\s*[)\]}⦄]?\.?")
_NEXT_PART = re.compile(r"\(b\)|\bb\)|\(ii\)")
_NUMBER_WITH_TEXT = re.compile(r"[(\[]?(\d{1,2})[)\].:]\s+(\S.*)", re.DOTALL)
_RUN = re.compile(r"[(\[]?([A-Z]{2,8})[)\]]?")


def read_choice(text: str, count: int = 0) -> Choice | None:
    """The letters that cleaned `text` names, or None. `count` is the number of options, 0 when unknown."""
    if len(text) > 500 and not _WITH_TEXT.match(text):
        return None
    bare = _LEAD.sub("", text) if len(text) < 500 else text
    if one := _ONE.fullmatch(bare):
        return _choice(one[1], "", count, one[1].islower())
    if _SEVERAL.fullmatch(bare):
        letters = re.findall(r"\b[A-Z]\b", bare)
        return _choice("".join(letters), "", count) if len(letters) == len(set(letters)) else None
    if count and (run := _RUN.fullmatch(bare)) and list(run[1]) == sorted(set(run[1])):
        return _choice(run[1], "", count)
    match = _WITH_TEXT.fullmatch(bare)
    if match and not _NEXT_PART.search(match[5]):
        letter = match[1] or match[2] or match[3] or match[4]
        return _choice(letter, match[5].strip(), count, letter.islower())
    return None


def _choice(letters: str, text: str, count: int, lower: bool = False) -> Choice | None:
    positions = frozenset(ord(letter.lower()) - ord("a") for letter in letters)
    if count and max(positions) >= count:
        return None
    return Choice(positions, text, lower)


_NONE = re.compile(
    r"^none(?: of)?(?: the)?(?: above| these| options?| choices| others?)?(?: is correct| are correct)?$"
)


@lru_cache(maxsize=8_192)
def option_phrase(text: str) -> str:
    """The text of an option for comparison, with one wording for `none of the above`."""
    words = phrase(clean(text))
    return "none of the above" if _NONE.match(words) else words


def positions_of(text: str, options: OptionList, same: Callable[[str, str], bool]) -> frozenset[frozenset[int]]:
    """Every reading of `text` as a set of options: by letter, by number, by text."""
    found: set[frozenset[int]] = set()
    choice = read_choice(text, len(options.texts))
    bare = choice is not None and not choice.text
    found.update(frozenset((hit,)) for hit in text_positions(text, options, _never if bare else same))
    if choice is not None and not (choice.lower and not choice.text and options.labels == "numbers"):
        if choice.text and not _text_fits(choice, options, same):
            return frozenset((choice.letters, frozenset((-1,))))
        found.add(choice.letters)
    number = re.fullmatch(r"(?:option|choice)?\s*[(\[]?(\d{1,2})[)\].:]?", text, re.IGNORECASE)
    numbered = options.labels == "numbers" or (options.labels == "none" and not found)
    described = _NUMBER_WITH_TEXT.fullmatch(text)
    if described and options.labels == "numbers" and 1 <= int(described[1]) <= len(options.texts):
        index = int(described[1]) - 1
        fits = index in text_positions(described[2], options, same)
        return frozenset((frozenset((index if fits else -1,)),))
    if number and numbered and 1 <= int(number[1]) <= len(options.texts):
        found.add(frozenset((int(number[1]) - 1,)))
    return frozenset(found)


def _never(option: str, text: str) -> bool:
    """A bare letter is compared with the texts as a word only."""
    return False


def _text_fits(choice: Choice, options: OptionList, same: Callable[[str, str], bool]) -> bool:
    """`C. 5` is sound only when option C says 5; another option's text makes it contradictory."""
    hits = text_positions(choice.text, options, same)
    return not hits or any(frozenset((hit,)) == choice.letters for hit in hits)


def text_positions(text: str, options: OptionList, same: Callable[[str, str], bool]) -> list[int]:
    """The options whose text `text` is: those of the same words, or else those that agree."""
    wanted = option_phrase(text)
    hits = [i for i, option in enumerate(options.texts) if option_phrase(option) == wanted]
    return hits or [i for i, option in enumerate(options.texts) if same(option, text)]
