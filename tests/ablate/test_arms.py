"""Cells put together over seeds: means, intervals and paired differences, on numbers that can be checked by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mmfinereason.ablate import Cell, Score, arms
from mmfinereason.evaluate.score import Units
from mmfinereason.evaluate.statistics import Estimate


class Known(Cell):
    """A cell whose outcomes are given instead of read."""

    def units(self, benchmark):
        return self.outcomes[benchmark]


def cell(data, seed, right, training="sft", asked=None, names=None, **others):
    """A finished cell with `right[i]` of question i on the benchmark `b`; others as keywords."""
    benchmarks = {"b": right, **others}
    scores = {name: Score(Estimate(0, 0, 0, len(one)), len(one), 0.0, {}) for name, one in benchmarks.items()}
    made = Known(data, training, seed, "", "done", rows=10 * seed + 10, steps=5, scores=scores)
    units = {
        name: Units(
            tuple(names or map(str, range(len(one)))), np.array(one, float), np.array(asked or [1] * len(one), float)
        )
        for name, one in benchmarks.items()
    }
    object.__setattr__(made, "outcomes", units)
    return made


def failed(data, seed):
    return Cell(data, "sft", seed, "", "failed", "out of memory")


def test_the_mean_is_over_seeds_and_questions():
    (arm,) = arms([cell("a", 0, [1, 1, 0, 0]), cell("a", 1, [1, 0, 0, 0])])
    assert arm.score.value == pytest.approx(3 / 8)
    assert arm.score.n == 4 and arm.seeds == (0, 1) and arm.rows == 15


def test_variants_of_a_question_count_as_often_as_they_were_asked():
    (arm,) = arms([cell("a", 0, [3, 0], asked=[3, 1])])
    assert arm.score.value == pytest.approx(3 / 4)


def test_benchmarks_weigh_the_same():
    (arm,) = arms([cell("a", 0, [1, 1], other=[0] * 10)])
    assert arm.score.value == pytest.approx(0.5)
    assert arm.by_benchmark["b"].value == 1


def test_what_never_varies_has_no_interval():
    (arm,) = arms([cell("a", seed, [1, 1, 1]) for seed in range(3)])
    assert (arm.score.low, arm.score.value, arm.score.high) == (1, 1, 1)


def test_seeds_widen_the_interval():
    """Two seeds that agree on nothing: questions alone would give the middle, seeds reach both ends."""
    (arm,) = arms([cell("a", 0, [1] * 50), cell("a", 1, [0] * 50)])
    assert (arm.score.low, arm.score.value, arm.score.high) == (0, 0.5, 1)


def test_one_seed_gives_the_interval_of_the_questions():
    (arm,) = arms([cell("a", 0, [1] * 50 + [0] * 50)])
    assert arm.score.low == pytest.approx(0.5 - 1.96 * 0.05, abs=0.02)
    assert arm.score.high == pytest.approx(0.5 + 1.96 * 0.05, abs=0.02)


def test_equal_arms_do_not_differ():
    one = [1, 0, 1, 1, 0]
    base, other = arms([cell("base", 0, one), cell("other", 0, one)], "base")
    assert base.difference is None
    assert (other.difference.low, other.difference.value, other.difference.high) == (0, 0, 0)


def test_a_difference_is_paired_by_seed_and_question():
    """Accuracies scatter widely over seeds; the difference is one question under each of them."""
    base = [cell("base", 0, [1] * 8 + [0] * 2), cell("base", 1, [0] * 10), cell("base", 2, [1] * 10)]
    better = [cell("better", 0, [1] * 9 + [0]), cell("better", 1, [0] * 8 + [1, 0])]
    difference = arms([*base, *better], "base")[1].difference
    assert difference.value == pytest.approx(0.1)
    assert 0 <= difference.low <= 0.1 <= difference.high <= 0.4


def test_only_questions_of_both_are_compared():
    base = cell("base", 0, [1, 0, 1], names=["x", "y", "z"])
    other = cell("other", 0, [1, 1], names=["y", "new"])
    assert arms([base, other], "base")[1].difference.value == 1


def test_failed_cells_are_counted_and_do_not_spoil_the_rest():
    whole, gone = arms([cell("a", 0, [1, 0]), failed("a", 1), failed("b", 0)])
    assert (len(whole.cells), len(whole.failed), whole.score.value) == (1, 1, 0.5)
    assert gone.score is None and gone.failed[0].error == "out of memory"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.booleans(), min_size=7, max_size=7), min_size=1, max_size=4))
def test_an_interval_holds_its_value(rows):
    (arm,) = arms([cell("a", seed, row) for seed, row in enumerate(rows)])
    assert arm.score.low <= arm.score.value + 1e-9 and arm.score.value <= arm.score.high + 1e-9
    assert arm.score.value == pytest.approx(np.mean(rows))
