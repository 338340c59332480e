"""From verdicts to scores: by each benchmark's own rule, over all items and by label.

`each`: the share of right items. `circular`: the share of questions right in all rotations; the plain share of right
items stands beside it as `vanilla` (MMBench, arXiv 2307.06281, section 4.1). `variants`: the share of right items, and
the worst case: the share of questions right in all variants (DynaMath, arXiv 2411.00836, section 3). Everything that is
not `correct` counts as wrong.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mmfinereason.evaluate.statistics import Estimate, ratio
from mmfinereason.recipe.evaluate import Rule


@dataclass(frozen=True, slots=True)
class Mark:
    """One item as scores see it."""

    id: str
    question: str
    correct: bool
    labels: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Units:
    """Questions: how many of their items are right, and how many count."""

    names: tuple[str, ...]
    right: NDArray[np.float64]
    asked: NDArray[np.float64]

    def estimate(self, draws: int, seed: int) -> Estimate:
        return ratio(self.right, self.asked, draws=draws, seed=seed)


@dataclass(frozen=True, slots=True)
class Scores:
    """The headline score, those beside it, and all by label: `by["category"]["algebra"]`."""

    headline: Estimate
    beside: dict[str, Estimate]
    by: dict[str, dict[str, Estimate]]


def score(marks: Sequence[Mark], rule: Rule, *, draws: int, seed: int) -> Scores:
    """All scores of an evaluation. Raises ValueError without items."""
    beside: dict[str, Estimate] = {}
    if rule == "circular":
        beside["vanilla"] = units(marks, "each").estimate(draws, seed)
    if rule == "variants":
        beside["worst_case"] = units(marks, "circular").estimate(draws, seed)
    headline = units(marks, rule).estimate(draws, seed)
    names = dict.fromkeys(label for mark in marks for label in mark.labels)
    by = {name: _by(marks, name, rule, draws, seed) for name in names}
    return Scores(headline, beside, by)


def units(marks: Iterable[Mark], rule: Rule) -> Units:
    """The questions behind a score, in the order of their first item."""
    found: dict[str, list[bool]] = defaultdict(list)
    for mark in marks:
        found[mark.question].append(mark.correct)
    if rule == "circular":
        right = [float(all(several)) for several in found.values()]
        asked = [1.0] * len(found)
    else:
        right = [float(sum(several)) for several in found.values()]
        asked = [float(len(several)) for several in found.values()]
    return Units(tuple(found), np.array(right), np.array(asked))


def _by(marks: Sequence[Mark], name: str, rule: Rule, draws: int, seed: int) -> dict[str, Estimate]:
    groups: dict[str, list[Mark]] = defaultdict(list)
    for mark in marks:
        if name in mark.labels:
            groups[mark.labels[name]].append(mark)
    return {value: units(groups[value], rule).estimate(draws, seed) for value in sorted(groups)}
