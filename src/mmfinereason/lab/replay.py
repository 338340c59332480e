"""Recorded replies given back: the published trace, caption, clean question, judgment and pass rate of a row.

A published trace keeps thoughts and solution in one text; they are parted here and come back in the server's shape. A
recorded judgment holds only for the recorded trace's answer; any other pair of answers is compared by the rules. The
prober is right in as many of four rollouts, counted as they come, as the published pass rate says; blind it guesses.
"""

from __future__ import annotations

import re

from mmfinereason.lab.chat import ChatRequest, Refusal
from mmfinereason.lab.knowledge import Known
from mmfinereason.lab.matching import Matcher, plain
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.simulated import cleaner, judge, prober, teacher
from mmfinereason.lab.wire import Reply
from mmfinereason.recipe.lab import LabOptions

ROLLOUTS = 4
"""Rollouts behind a published pass rate (paper, section 3.3)."""
_ANSWER = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)


class Replay:
    """Plays all roles from published rows."""

    def __init__(self, rows: list[Known], options: LabOptions) -> None:
        self._matcher = Matcher(rows)
        self._options = options
        self._rollouts: dict[tuple[str, str], dict[tuple[str, int], int]] = {}

    def answer(self, request: ChatRequest, index: int) -> Reply:
        """Choice number `index` of a request.

        Raises:
            Refusal: 422 that says what was not found: the row, or the recorded reply.
        """
        match request.role:
            case "teacher":
                return self._trace(request)
            case "captioner":
                return self._caption(request)
            case "cleaner":
                return self._cleaned(request)
            case "judge":
                return self._judgment(request)
            case "prober" | "student":
                return self._rollout(request, index)

    def _trace(self, request: ChatRequest) -> Reply:
        row = self._matcher.find(request)
        return split(_recorded(row.published.trace, "trace", row), row.id)

    def _caption(self, request: ChatRequest) -> Reply:
        rows = self._matcher.pictured(request)
        if not rows:
            raise Refusal(422, "unknown_image", "no known row has this image or one like it")
        asking = [row for row in rows if row in self._matcher.asking(request.blocks.get("question", ""))]
        row = (asking or rows)[0]
        return Reply(_recorded(row.published.caption, "caption", row), row=row.id)

    def _cleaned(self, request: ChatRequest) -> Reply:
        rows = self._matcher.nearly_asking(cleaner.question(request))
        if not rows:
            raise Refusal(422, "unknown_question", "no known row asks this question")
        return cleaner.answer(rows, request)

    def _judgment(self, request: ChatRequest) -> Reply:
        given = judge.pair(request)
        for row in self._matcher.nearly_asking(request.blocks.get("question", "")):
            traced = _ANSWER.findall(row.published.trace or "")
            if (
                traced
                and plain(traced[-1]) == plain(given.answer)
                and plain(row.answer or "") == plain(given.reference)
            ):
                return Reply(_recorded(row.published.analysis, "judgment", row), row=row.id)
        return Reply(judge.judgment(request, given, judge.agrees(given)))

    def _rollout(self, request: ChatRequest, index: int) -> Reply:
        dice = Dice(f"{self._options.seed}/{request.key}/{index}")
        row = self._matcher.candidates(request)[0] if not request.images else self._matcher.find(request)
        if row.image_sha256 and not request.images:
            return prober.rollout(row, prober.guess(row, dice), dice)
        right = self._turn(request, index, row) < round(_rate(row) * ROLLOUTS)
        return prober.rollout(row, row.answer if right else teacher.wrong_answer(row, dice), dice)

    def _turn(self, request: ChatRequest, index: int, row: Known) -> int:
        """0 to 3: which of four rollouts on this row this is, in the order in which they first came."""
        seen = self._rollouts.setdefault((request.model, row.id), {})
        return seen.setdefault((request.key, index), len(seen)) % ROLLOUTS


def _rate(row: Known) -> float:
    if row.published.pass_rate is None:
        raise _missing("pass rate", row)
    return row.published.pass_rate


def split(trace: str, row: str | None = None) -> Reply:
    """A published `<think>...</think>` text as thoughts and content."""
    thoughts, closing, content = trace.partition("</think>")
    if not closing:
        return Reply(content=trace, row=row)
    return Reply(content=content.lstrip("\n"), reasoning=thoughts.removeprefix("<think>"), row=row)


def _recorded(text: str | None, what: str, row: Known) -> str:
    if not text:
        raise _missing(what, row)
    return text


def _missing(what: str, row: Known) -> Refusal:
    return Refusal(422, "not_recorded", f"row {row.id!r} is known, but no {what} was recorded for it")
