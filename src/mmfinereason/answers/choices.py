"""Compares answers as choices among options: the readings of both sides must all agree, or all differ."""

from __future__ import annotations

from collections.abc import Callable

from mmfinereason.answers.normalize import clean
from mmfinereason.answers.options import Choice, OptionList, option_phrase, positions_of, read_choice
from mmfinereason.answers.verdict import Verdict, different, equal, undecided

Compare = Callable[[str, str], Verdict]
Readings = frozenset[frozenset[int]]


def compare_choices(left: str, right: str, options: OptionList, compare: Compare) -> Verdict | None:
    """A verdict where at least one side names an option or a letter; None otherwise. `compare` judges texts."""
    if not options.texts:
        return _by_letters(left, right, compare)

    def same(option: str, text: str) -> bool:
        return compare(clean(option), text).outcome == "equal"

    ours, theirs = positions_of(left, options, same), positions_of(right, options, same)
    if ours and theirs:
        outcomes = {a == b for a in ours for b in theirs}
        if outcomes == {True}:
            return equal("option", f"option {_letters(next(iter(ours)))}")
        if outcomes == {False} and not _twins(ours, theirs, options):
            return different("option", f"{_letters(next(iter(ours)))} against {_letters(next(iter(theirs)))}")
        return undecided("option", "the options can be read in two ways")
    if ours or theirs:
        text = _one_option(ours or theirs, options)
        return _against_option(text, right if ours else left, compare, reference_named=bool(ours))
    return None


def _twins(ours: Readings, theirs: Readings, options: OptionList) -> bool:
    """Two options of the same text cannot contradict each other; -1 marks a letter at odds with its text."""
    indices = {index for reading in ours | theirs for index in reading}
    if -1 in indices:
        return True
    texts = [option_phrase(options.texts[index]) for index in indices]
    return len(set(texts)) < len(texts)


def _one_option(readings: Readings, options: OptionList) -> str | None:
    """The text of the one option that `readings` mean."""
    named = next(iter(readings))
    if len(readings) > 1 or len(named) != 1 or min(named) < 0:
        return None
    return clean(options.texts[min(named)])


def _against_option(text: str | None, other: str, compare: Compare, *, reference_named: bool) -> Verdict:
    """One side names the option `text`, the other side none: compare the texts."""
    if text is None:
        return undecided("option", "one side is not among the options")
    choice = read_choice(other)
    if choice is not None and not choice.text:
        return undecided("option", "a letter beyond the options")
    verdict = compare(text, other) if reference_named else compare(other, text)
    if verdict.outcome == "undecided" and verdict.method == "none":
        return undecided("option", "one side is not among the options")
    return Verdict(verdict.outcome, "option", verdict.detail)


def _letters(reading: frozenset[int]) -> str:
    return "".join(chr(ord("A") + index) if 0 <= index < 26 else "?" for index in sorted(reading))


def _by_letters(left: str, right: str, compare: Compare) -> Verdict | None:
    """Letters without known options: the same letter agrees, another differs; a text beside a letter is compared."""
    ours, theirs = read_choice(left), read_choice(right)
    if ours is not None and theirs is not None:
        return _two_letters(ours, theirs, compare)
    lettered, plain = (ours, right) if ours is not None else (theirs, left)
    if lettered is None:
        return None
    if lettered.text:
        verdict = compare(clean(lettered.text), plain)
        return equal("option", "the text beside the letter") if verdict.outcome == "equal" else None
    if lettered.lower:
        return None  # more likely a variable
    return undecided("option", "a letter against a text, options unknown")


def _two_letters(ours: Choice, theirs: Choice, compare: Compare) -> Verdict:
    if ours.text and theirs.text:
        texts = compare(clean(ours.text), clean(theirs.text)).outcome
        if texts == "equal" and ours.letters == theirs.letters:
            return equal("option", "the same letter and text")
        return undecided("option", "letters and texts, options unknown")
    if ours.letters != theirs.letters:
        return different("option", f"{_letters(ours.letters)} against {_letters(theirs.letters)}")
    if ours.lower != theirs.lower:
        return undecided("option", "the same letter in another case, options unknown")
    return equal("option", f"option {_letters(ours.letters)}")
