from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfinereason.trace import Repeat, repetition


def slow(text: str, n: int, times: int) -> Repeat | None:
    words = text.split()
    runs = [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]
    for run, count in Counter(runs).items():
        if count >= times:
            return Repeat(runs.index(run), count, " ".join(run))
    return None


BLANKS = st.text(" \n\t\u00a0\u2003\u3000\x1c", min_size=1, max_size=3)
PIECES = st.lists(st.tuples(st.sampled_from(["a", "b", "ab", "aa", "ß", "数", "😀"]), BLANKS), max_size=60)


@given(PIECES, st.integers(1, 6), st.integers(2, 4))
def test_the_verdict_is_that_of_the_slow_way(pieces: list[tuple[str, str]], n: int, times: int) -> None:
    text = "".join(word + blank for word, blank in pieces)
    assert repetition(text, n, times) == slow(text, n, times)


@given(st.text(max_size=200), st.integers(1, 4), st.integers(2, 3))
def test_any_text_gets_the_verdict_of_the_slow_way(text: str, n: int, times: int) -> None:
    assert repetition(text, n, times) == slow(text, n, times)


def test_equal_letters_in_other_words_are_no_repeat() -> None:
    assert repetition("ab c ab c a bc", n=2, times=3) is None


def test_a_collision_of_hashes_is_no_repeat(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    module = sys.modules["mmfinereason.trace.repetition"]
    monkeypatch.setattr(module, "_run_hashes", lambda text, n: np.zeros(len(text.split()) - n + 1, dtype=np.uint32))
    text = " ".join(str(number) for number in range(200))
    assert repetition(text) is None
    assert repetition(text + " " + "x y " * 60) == slow(text + " " + "x y " * 60, 50, 3)


def test_fifty_words_three_times_are_found_and_twice_are_not() -> None:
    run = " ".join(f"w{i}" for i in range(50))
    assert repetition(f"{run} one {run} two") is None
    assert repetition(f"start {run} one {run} two\n{run}") == Repeat(1, 3, run)


def test_short_and_empty_texts_have_no_repeat() -> None:
    assert repetition("") is None
    assert repetition("   \n") is None
    assert repetition("word " * 51) is None
    assert repetition("word " * 52) == Repeat(0, 3, " ".join(["word"] * 50))


def test_lone_surrogates_are_text_like_any_other() -> None:
    assert repetition("\ud800 x " * 60) is not None
