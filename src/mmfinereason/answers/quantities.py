"""Numbers as people write them: with separators, percent signs, currencies, scale words, number words and units.

A `Quantity` keeps the value, the digits it was written with (so that rounding can be judged) and its unit. `5,2`
is not a number here: it may be a decimal comma or a list. Only a comma that is certain (`1.234,56`, `0,5 m`) is
read as one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache

from mmfinereason.answers.evaluate import Value, to_fraction, value_of
from mmfinereason.answers.expression import Unreadable, number_of, read_expression
from mmfinereason.answers.units import CURRENCIES, Unit, read_unit


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number with what was written around it.

    `step` is the unit of the last written digit (1/100 for `3.14`, None for closed forms such as `1/3` or `2π`);
    `decimals` says whether a decimal point or exponent was written; `noun` is an unknown word after the number.
    """

    value: Value
    step: Fraction | None = None
    decimals: bool = False
    digits: int = 0
    unit: Unit | None = None
    percent: bool = False
    noun: str = ""
    scale: int = 1
    attached: bool = False
    approximate: bool = False
    has_pi: bool = False


_SCALES = {
    "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12, "dozen": 12,
    "millions": 10**6, "billions": 10**9, "thousands": 10**3, "bn": 10**9, "mn": 10**6, "mio": 10**6,
}  # fmt: skip
_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_NUMBER_WORDS = {word: value for value, word in enumerate(_UNITS.split())} | {
    word: 10 * value for value, word in enumerate(_TENS.split(), start=2)
}
_FRACTION_WORDS = {
    "half": 2, "third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fourth": 4, "fourths": 4, "fifth": 5,
    "fifths": 5, "sixth": 6, "sixths": 6, "hundredths": 100,
    "thousandths": 1_000, "eighth": 8, "eighths": 8, "tenth": 10, "tenths": 10,
}  # fmt: skip

_LITERAL = re.compile(
    r"(?P<sign>[+-]?)\s?(?P<whole>\d{1,3}(?:,\d{3})+|\d{1,3}(?: \d{3})+|\d+|(?=\.\d))(?P<part>\.\d+)?"
    r"(?:(?:e|E)(?P<e>[+-]?\d{1,4})|\s?[*x]\s?10\s?\^\s?[({]?\s?(?P<ten>[+-]?\d{1,4})\s?[)}]?)?"
)
_EUROPEAN = re.compile(r"([+-]?\d{1,3}(?:\.\d{3})+),(\d+)(?!\d)")
_COMMA_WITH_UNIT = re.compile(r"([+-]?\d+),(\d{1,2}|\d{4,})\s*(\D.*)")
_HEDGE = re.compile(r"^(?:≈|~|approx(?:imately|\.)?|about|around|roughly|nearly|almost|circa|=)\s*", re.IGNORECASE)
_TURNS_MEANING = (
    "or and to times more less fewer over by per below under above left right up down north south east west bc ad am "
    "pm half halves squared cubed mod x base plus minus divided not out of at least most than"
)
_COUNTING = _NUMBER_WORDS.keys() | _FRACTION_WORDS.keys() | _SCALES.keys()
_CHAIN = re.compile(r"\d+(?:\.\d+)?(?:\s?[-*]\s?\d+(?:\.\d+)?)+")
"""`5-6` is a range, `1-2-3` an order and `3×5` a size at least as often as something to calculate."""
_NOT_A_NOUN = frozenset(_TURNS_MEANING.split())


@lru_cache(maxsize=8_192)
def read_quantity(text: str) -> Quantity | None:
    """The one number in cleaned `text`, or None when there is none, or more than one."""
    body, approximate = _without_hedge(text)
    money = re.match(rf"^([+-]?)\s?(?:US|[A-Z]{{2}})?([{CURRENCIES}])\s?(?=[\d.])", body)
    unit = None
    if money:
        unit, body = read_unit(money[2]), money[1] + body[money.end() :]
    body = _EUROPEAN.sub(lambda m: m[1].replace(".", "") + "." + m[2], body)
    comma = _COMMA_WITH_UNIT.fullmatch(body)
    if comma and (comma[3] == "%" or read_unit(comma[3])):
        body = f"{comma[1]}.{comma[2]} {comma[3]}"
    found = _plain(body) or _words(body) or _with_tail(body)
    if found is None or (money and found.unit is not None and found.unit != unit):
        return None
    return replace(found, unit=found.unit or unit, approximate=approximate)


def _without_hedge(text: str) -> tuple[str, bool]:
    body, count = _HEDGE.subn("", text)
    return body, bool(count) and not text.startswith("=")


