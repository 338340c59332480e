"""The score interval holds its rate, is symmetric and narrows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfinereason.select.wilson import wilson

counted = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(counted)
def test_it_holds_the_rate_and_stays_within_bounds(pair):
    low, high = wilson(*pair)
    assert 0 <= low <= pair[0] / pair[1] <= high <= 1 and low < high


@given(counted)
def test_right_and_wrong_are_mirror_images(pair):
    correct, n = pair
    low, high = wilson(correct, n)
    mirrored = wilson(n - correct, n)
    assert (1 - high, 1 - low) == pytest.approx(mirrored)


@given(counted)
def test_more_rollouts_of_the_same_rate_narrow_it(pair):
    correct, n = pair
    low, high = wilson(correct, n)
    wide, narrow = high - low, wilson(4 * correct, 4 * n)
    assert narrow[1] - narrow[0] < wide


def test_four_rollouts_say_little():
    assert wilson(0, 4) == pytest.approx((0.0, 0.4899), abs=1e-4)  # z²/(n+z²)
    assert wilson(2, 4) == pytest.approx((0.1500, 0.8500), abs=1e-4)
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=1e-4)  # Newcombe (1998), table I


@pytest.mark.parametrize("pair", [(0, 0), (3, 2), (-1, 4)])
def test_no_rate_is_refused(pair):
    with pytest.raises(ValueError, match="no rate"):
        wilson(*pair)
