"""What is wrong with a trace, most telling fault first.

The first flag decides how the trace is asked for again, so a trace that ran in circles until it was cut off counts as
repetitive: more tokens would only buy more circles. Length comes last, because every other fault explains it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mmfinereason.recipe.distill import ScreenSettings
from mmfinereason.schema import Reason
from mmfinereason.trace.language import foreign
from mmfinereason.trace.parse import Trace
from mmfinereason.trace.phrases import blind, leak
from mmfinereason.trace.repetition import repetition


@dataclass(frozen=True, slots=True)
class Flag:
    """One screen that failed, with what a person needs to see why."""

    reason: Reason
    detail: str


def screen(
    trace: Trace,
    settings: ScreenSettings,
    *,
    finish_reason: str | None = None,
    exempt: bool = False,
    tokens: int | None = None,
) -> tuple[Flag, ...]:
    """Every fault of a trace in the order that decides the retry.

    `exempt` traces need no answer tag; `tokens` is the count of thoughts and solution, if the caller has it.
    """
    found = [*_repetitive(trace, settings), *_truncated(finish_reason)]
    if not any(flag.reason is Reason.TRUNCATED for flag in found):
        found += _template(trace, exempt)
    found += [*_content(trace, settings), *_length(trace, settings, tokens)]
    return tuple(found)


def _repetitive(trace: Trace, settings: ScreenSettings) -> Iterator[Flag]:
    whole = f"{trace.reasoning}\n{trace.answer_text}"
    repeat = repetition(whole, settings.repeat_words, settings.repeat_times)
    if repeat is not None:
        start = " ".join(repeat.text.split()[:12])
        yield Flag(Reason.REPETITION, f"{settings.repeat_words} words occur {repeat.count} times: “{start} …”")


def _truncated(finish_reason: str | None) -> Iterator[Flag]:
    if finish_reason == "length":
        yield Flag(Reason.TRUNCATED, "the reply ended at its token limit")


def _template(trace: Trace, exempt: bool) -> Iterator[Flag]:
    if not trace.reasoning and not trace.answer_text:
        yield Flag(Reason.EMPTY_REPLY, "the reply has neither thoughts nor a solution")
    elif not trace.reasoning:
        yield Flag(Reason.TEMPLATE, "no thoughts")
    elif trace.think_parts > 1:
        yield Flag(Reason.TEMPLATE, f"{trace.think_parts} think parts instead of one")
    elif not trace.answer_text:
        yield Flag(Reason.TEMPLATE, "nothing follows the thoughts")
    elif not exempt and not trace.answers:
        where = "the answer tag stands inside the thoughts" if "<answer>" in trace.reasoning else "no answer tag"
        yield Flag(Reason.TEMPLATE, where)


def _content(trace: Trace, settings: ScreenSettings) -> Iterator[Flag]:
    whole = f"{trace.reasoning}\n{trace.answer_text}"
    if settings.blind and (phrase := blind(whole)):
        yield Flag(Reason.BLIND_REPLY, f"“{phrase}”")
    if settings.leaks and (phrase := leak(whole)):
        yield Flag(Reason.LEAK, f"“{phrase}”")
    if settings.english:
        for name, text in (("thoughts", trace.reasoning), ("solution", trace.answer_text)):
            if finding := foreign(text):
                yield Flag(Reason.WRONG_LANGUAGE, f"{name}: {finding}")
                break


def _length(trace: Trace, settings: ScreenSettings, tokens: int | None) -> Iterator[Flag]:
    words = trace.words
    if words < settings.min_words:
        yield Flag(Reason.TOO_SHORT, f"{words} words, fewer than {settings.min_words}")
    elif tokens is not None and tokens < settings.min_tokens:
        yield Flag(Reason.TOO_SHORT, f"{tokens} tokens, fewer than {settings.min_tokens}")
    if settings.max_words is not None and words > settings.max_words:
        yield Flag(Reason.TOO_LONG, f"{words} words, more than {settings.max_words}")
    elif tokens is not None and settings.max_tokens is not None and tokens > settings.max_tokens:
        yield Flag(Reason.TOO_LONG, f"{tokens} tokens, more than {settings.max_tokens}")
