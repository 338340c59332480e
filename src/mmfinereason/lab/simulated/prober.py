"""The simulated prober (and student): right with a chance that falls smoothly as a row's difficulty passes its skill.

Each rollout is drawn on its own, so pass rates are binomial around that chance and spread over 0 to 1 as a real small
model's do. Who does not see the image, or fails, guesses: a letter evenly, else one of the wrong answers, because a
blind guess at a number hardly ever hits.
"""

from __future__ import annotations

import math
from dataclasses import replace

from mmfinereason.lab.faults import chance
from mmfinereason.lab.knowledge import Known
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.simulated import prose, teacher
from mmfinereason.lab.wire import Reply
from mmfinereason.recipe.lab import LabOptions

STEEPNESS = 8.0
"""Slope of the chance of being right: half a point of skill less turns 50 % into 2 %."""
_LEAST_WORDS = 90


def answer(rows: list[Known], options: LabOptions, *, blind: bool, dice: Dice) -> Reply:
    """One rollout on a row; of several rows that a blind request fits, one is taken."""
    row = rows[0] if len(rows) == 1 else dice.pick(rows)
    right = not blind and dice.chance(chance_right(row, options))
    sound = rollout(row, row.answer if right else guess(row, dice), dice)
    failure = dice.real(0, 1)
    if failure < options.prober_truncated:
        thoughts = sound.reasoning or ""
        kept = thoughts[: int(len(thoughts) * dice.real(0.3, 0.9))]
        return replace(sound, reasoning=kept, content=None, finish_reason="length")
    if failure < options.prober_truncated + options.prober_unparsable:
        return replace(sound, content="I looked at it from all sides, but I cannot settle on one result.")
    return sound


def rollout(row: Known, said: str | None, dice: Dice) -> Reply:
    """A short chain of thought that ends in `said`."""
    argument = teacher.arguing_for(row, said, dice)
    last = argument.steps[-1] if argument.steps else dice.pick(prose.CHECKING)
    thoughts = teacher.thoughts(argument, dice, _LEAST_WORDS)
    return Reply(f"{last}\n\n{teacher.closing(said)}".rstrip(), thoughts, row=row.id)


def chance_right(row: Known, options: LabOptions) -> float:
    """1 / (1 + exp(-STEEPNESS * (skill - difficulty))); a `mixed` skill is fixed for the row."""
    skill = chance(f"skill/{options.seed}/{row.id}") if options.skill == "mixed" else options.skill
    return 1 / (1 + math.exp(-STEEPNESS * (skill - row.difficulty)))


def guess(row: Known, dice: Dice) -> str | None:
    """Any letter of the options, or one of the wrong answers where there are none to choose from."""
    letters = teacher.letters(row)
    return dice.pick(letters) if letters else teacher.wrong_answer(row, dice)
