"""What a reply earns in reinforcement learning: `answers` decides, exactly as in verification and evaluation.

Workers of a cluster import this module with nothing installed beside it (math-verify, where it is there, adds computer
algebra), so it and `answers` import the standard library only. Safe in threads, after forks and in Ray workers. No
reward is later than its limit: the rules take milliseconds, and computer algebra, the only step that can hang, runs in
helper threads that own killable processes; whoever waits for them leaves on time.
"""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from dataclasses import asdict, dataclass, fields
from functools import lru_cache
from typing import Any

from mmfinereason.answers import SymbolicWorker, Tolerance, Verdict, agree, extract_answer

MAX_CHARS = 400_000
"""Of a longer reply only the end is read: no 32,768 tokens are longer."""

_THINK = re.compile(r"</?think>")
_ANSWER = re.compile(r"</?answer>")
_ALGEBRA_THREADS = 2


@dataclass(frozen=True, slots=True)
class Reward:
    """What a reply earned, and why. All numbers, so that trainers can average them."""

    score: float
    """`format_weight` for the form plus the rest for correctness, from 0 to 1."""
    acc: float
    """1 when the answer agrees with the reference, else 0."""
    format: float
    """1 when the thoughts are closed once and one `<answer>` follows, else 0."""
    answered: float
    """1 when the reply states an answer at all: 0 for truncated replies and such without `</think>`."""
    undecided: float
    """1 when neither rules nor computer algebra could tell in time; counts as not agreeing."""


NOTHING = Reward(0.0, 0.0, 0.0, 0.0, 0.0)

_DEFAULT = Tolerance()


def grade(
    reply: str,
    reference: str,
    question: str = "",
    *,
    truncated: bool = False,
    format_weight: float = 0.1,
    thoughts: bool = True,
    seconds: float = 5.0,
    tolerance: Tolerance = _DEFAULT,
) -> Reward:
    """The reward of one reply; never raises on any text, never takes longer than `seconds`.

    `question` gives the options of multiple choice, `tolerance` says when numbers agree. A reply that was cut off, that
    opens thoughts and never closes them, or (with `thoughts`) that has no `</think>` earns nothing, not even for form.
    """
    started = time.monotonic()
    reply = reply[-MAX_CHARS:]
    if truncated or not _closed(reply, thoughts):
        return NOTHING
    found = extract_answer(reply)
    if found is None:
        return NOTHING
    formed = float(well_formed(reply, thoughts))
    verdict = _decide(_Case(reference, found.text, question, tolerance), started + seconds)
    right = float(verdict.outcome == "equal")
    score = (1 - format_weight) * right + format_weight * formed
    return Reward(score, right, formed, 1.0, float(verdict.outcome == "undecided"))


def _closed(reply: str, thoughts: bool) -> bool:
    return "</think>" in reply or (not thoughts and "<think>" not in reply)


def well_formed(reply: str, thoughts: bool = True) -> bool:
    """Whether thoughts are closed exactly once, with text in them, and exactly one filled `<answer>` follows.

    The opening tag may be missing: chat templates of thinking models put it into the prompt.
    """
    before, closing, after = reply.rpartition("</think>")
    tags = _THINK.findall(reply)
    if closing and (tags not in (["</think>"], ["<think>", "</think>"]) or not before.replace("<think>", "").strip()):
        return False
    if thoughts and not closing:
        return False
    start, end = after.find("<answer>"), after.find("</answer>")
    return _ANSWER.findall(after) == ["<answer>", "</answer>"] and bool(after[start + len("<answer>") : end].strip())


# --- deciding on time -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Case:
    """What is to be decided."""

    reference: str
    answer: str
    question: str
    tolerance: Tolerance

    def verdict(self, symbolic: SymbolicWorker | None) -> Verdict:
        return agree(self.reference, self.answer, question=self.question, tolerance=self.tolerance, symbolic=symbolic)


def _decide(case: _Case, deadline: float) -> Verdict:
    """The rules here and now; computer algebra only for what they leave undecided, and only until the deadline."""
    verdict = case.verdict(symbolic=None)
    left = deadline - time.monotonic()
    if verdict.outcome != "undecided" or left <= 0:
        return verdict
    future = _pool(os.getpid()).submit(_with_algebra, case, deadline)
    try:
        return future.result(timeout=left)
    except TimeoutError:
        future.cancel()
        return Verdict("undecided", "symbolic", "no time left")


@lru_cache(maxsize=1)
def _pool(process: int) -> ThreadPoolExecutor:
    """The helper threads of this process: a forked child gets its own, since threads do not survive a fork."""
    return ThreadPoolExecutor(_ALGEBRA_THREADS, thread_name_prefix="mmfr-algebra")


_local = threading.local()


def _with_algebra(case: _Case, deadline: float) -> Verdict:
    left = deadline - time.monotonic()
    if left <= 0:
        return Verdict("undecided", "symbolic", "no time left")
    worker: SymbolicWorker = _local.__dict__.setdefault("worker", SymbolicWorker())
    worker.seconds = left
    return case.verdict(worker)


# --- the shapes trainers ask for --------------------------------------------------------------------------------------


def compute_score(
    data_source: str,
    solution_str: str,
    ground_truth: str,
    extra_info: dict[str, Any] | None = None,
    **options: Any,
) -> dict[str, float]:
    """veRL's reward function: `{score, acc, format, answered, undecided}`.

    `extra_info` is the row's, with its `question`, and with `truncated` where a caller knows it. `options`, given as
    `reward.custom_reward_function.reward_kwargs`, are those of `grade`, the bounds of its tolerance by their names.
    """
    known = extra_info or {}
    given = {name: options[name] for name in _OPTIONS if name in options}
    tolerance = Tolerance(**{name: options[name] for name in _BOUNDS if name in options})
    question, truncated = str(known.get("question") or ""), bool(known.get("truncated"))
    return asdict(grade(solution_str, ground_truth, question, truncated=truncated, tolerance=tolerance, **given))


_OPTIONS = ("format_weight", "thoughts", "seconds")
_BOUNDS = tuple(one.name for one in fields(Tolerance))


def rewards(
    completions: Sequence[Any],
    ground_truth: Sequence[str],
    question: Sequence[str],
    truncated: Sequence[bool] | None = None,
    **options: Any,
) -> list[Reward]:
    """Grades of a batch of completions, texts or conversations as TRL gives them."""
    cut = truncated or [False] * len(completions)
    rows = zip(completions, ground_truth, question, cut, strict=True)
    return [grade(_text(one), answer, asked, truncated=over, **options) for one, answer, asked, over in rows]


def reward(
    prompts: Sequence[Any], completions: Sequence[Any], completion_ids: Sequence[Any] | None = None, **columns: Any
) -> list[float]:
    """TRL's reward function. Columns: `ground_truth`, `question`, and `truncated` where the trainer gives it."""
    questions = columns.get("question") or [""] * len(completions)
    graded = rewards(completions, columns["ground_truth"], questions, columns.get("truncated"))
    return [one.score for one in graded]


def _text(completion: Any) -> str:
    """The reply's text, whether given as text or as `[{role, content}]`."""
    return completion if isinstance(completion, str) else str(completion[0]["content"])
