"""A claim is decided by where its interval lies, and by nothing else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfinereason.ablate import Arm, Cell, Outcomes
from mmfinereason.evaluate.statistics import Estimate
from mmfinereason.lab.paper import claims
from mmfinereason.lab.paper.findings import Comparison, Evidence, above, below, decided
from mmfinereason.recipe.ablate import UNTRAINED


def difference(low, high):
    return Estimate((low + high) / 2, low, high, 100)


@pytest.mark.parametrize(
    ("low", "high", "outcome"),
    [(0.01, 0.05, "held"), (-0.05, -0.01, "did not hold"), (-0.01, 0.05, "open"), (0.0, 0.05, "open")],
)
def test_above_looks_at_the_whole_interval(low, high, outcome):
    assert above(0)(difference(low, high)) == outcome


@given(st.floats(-1, 1), st.floats(0, 1), st.floats(-0.5, 0.5))
def test_below_mirrors_above(low, width, bound):
    value, mirrored = difference(low, low + width), difference(-low - width, -low)
    assert below(bound)(value) == above(-bound)(mirrored)


def compared(*bounds):
    return [Comparison("one", "other", None if pair is None else difference(*pair)) for pair in bounds]


@pytest.mark.parametrize(
    ("bounds", "outcome"),
    [
        ([(0.1, 0.2), (0.01, 0.3)], "held"),
        ([(0.1, 0.2), (-0.3, -0.1)], "did not hold"),
        ([(0.1, 0.2), (-0.1, 0.1)], "open"),
        ([(-0.1, 0.1), (-0.3, -0.1)], "did not hold"),
        ([(0.1, 0.2), None], "not measured"),
    ],
)
def test_a_claim_holds_only_when_all_its_comparisons_do(bounds, outcome):
    assert decided(compared(*bounds), above(0)) == outcome


def test_nothing_is_assumed_where_nothing_was_measured():
    found = claims.findings(Evidence({}), None)
    assert {one.outcome for one in found} == {"not measured"}
    assert all(one.claim and one.rule and one.paper for one in found)


def arm(data, training, right, seeds):
    """An arm whose models get these of four questions right."""
    cells = tuple(Cell(data, training, seed, "", "done", rows=8, steps=2) for seed in seeds)
    matrix = np.array([right] * len(seeds), dtype=float)
    asked = np.ones(len(right))
    outcomes = {"test-world": Outcomes(tuple(seeds), ("a", "b", "c", "d"), matrix, asked)}
    share = sum(right) / len(right)
    return Arm(data, training, cells, (), score=Estimate(share, share, share, 4), outcomes=outcomes)


def test_the_model_before_training_is_compared_with_every_seed():
    before, after = arm(UNTRAINED, UNTRAINED, [1, 0, 0, 0], [0]), arm("full", "steps", [1, 1, 1, 0], [0, 1, 2])
    value = Evidence.of([before, after]).compare("full/steps", UNTRAINED).value
    assert value.value == pytest.approx(0.5) and value.n == 4


def test_a_change_that_was_to_do_no_good_and_does_harm_is_said_to():
    base, worse = arm("full", "steps", [1, 1, 1, 1], [0, 1]), arm("captions", "steps", [0, 0, 0, 0], [0, 1])
    found = {one.claim: one for one in claims.findings(Evidence.of([base, worse]), None)}
    caption = found["A caption put before the trace adds almost nothing."]
    assert (caption.outcome, caption.remark) == ("held", "It even costs accuracy here.")
