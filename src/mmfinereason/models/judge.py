"""A judge model for pairs of answers that the rules left undecided.

It sees the question, the reference and the extracted answer, never the thoughts. Its reply is read strictly: whole
words, longest first (`NOT EQUIVALENT` contains `EQUIVALENT`, `INCORRECT` contains `CORRECT`), and nothing else beside
them. A reply that cannot be read is asked for once more, then stays undecided. Several judges vote; a majority of all
of them is needed.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mmfinereason.answers.verdict import Outcome, Verdict
from mmfinereason.models.exchange import Reply, Request
from mmfinereason.models.prompts import Prompt, load, options_text
from mmfinereason.trace.parse import parse

if TYPE_CHECKING:
    from mmfinereason.models.client import Client
    from mmfinereason.store.journal import Journal

Dialect = Literal["ours", "compass"]

PROMPTS: dict[Dialect, str] = {"ours": "verify", "compass": "compass_verify"}

TRIES = 2
"""Replies asked of one judge until one can be read."""

LONGEST_ANSWER = 4000
"""Characters of an answer that a judge is shown; a final answer that long is none."""


@dataclass(frozen=True, slots=True)
class Judgment(Verdict):
    """A verdict of one or several judges, with what it rests on and what it took."""

    analysis: str = ""
    """The judges' own words."""
    calls: int = 0
    """Replies asked for, read back ones included."""
    cost: float = 0.0
    """US dollars."""


@dataclass(frozen=True, slots=True)
class Case:
    """What a judge gets to see."""

    question: str
    reference: str
    answer: str
    options: tuple[str, ...] = ()


async def judge(
    client: Client,
    journal: Journal,
    *,
    question: str,
    reference: str,
    answer: str,
    options: Sequence[str] = (),
    dialect: Dialect = "ours",
    prompt: Prompt | None = None,
    judges: Sequence[str] = ("judge",),
) -> Judgment:
    """The judges' verdict (method `judge`) on whether the answer says what the reference says.

    `judges` are role names of the client. Raises what `Client.ask` raises.
    """
    case = Case(question, reference, answer[:LONGEST_ANSWER], tuple(options))
    template = prompt or load(PROMPTS[dialect])
    votes = await asyncio.gather(*(_one(client, journal, role, case, template, dialect) for role in judges))
    return votes[0] if len(votes) == 1 else _majority(votes)


async def _one(client: Client, journal: Journal, role: str, case: Case, prompt: Prompt, dialect: Dialect) -> Judgment:
    rendered = prompt.render(
        question=case.question,
        reference=case.reference,
        answer=case.answer,
        options=options_text(case.options, case.question),
    )
    cost, detail, analysis = 0.0, "", ""
    for attempt in range(TRIES):
        reply = await client.ask(Request(role, rendered.text, prompt=rendered.prompt, attempt=attempt), journal)
        cost += reply.cost
        if not isinstance(reply, Reply):
            return Judgment("undecided", "judge", f"{role}: {reply.reason}: {reply.detail}", "", attempt + 1, cost)
        reading = read(reply.answer_text, dialect)
        analysis = reading.analysis
        if reading.outcome is not None:
            return Judgment(reading.outcome, "judge", reading.word, analysis, attempt + 1, cost)
        detail = f"{role}: unreadable reply" if reply.answer_text else f"{role}: no reply after its thoughts"
    return Judgment("undecided", "judge", detail, analysis, TRIES, cost)


def _majority(votes: Sequence[Judgment]) -> Judgment:
    counts = Counter(vote.outcome for vote in votes)
    outcome, count = counts.most_common(1)[0]
    decided = outcome if 2 * count > len(votes) else "undecided"
    tally = ", ".join(f"{counts[name]} {name}" for name in ("equal", "different", "undecided") if counts[name])
    analysis = "\n".join(vote.analysis for vote in votes if vote.analysis)
    calls, cost = sum(vote.calls for vote in votes), sum(vote.cost for vote in votes)
    return Judgment(decided, "judge", tally, analysis, calls, cost)


# --- reading a reply --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reading:
    """What a judge's reply says; `outcome` None means that it cannot be read."""

    outcome: Outcome | None
    word: str
    analysis: str


_WORDS: dict[Dialect, dict[str, Outcome]] = {
    "ours": {"NOT EQUIVALENT": "different", "EQUIVALENT": "equal", "DIFFERENT": "different"},
    "compass": {
        "A CORRECT": "equal",
        "B INCORRECT": "different",
        "C INVALID": "undecided",
        "INCORRECT": "different",
        "CORRECT": "equal",
        "INVALID": "undecided",
        "A": "equal",
        "B": "different",
        "C": "undecided",
    },
}
"""All that a judgment may say; anything beside these words makes it unreadable."""

_LINE = re.compile(r"^[\s#*_>]*(?:final )?judge?ment\s*[*_]*\s*[:：]\s*[*_]*(.*)$", re.IGNORECASE)
_ANALYSIS = re.compile(r"^[\s#*_>]*analysis\s*[*_]*\s*[:：]\s*[*_]*\s*", re.IGNORECASE)


def read(text: str, dialect: Dialect = "ours") -> Reading:
    """A judge's reply read strictly: one line of judgment, or, in the compass dialect, its last line."""
    lines = [line.strip() for line in parse(text).answer_text.splitlines() if line.strip()]
    marked = [index for index, line in enumerate(lines) if _LINE.match(line)]
    analysis = "\n".join(line for index, line in enumerate(lines) if index not in marked)
    analysis = _ANALYSIS.sub("", analysis)
    if marked:
        said = {_word(_statement(lines, index), dialect) for index in marked}
    elif lines and dialect == "compass":
        said = {_word(lines[-1], dialect)}
    else:
        said = {_word(" ".join(lines), dialect)}
    word = said.pop() if len(said) == 1 else None
    return Reading(_WORDS[dialect][word] if word else None, word or "", analysis)


def _statement(lines: list[str], index: int) -> str:
    """What a judgment line says, be it on the line after the heading."""
    match = _LINE.match(lines[index])
    rest = match[1] if match else ""
    if not re.search(r"\w", rest) and index + 1 < len(lines):
        return lines[index + 1]
    return rest


def _word(statement: str, dialect: Dialect) -> str | None:
    """The judgment that the statement consists of, or None when it says anything else."""
    plain = re.sub(r"\\(?:boxed|text|mathrm)\b", " ", statement)
    if re.search(r"[^\W_]", re.sub(r"[A-Za-z]", "", plain)):
        return None
    squeezed = " ".join(re.findall(r"[A-Za-z]+", plain)).upper()
    return squeezed if squeezed in _WORDS[dialect] else None
