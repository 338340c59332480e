"""The simulated prober: honest pass rates."""

import re
from collections import Counter

import pytest

from mmfinereason.lab.knowledge import Known
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.simulated import prober
from mmfinereason.recipe.lab import LabOptions

from .asking import about, blocks, body


def right(row, options, seed, blind=False):
    reply = prober.answer([row], options, blind=blind, dice=Dice(f"{row.id}/{seed}"))
    return re.findall(r"<answer>(.*?)</answer>", reply.content) == [row.answer]


def free(difficulty, name="row"):
    return Known(name, ("?",), answer="5", wrong_answers=("4", "6"), difficulty=difficulty)


def test_the_chance_falls_smoothly_with_difficulty():
    chances = [prober.chance_right(free(d / 10), LabOptions(skill=0.5)) for d in range(11)]
    assert chances == sorted(chances, reverse=True) and chances[5] == pytest.approx(0.5)
    assert chances[0] > 0.97 and chances[10] < 0.03


def test_rollouts_hit_as_often_as_the_chance_says():
    row = free(0.6)
    chance = prober.chance_right(row, LabOptions(skill=0.5))
    assert sum(right(row, LabOptions(skill=0.5), seed) for seed in range(1000)) / 1000 == pytest.approx(
        chance, abs=0.05
    )


def test_a_mixed_skill_spreads_pass_rates_over_all_values():
    rows = [free(0.5, str(i)) for i in range(200)]
    rates = Counter(sum(right(row, LabOptions(), seed) for seed in range(4)) for row in rows)
    assert set(rates) == {0, 1, 2, 3, 4} and min(rates.values()) >= 10


def test_a_mixed_skill_is_the_rows_own():
    row = free(0.5)
    assert prober.chance_right(row, LabOptions(seed=1)) == prober.chance_right(row, LabOptions(seed=1))
    assert prober.chance_right(row, LabOptions(seed=1)) != prober.chance_right(row, LabOptions(seed=2))


def test_who_sees_nothing_guesses():
    choice = Known("c", ("?",), answer="B", options=("1", "2", "3", "4"), wrong_answers=("A", "C", "D"), difficulty=0)
    options = LabOptions(skill=1.0)
    assert sum(right(choice, options, seed, blind=True) for seed in range(400)) / 400 == pytest.approx(0.25, abs=0.07)
    assert sum(right(free(0), options, seed, blind=True) for seed in range(50)) == 0
    assert sum(right(choice, options, seed) for seed in range(50)) == 50


def test_failures_are_truncated_or_unparsable():
    options = LabOptions(skill=1.0, prober_truncated=0.3, prober_unparsable=0.3)
    replies = [prober.answer([free(0)], options, blind=False, dice=Dice(str(seed))) for seed in range(300)]
    truncated = [reply for reply in replies if reply.finish_reason == "length"]
    unparsable = [reply for reply in replies if reply.content and "<answer>" not in reply.content]
    assert 60 <= len(truncated) <= 120 and 60 <= len(unparsable) <= 120
    assert all(reply.content is None for reply in truncated)


def test_prober_and_student_answer_with_and_without_the_image(ask, puzzles):
    answers = ask(
        [
            about(puzzles[0], "simulated-prober"),
            about(puzzles[0], "simulated-student"),
            body("simulated-prober", blocks(question=puzzles[0].question)),
        ]
    )
    assert all("<answer>" in answer.message["content"] for answer in answers)
