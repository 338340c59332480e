"""Times of day and calendar dates. A form with two readings (`01/02/2023`; `3:45`, a ratio) is not read alone."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from functools import lru_cache

from mmfinereason.answers.verdict import Verdict, different, equal, undecided

_MONTH_NAMES = (
    "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sep sept|october oct"
    "|november nov|december dec"
)
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES.split("|"), start=1) for name in names.split()}
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_CLOCK = re.compile(
    r"(?:at\s+)?(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2})(?::(?P<second>\d{2}))?)?\s*"
    r"(?P<half>[ap]\.?\s?m\.?|o'?clock|noon|midnight|hrs?|hours)?",
    re.IGNORECASE,
)
_DATES = (
    re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"),
    re.compile(
        rf"(?P<name>{_MONTH})\.?\s+(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,?\s+(?P<year>\d{{4}}))?", re.IGNORECASE
    ),
    re.compile(
        rf"(?:the\s+)?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<name>{_MONTH})\.?(?:,?\s+(?P<year>\d{{4}}))?",
        re.IGNORECASE,
    ),
    re.compile(rf"(?P<name>{_MONTH})\.?,?\s+(?P<year>\d{{4}})", re.IGNORECASE),
)
_WEEKDAY = re.compile(r"^(?:mon|tues|wednes|thurs|fri|satur|sun)day,?\s+(?=\w)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Clock:
    """Seconds since midnight; `half` is `am`, `pm` or empty; `sure` when nothing but a time is written so."""

    seconds: int
    half: str
    sure: bool


@lru_cache(maxsize=2_048)
def read_clock(text: str) -> Clock | None:
    """The time of day in cleaned `text`; `3:45` alone is one that is not sure."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None or not (match["minute"] or match["half"]):
        return None
    if "." in text[: match.end("minute")] and not match["half"]:
        return None
    hour, minute, second = int(match["hour"]), int(match["minute"] or 0), int(match["second"] or 0)
    half = re.sub(r"[^a-z]", "", (match["half"] or "").lower())
    if (half.startswith("h") and not match["minute"]) or hour > 23 or minute > 59 or second > 59:
        return None
    if half in ("am", "pm"):
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    seconds = hour * 3600 + minute * 60 + second
    sure = bool(half) or bool(match["second"])
    return Clock(seconds, half if half in ("am", "pm") else "24" if hour > 12 else "", sure)


@lru_cache(maxsize=2_048)
def read_date(text: str) -> tuple[int | None, int, int | None] | None:
    """Year, month and day of cleaned `text`, each but the month possibly unknown; None when it is no date."""
    text = _WEEKDAY.sub("", text.strip())
    for pattern in _DATES:
        match = pattern.fullmatch(text)
        if match is None:
            continue
        parts = match.groupdict()
        month = _MONTHS[parts["name"].lower()] if parts.get("name") else int(parts["month"])
        year = int(parts["year"]) if parts.get("year") else None
        day = int(parts["day"]) if parts.get("day") else None
        try:
            datetime.date(year or 2000, month, day or 1)
        except ValueError:
            return None
        return year, month, day
    return None


def compare_moments(reference: str, answer: str, question: str) -> Verdict | None:
    """A verdict when both sides are dates, or both are times; None otherwise."""
    dates = read_date(reference), read_date(answer)
    if dates[0] is not None and dates[1] is not None:
        pairs = list(zip(dates[0], dates[1], strict=True))
        if any(a is not None and b is not None and a != b for a, b in pairs):
            return different("date", "another day")
        return equal("date") if all(a == b for a, b in pairs) else undecided("date", "one side is less complete")
    clocks = read_clock(reference), read_clock(answer)
    if clocks[0] is None or clocks[1] is None:
        return None
    asked = bool(re.search(r"\btime\b|clock|o'clock|\bwhen\b", question, re.IGNORECASE))
    if asked or clocks[0].sure or clocks[1].sure:
        return _compare_clocks(clocks[0], clocks[1])
    return None


def _compare_clocks(reference: Clock, answer: Clock) -> Verdict:
    if reference.seconds == answer.seconds and (reference.half == answer.half or "24" in (reference.half, answer.half)):
        return equal("time")
    if reference.half and answer.half:
        return different("time", "another time") if reference.seconds != answer.seconds else equal("time")
    if (reference.seconds - answer.seconds) % 43_200 == 0:
        if reference.half == answer.half:
            return different("time", "twelve hours apart")
        return undecided("time", "morning or afternoon is left open")
    return different("time", "another time")