def _plain(text: str) -> Quantity | None:
    """A literal or a closed form without any unit."""
    literal = _LITERAL.fullmatch(text)
    if literal:
        return _literal(literal)
    if not any(char.isdigit() or char in "πe\\" for char in text) or _CHAIN.fullmatch(text):
        return None
    try:
        expression = read_expression(text)
        if expression.names or (expression.doubtful and ("e" not in text or "°" in text or "log" in text)):
            return None
        return Quantity(value_of(expression), has_pi="π" in text)
    except Unreadable:
        return None


def _literal(match: re.Match[str]) -> Quantity | None:
    whole = match["whole"].replace(",", "").replace(" ", "")
    part = match["part"] or ""
    exponent = int(match["e"] or match["ten"] or 0)
    if len(whole) + len(part) > 400 or abs(exponent) > 400:
        return None
    if len(whole) > 1 and whole[0] == "0" and not part:
        return None  # a code rather than a number
    power = Fraction(10) ** exponent
    value = number_of((whole or "0") + part)
    value = -value if match["sign"] == "-" else value
    value = value * power if exponent else value
    decimals = bool(part) or bool(match["e"] or match["ten"])
    step = Fraction(1, 10 ** max(len(part) - 1, 0)) * power
    digits = len((whole + part[1:]).lstrip("0"))
    return Quantity(value, step, decimals, digits)


def _with_tail(text: str) -> Quantity | None:
    """A number followed by a percent sign, a scale word, a unit or a noun."""
    for match in _tails(text):
        head, tail = text[:match].rstrip(), text[match:].strip()
        number = _plain(head) or _bracketed(head)
        if number is None:
            continue
        found = _tail(number, tail, attached=match > 0 and text[match - 1] != " ")
        if found is not None:
            return found
    return None


def _bracketed(head: str) -> Quantity | None:
    return _words(head) if head and head.isalpha() else None


def _tails(text: str) -> list[int]:
    """Positions at which the words after the number may begin: longest number first, few of them."""
    starts = [m.start() for m in re.finditer(r"(?<![A-Za-z\\])[A-Za-zμΩ°$€£¥₹¢%(]", text)]
    return starts[::-1][:6] if len(starts) <= 12 else []


def _tail(number: Quantity, tail: str, attached: bool) -> Quantity | None:
    lowered = tail.lower()
    if lowered in ("%", "percent", "per cent", "pct"):
        return replace(number, percent=True)
    word, _, rest = tail.partition(" ")
    if word.lower() in _SCALES:
        factor = _SCALES[word.lower()]
        step = number.step * factor if number.step is not None else None
        scaled = replace(number, value=to_fraction(number.value) * factor, step=step, scale=number.scale * factor)
        rest = re.sub(r"^of\s+", "", rest)
        return scaled if not rest else _tail(scaled, rest, attached=False)
    unit = read_unit(tail)
    if unit is None and (bracket := re.fullmatch(r"(.+?)\s*\((.+?)\)|\((.+)\)", tail)):
        unit = read_unit(bracket[3] or bracket[1])
    if unit is not None:
        return replace(number, unit=unit, attached=attached)
    words = re.findall(r"[A-Za-z]+", lowered)
    plain = re.fullmatch(r"[A-Za-z][A-Za-z' -]*", tail)
    if not plain or attached or len(words) > 4 or (_NOT_A_NOUN | _COUNTING) & set(words):
        return None
    return replace(number, noun=lowered)


def _words(text: str) -> Quantity | None:
    """`seven`, `twenty-one`, `minus three`, `one half`, `three quarters`, `a dozen`."""
    words = re.sub(r"[-\s]+", " ", text.lower()).split()
    if not 1 <= len(words) <= 8 or not all(word.isalpha() for word in words):
        return None
    sign = -1 if words[0] in ("minus", "negative") else 1
    words = words[1:] if sign < 0 else words
    if len(words) == 2 and words[1] in _FRACTION_WORDS and (words[0] in _NUMBER_WORDS or words[0] in ("a", "one")):
        top = _NUMBER_WORDS.get(words[0], 1)
        return Quantity(Fraction(sign * top, _FRACTION_WORDS[words[1]]))
    if words == ["half"]:
        return Quantity(Fraction(sign, 2))
    total = _count(words)
    return Quantity(Fraction(sign * total), Fraction(1)) if total is not None else None


def _count(words: list[str]) -> int | None:
    total, current, seen = 0, 0, False
    for word in words:
        if word == "and" and seen:
            continue
        if word in _NUMBER_WORDS:
            value = _NUMBER_WORDS[word]
            if seen and current % 100 and not (current % 100 >= 20 and current % 10 == 0 and value < 10):
                return None
            current, seen = current + value, True
        elif word in ("hundred",) and seen:
            current *= 100
        elif word in ("thousand", "million", "billion") and seen:
            total, current = total + current * _SCALES[word], 0
        else:
            return None
    return total + current if seen else None
