import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfinereason.models.limits import Concurrency, Pace, pause
from mmfinereason.models.response import LONGEST_ASKED, retry_after
from mmfinereason.recipe.models import RetrySettings


def served(concurrency: Concurrency, takes: int) -> None:
    """One round trip against a server that takes so many at once and refuses the rest."""
    sent = concurrency.limit
    for number in range(sent):
        concurrency.note(number >= takes)


@pytest.mark.parametrize("takes", [3, 40, 200])
def test_the_limit_settles_near_what_the_server_takes(takes):
    concurrency = Concurrency(256)
    for _ in range(60):
        served(concurrency, takes)
    assert takes <= concurrency.limit <= takes + 0.11 * 256


def test_stray_refusals_cost_nothing():
    concurrency = Concurrency(256)
    for number in range(10_000):
        concurrency.note(number % 33 == 0)
    assert concurrency.limit == 256


def test_the_limit_comes_back_when_the_server_recovers_and_never_passes_its_setting():
    concurrency = Concurrency(64)
    for _ in range(200):
        concurrency.note(True)
    assert concurrency.limit < 10
    for _ in range(2000):
        concurrency.note(False)
    assert concurrency.limit == 64


def test_a_pace_never_lets_a_minute_take_more_than_its_limit():
    pace, now, taken = Pace(600, 0.0), 0.0, 0
    while now < 60.0:
        if (wait := pace.wait(now)) > 0:
            now += wait
        else:
            pace.take(1)
            taken += 1
    assert 595 <= taken <= 612


def test_an_overdrawn_pace_waits_out_its_debt_and_takes_back_what_was_too_much():
    pace = Pace(60, 0.0)
    pace.take(10)
    assert pace.wait(0.0) == pytest.approx(10.0)
    pace.take(-6)
    assert pace.wait(0.0) == pytest.approx(4.0)


def test_pauses_double_up_to_their_bound_and_keep_to_what_the_server_asks():
    settings = RetrySettings(first_wait=1.0, longest_wait=8.0)
    for tries, wait in ((1, 1), (2, 2), (3, 4), (4, 8), (40, 8)):
        assert wait / 2 <= pause(settings, tries, 0.0) <= wait
    assert 30 <= pause(settings, 1, 30.0) <= 33


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, 0), ("", 0), ("2", 2), ("0.5", 0.5), ("-1", 0), ("soon", 0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0)],
)
def test_retry_after_is_read_in_both_its_forms(header, seconds):
    assert retry_after(header) == seconds


@pytest.mark.parametrize(
    "header",
    ["inf", "1e999", "9" * 400, "7200", "Sat, 01 Jan 9999 00:00:00 GMT", "Sat, 01 Jan 9999 00:00:00 -2359"],
)
def test_no_retry_after_is_believed_beyond_an_hour(header):
    assert retry_after(header) == LONGEST_ASKED == 3600


@pytest.mark.parametrize(
    "header", ["nan", "-inf", "Sat, 01 Jan 99999999999999999999 00:00:00 GMT", "Sat, 01 Jan 2030 00:00:00 +99999999"]
)
def test_what_is_no_time_at_all_asks_for_nothing(header):
    assert retry_after(header) == 0.0


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d+ Jan \d+ \d+:\d+:\d+ ([+-]\d+|GMT)", fullmatch=True))
def test_no_header_raises_or_asks_for_more(header):
    assert 0 <= retry_after(header) <= LONGEST_ASKED
