"""Words of closed vocabularies. Two different words of one vocabulary are a contradiction; names at large are not."""

from __future__ import annotations

import re

from mmfinereason.answers.normalize import phrase
from mmfinereason.answers.verdict import Verdict, different, equal, undecided

_VOCABULARIES: dict[str, str] = {
    "colour": "red orange yellow green blue purple violet pink brown black white gray=grey cyan magenta gold silver "
    "beige turquoise teal maroon navy lime indigo",
    "shape": "circle square triangle rectangle pentagon hexagon heptagon octagon nonagon decagon rhombus "
    "trapezoid=trapezium parallelogram ellipse=oval star diamond kite cube sphere cone cylinder pyramid",
    "direction": "up=upward/upwards down=downward/downwards left=leftward/leftwards right=rightward/rightwards",
    "compass": "north south east west northeast=north_east northwest=north_west southeast=south_east "
    "southwest=south_west",
    "turn": "clockwise counterclockwise=anticlockwise/counter_clockwise/anti_clockwise",
    "change": "increase=increases/increasing/increased/rise/rises decrease=decreases/decreasing/decreased/fall/falls "
    "unchanged=constant/same/no_change/remains_the_same/stays_the_same",
    "order": "first=1st second=2nd third=3rd fourth=4th fifth=5th sixth=6th seventh=7th eighth=8th ninth=9th "
    "tenth=10th",
    "day": "monday tuesday wednesday thursday friday saturday sunday",
    "month": "january=jan february=feb march=mar april=apr may june=jun july=jul august=aug september=sep/sept "
    "october=oct november=nov december=dec",
    "sign": "positive negative zero",
    "triangle kind": "acute obtuse right=right_angled equilateral isosceles scalene",
    "size": "small medium large",
}
_YES_NO = {"yes": "yes", "no": "no"}
_TRUE_FALSE = {"true": "yes", "correct": "yes", "right": "yes", "false": "no", "incorrect": "no", "wrong": "no"}
_OPENS = re.compile(r"^(yes|no)\b\s*[,.;:!]\s*\S", re.IGNORECASE)
_COMPATIBLE = (
    frozenset({"square", "rectangle", "rhombus", "parallelogram", "kite", "diamond", "trapezoid"}),
    frozenset({"circle", "ellipse"}),
    frozenset({"purple", "violet", "magenta", "indigo", "pink"}),
    frozenset({"orange", "gold", "yellow", "brown", "beige"}),
    frozenset({"gray", "silver"}),
    frozenset({"blue", "cyan", "turquoise", "teal", "navy", "indigo"}),
    frozenset({"green", "lime", "teal"}),
    frozenset({"red", "maroon"}),
    frozenset({"equilateral", "isosceles", "acute", "right", "obtuse", "scalene"}),
)
"""Words that one thing may carry both of, or that people use for one another: never a contradiction."""


def _build() -> dict[str, dict[str, str]]:
    """For each vocabulary: every spelling to its headword."""
    built: dict[str, dict[str, str]] = {}
    for name, entries in _VOCABULARIES.items():
        words = built[name] = {}
        for entry in entries.split():
            head, _, others = entry.partition("=")
            for spelling in (head, *others.split("/")):
                words[spelling.replace("_", " ")] = head
    built["yes or no"], built["true or false"] = _YES_NO, _TRUE_FALSE
    return built


_WORDS = _build()
_SIGNS = frozenset({"<", ">", "=", "<=", ">=", "!="})
_TRAILING = re.compile(r"\s+(?:colou?r|shape|direction|triangle|coloured|colored)$")
_LEADING = re.compile(r"^(?:it is|it's|this is|the answer is|(?:the )?colou?r(?: is)?|(?:the )?shape(?: is)?)\s+")


_HEDGED = re.compile(r"\b(?:but|however|although|unless|except|depends|maybe|perhaps|sure)\b", re.IGNORECASE)


def headword(text: str) -> str:
    """A phrase in lower case without the words that only repeat the question (`the colour red` is `red`)."""
    words = phrase(text)
    shorter = _TRAILING.sub("", _LEADING.sub("", words))
    return phrase(shorter) or words


def compare_words(reference: str, answer: str) -> Verdict | None:
    """A verdict on two cleaned word answers, or None when they are not comparable as words."""
    if reference in _SIGNS and answer in _SIGNS:
        return different("words", "another sign")
    if phrase(reference) == phrase(answer) and _wordy(reference):
        return equal("words", "the same phrase")
    left, right = headword(reference), headword(answer)
    for name, words in _WORDS.items():
        if left in words and right in words:
            return _within(name, words[left], words[right])
    truth = _truth(reference, answer, left, right)
    if truth is not None:
        return truth
    if left == right and _wordy(left):
        return equal("words", "the same words")
    return None


def _within(name: str, left: str, right: str) -> Verdict:
    if left == right:
        return equal("words", f"the same {name}")
    if any(left in group and right in group for group in _COMPATIBLE):
        return undecided("words", f"{left} and {right} may both be said of one thing")
    return different("words", f"another {name}: {left} against {right}")


def _truth(reference: str, answer: str, left: str, right: str) -> Verdict | None:
    """`No` against `No, because ...`: the first word decides when the other side is nothing but yes or no."""
    for bare, full in ((left, answer), (right, reference)):
        opening = _OPENS.match(full)
        if bare in _YES_NO and opening:
            if _HEDGED.search(full):
                return undecided("words", "yes or no with a reservation")
            if _YES_NO[bare] == opening[1].lower():
                return equal("words", "the same yes or no, one side explained")
            return different("words", "yes against no")
    both = _YES_NO | _TRUE_FALSE
    if left in both and right in both:
        if both[left] == both[right]:
            return undecided("words", "yes or no against true or false")
        return (
            different("words", "opposite truth values") if left not in ("right",) and right not in ("right",) else None
        )
    return None


def _wordy(text: str) -> bool:
    """At least one word of three letters and nothing that mathematics would read otherwise."""
    return bool(re.search(r"[A-Za-z]{3}|[^\W\d_a-zA-Z]{2}", text)) and not re.search(r"[\\^=<>]", text)
