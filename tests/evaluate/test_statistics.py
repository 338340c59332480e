import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfinereason.evaluate.statistics import difference, ratio, sign_test

ONES = np.ones(100)


def test_an_interval_is_the_same_every_time():
    right = np.array([1.0] * 70 + [0.0] * 30)
    assert ratio(right, ONES, draws=500, seed=4) == ratio(right, ONES, draws=500, seed=4)


def test_the_interval_of_a_share_is_close_to_the_binomial_one():
    right = np.array([1.0] * 70 + [0.0] * 30)
    found = ratio(right, ONES, draws=4000, seed=0)
    margin = 1.96 * (0.7 * 0.3 / 100) ** 0.5
    assert found.value == 0.7
    assert found.low == pytest.approx(0.7 - margin, abs=0.015)
    assert found.high == pytest.approx(0.7 + margin, abs=0.015)


def test_variants_of_one_question_are_no_independent_evidence():
    """Ten copies of each question leave the interval as wide as one copy."""
    right = np.array([1.0] * 30 + [0.0] * 20)
    once = ratio(right, np.ones(50), draws=2000, seed=1)
    tenfold = ratio(10 * right, np.full(50, 10.0), draws=2000, seed=1)
    assert tenfold == once


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_a_value_lies_in_its_interval(right):
    values = np.array(right, dtype=float)
    found = ratio(values, np.ones(len(values)), draws=200, seed=0)
    assert 0 <= found.low <= found.value <= found.high <= 1


def test_no_questions_give_no_number():
    with pytest.raises(ValueError, match="no questions"):
        ratio(np.array([]), np.array([]), draws=100, seed=0)


def test_a_paired_difference_is_surer_than_two_intervals():
    one = np.array([1.0] * 60 + [0.0] * 40)
    other = np.array([1.0] * 66 + [0.0] * 34)
    found = difference(one, other, ONES, draws=2000, seed=0)
    assert found.value == pytest.approx(0.06)
    assert found.low > 0


@pytest.mark.parametrize(
    ("better", "worse", "p"), [(0, 0, 1.0), (1, 0, 1.0), (5, 5, 1.0), (5, 0, 2 / 32), (10, 2, 2 * (1 + 12 + 66) / 4096)]
)
def test_the_sign_test_is_exact(better, worse, p):
    assert sign_test(better, worse) == pytest.approx(p)
    assert sign_test(worse, better) == pytest.approx(p)


def test_the_sign_test_takes_thousands_of_questions():
    assert sign_test(2600, 2400) == pytest.approx(0.0049, abs=3e-4)
