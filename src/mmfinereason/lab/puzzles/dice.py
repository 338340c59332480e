"""Random choices that are the same on every machine.

Python promises that `random.Random(text).random()` repeats for ever, but not that `choice` or `shuffle` do. So every
choice here is built on that one method.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of choices fixed by the `key` it was made from."""

    def __init__(self, key: str) -> None:
        self._random = random.Random(key)

    def chance(self, share: float) -> bool:
        """True with probability `share`."""
        return self._random.random() < share

    def real(self, low: float, high: float) -> float:
        """A real number, evenly from [low, high)."""
        return low + (high - low) * self._random.random()

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def pick(self, items: Sequence[T]) -> T:
        """One item."""
        return items[self.between(0, len(items) - 1)]

    def sample(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different items in random order."""
        pool = list(items)
        if count > len(pool):
            raise ValueError(f"cannot draw {count} of {len(pool)} items")
        return [pool.pop(self.between(0, len(pool) - 1)) for _ in range(count)]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All items in random order."""
        return self.sample(items, len(items))
