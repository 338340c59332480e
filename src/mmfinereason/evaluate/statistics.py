"""How sure a number is: bootstrap intervals over questions, and the sign test for pairs.

The unit drawn is the question, not the item: variants of one question stand or fall together (a cluster bootstrap;
Efron and Tibshirani, "An Introduction to the Bootstrap", chapters 8 and 13). Everything is seeded.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import NDArray

_AT_ONCE = 1 << 22
"""Random numbers drawn at once."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A share or a difference of shares with its 95 % interval; `n` is the number of questions behind it."""

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{100 * self.value:.1f} [{100 * self.low:.1f}, {100 * self.high:.1f}]"


def ratio(right: NDArray[np.float64], asked: NDArray[np.float64], *, draws: int, seed: int) -> Estimate:
    """sum(right) / sum(asked) over questions, with the percentile interval of `draws` bootstrap draws.

    `right[i]` of the `asked[i]` items of question i are right. Raises ValueError without questions.
    """
    count = len(right)
    if count == 0:
        raise ValueError("no questions to estimate from")
    dice = np.random.default_rng(seed)
    drawn = np.empty(draws)
    step = max(1, _AT_ONCE // count)
    for start in range(0, draws, step):
        chosen = dice.integers(0, count, (min(step, draws - start), count))
        drawn[start : start + step] = right[chosen].sum(axis=1) / asked[chosen].sum(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Estimate(float(right.sum() / asked.sum()), float(low), float(high), count)


def difference(
    one: NDArray[np.float64], other: NDArray[np.float64], asked: NDArray[np.float64], *, draws: int, seed: int
) -> Estimate:
    """The share of `other` minus that of `one` on the same questions, drawn in pairs."""
    return ratio(other - one, asked, draws=draws, seed=seed)


def sign_test(better: int, worse: int) -> float:
    """Exact two-sided sign test: how likely so uneven a split of `better + worse` is when both are equally likely."""
    n = better + worse
    tail = sum(comb(n, k) for k in range(min(better, worse) + 1))
    return min(1.0, float(2 * tail / 2**n))
