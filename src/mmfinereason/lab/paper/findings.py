"""What the paper claims, put so that tiny models can confirm or refute it, and how each claim is decided.

Every rule was written down before a number was seen: a claim *held* when the whole 95 % interval lies on its side of
the bound, it *did not hold* when the whole interval lies on the other side, and it is *open* otherwise. Intervals are
those of `ablate.arms`: over seeds and questions. A finding at this scale says something about these models in this
world, and nothing about models of another size.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mmfinereason.ablate.arms import Arm, mean_difference
from mmfinereason.evaluate.statistics import Estimate
from mmfinereason.recipe.ablate import UNTRAINED

Outcome = Literal["held", "did not hold", "open", "not measured"]

NEARLY = 0.05
"""`nearly as good`: at most five points below. The paper's 123K lies 2.4 points below its full set (73.3, 75.7)."""
HARDLY = 0.03
"""`hardly helps`: less than three points, about what the paper's own ablations move by."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two arms, `data/training` each: how much better the first is."""

    one: str
    other: str
    value: Estimate | None
    """None where an arm is missing or failed."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim, the rule that decides it, the numbers, and what came out."""

    claim: str
    paper: str
    """What the paper reports, with its place."""
    rule: str
    comparisons: tuple[Comparison, ...]
    outcome: Outcome
    remark: str = ""
    """What the outcome alone does not say."""


def above(bound: float) -> Callable[[Estimate], Outcome]:
    """Held when the difference is larger than the bound."""
    return lambda value: "held" if value.low > bound else "did not hold" if value.high < bound else "open"


def below(bound: float) -> Callable[[Estimate], Outcome]:
    """Held when the difference is smaller than the bound."""
    return lambda value: "held" if value.high < bound else "did not hold" if value.low > bound else "open"


@dataclass(frozen=True)
class Evidence:
    """The arms of the grid by name."""

    arms: dict[str, Arm]

    @classmethod
    def of(cls, arms: Sequence[Arm]) -> Evidence:
        """Arms under `data/training`, the untrained model under its own name."""
        return cls({arm.data if arm.data == UNTRAINED else f"{arm.data}/{arm.training}": arm for arm in arms})

    def compare(self, one: str, other: str) -> Comparison:
        """How much better `one` is than `other`, on the seeds and questions of both."""
        first, second = self.arms.get(one), self.arms.get(other)
        if first is None or second is None or not first.score or not second.score:
            return Comparison(one, other, None)
        if other == UNTRAINED:
            second = _under_all_seeds(second, first.seeds)
        return Comparison(one, other, mean_difference(first, second))


def _under_all_seeds(arm: Arm, seeds: Sequence[int]) -> Arm:
    """The model before training, which is the same whatever the seed of a training."""
    outcomes = {
        name: replace(one, seeds=tuple(seeds), right=np.repeat(one.right[:1], len(seeds), axis=0))
        for name, one in arm.outcomes.items()
    }
    return replace(arm, cells=tuple(replace(arm.cells[0], seed=seed) for seed in seeds), outcomes=outcomes)


def decided(comparisons: Sequence[Comparison], rule: Callable[[Estimate], Outcome]) -> Outcome:
    """All comparisons must hold for a claim to hold; one that fails refutes it."""
    outcomes = [rule(one.value) if one.value else "not measured" for one in comparisons]
    for worst in ("not measured", "did not hold", "open"):
        if worst in outcomes:
            return worst
    return "held"
