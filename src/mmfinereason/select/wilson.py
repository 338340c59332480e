"""How far a pass rate of a few rollouts can be trusted."""

from __future__ import annotations

import math

Z95 = 1.959963984540054
"""Two-sided 95 % quantile of the normal distribution."""


def wilson(correct: int, counted: int) -> tuple[float, float]:
    """The 95 % score interval of a rate (E. B. Wilson, 1927). Raises ValueError when nothing was counted."""
    if counted <= 0 or not 0 <= correct <= counted:
        raise ValueError(f"{correct} of {counted} is no rate")
    rate = correct / counted
    spread = Z95 * Z95 / counted
    centre = (rate + spread / 2) / (1 + spread)
    half = Z95 / (1 + spread) * math.sqrt(rate * (1 - rate) / counted + spread / (4 * counted))
    low = 0.0 if correct == 0 else max(0.0, centre - half)
    high = 1.0 if correct == counted else min(1.0, centre + half)
    return low, high
