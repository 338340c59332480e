"""Reasoning and captions short enough for a model that can write a hundred tokens."""

from __future__ import annotations

from mmfinereason.lab.puzzles import SMALL
from mmfinereason.lab.puzzles.puzzle import Puzzle


def short_trace(puzzle: Puzzle) -> str:
    """Four phases, a line each, and the answer: what is seen, plan, work, check.

    Raises:
        ValueError: the puzzle is none of the small world, whose steps are not written that way.
    """
    if puzzle.family not in SMALL:
        raise ValueError(f"{puzzle.family} is no small puzzle; there are {', '.join(SMALL)}")
    plan, *work = puzzle.steps
    check = [work.pop()]
    if puzzle.options:
        check.insert(0, work.pop())
    lines = (
        "<think>",
        f"See: {' '.join(puzzle.facts)}",
        f"Plan: {plan}",
        f"Work: {' '.join(work)}",
        f"Check: {' '.join(check)}",
        "</think>",
        "",
        f"Therefore, the final answer is <answer>{puzzle.answer}</answer>.",
    )
    return "\n".join(lines)


def short_caption(puzzle: Puzzle) -> str:
    """The category and what is to be seen."""
    return f"### Image 1: {puzzle.category}\n\n{' '.join(puzzle.facts)}"
