"""Cells of one data variant and one training put together over their seeds, and compared with the baseline.

Two things vary: the training (its seed) and the questions. An interval here covers both. A bootstrap draw takes seeds
with replacement and, apart from that, questions with replacement, and looks at every drawn question under every drawn
seed (the pigeonhole bootstrap; Owen, "The pigeonhole bootstrap", 2007). The interval holds 95 % of 2,000 such draws.
With one seed it covers the questions alone, and with few seeds it covers a part of what they add: of S seeds their
variance is seen smaller by (S - 1) / S.

A difference is taken over the seeds and questions that both arms have, in pairs: each draw takes the same seeds and the
same questions of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mmfinereason.ablate.cells import Cell
from mmfinereason.evaluate.score import Units
from mmfinereason.evaluate.statistics import Estimate
from mmfinereason.recipe.ablate import UNTRAINED

DRAWS = 2_000
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Outcomes:
    """What each seed got right of each question of a benchmark."""

    seeds: tuple[int, ...]
    questions: tuple[str, ...]
    right: Array
    """Seeds x questions: right items of each question."""
    asked: Array
    """Items of each question."""

    def of(self, seeds: Sequence[int], questions: Sequence[str]) -> Outcomes:
        """The part for these seeds and questions, in their order."""
        place = {name: i for i, name in enumerate(self.questions)}
        columns = [place[name] for name in questions]
        rows = [self.seeds.index(seed) for seed in seeds]
        return Outcomes(tuple(seeds), tuple(questions), self.right[np.ix_(rows, columns)], self.asked[columns])


@dataclass(frozen=True)
class Arm:
    """A data variant with a training, over all its seeds."""

    data: str
    training: str
    cells: tuple[Cell, ...]
    failed: tuple[Cell, ...]
    rows: float = 0.0
    """Rows trained on, mean over seeds."""
    steps: float = 0.0
    score: Estimate | None = None
    """Mean accuracy over benchmarks; None where no seed has come through. `n` counts questions."""
    by_benchmark: Mapping[str, Estimate] = field(default_factory=dict)
    difference: Estimate | None = None
    """To the baseline's arm of the same training; None for that arm itself, or where there is no such arm."""
    outcomes: Mapping[str, Outcomes] = field(default_factory=dict)
    """By benchmark."""

    @property
    def name(self) -> str:
        return self.data if self.data == UNTRAINED else f"{self.data} / {self.training}"

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds that came through."""
        return tuple(cell.seed for cell in self.cells)


def arms(cells: Sequence[Cell], baseline: str | None = None) -> list[Arm]:
    """Cells by data variant and training, in the order of their first cell.

    Differences are to the data variant `baseline` with the same training.
    """
    groups: dict[tuple[str, str], list[Cell]] = {}
    for cell in cells:
        groups.setdefault((cell.data, cell.training), []).append(cell)
    found = {names: _arm(*names, group) for names, group in groups.items()}
    return [_compared(arm, found.get((baseline or "", arm.training))) for arm in found.values()]


def mean_accuracy(outcomes: Iterable[Outcomes]) -> Estimate:
    """The mean over benchmarks of the share of right items, over seeds and questions."""
    return _bootstrap([(one.right, one.asked) for one in outcomes])


def mean_difference(arm: Arm, base: Arm) -> Estimate | None:
    """How much better an arm is than another on the seeds and questions of both; None where they share none."""
    seeds = [seed for seed in arm.seeds if seed in base.seeds]
    pairs = []
    for name in arm.outcomes.keys() & base.outcomes.keys():
        one, other = base.outcomes[name], arm.outcomes[name]
        known = set(one.questions)
        questions = [question for question in other.questions if question in known]
        if seeds and questions:
            left, right = one.of(seeds, questions), other.of(seeds, questions)
            pairs.append((right.right - left.right, right.asked))
    return _bootstrap(pairs) if pairs else None


def _arm(data: str, training: str, cells: Sequence[Cell]) -> Arm:
    done = sorted((cell for cell in cells if cell.done), key=lambda cell: cell.seed)
    failed = tuple(cell for cell in cells if not cell.done)
    if not done:
        return Arm(data, training, (), failed)
    shared = [name for name in done[0].scores if all(name in cell.scores for cell in done)]
    outcomes = {name: _outcomes(done, name) for name in shared}
    return Arm(
        data,
        training,
        tuple(done),
        failed,
        rows=float(np.mean([cell.rows for cell in done])),
        steps=float(np.mean([cell.steps for cell in done])),
        score=mean_accuracy(outcomes.values()),
        by_benchmark={name: mean_accuracy([one]) for name, one in outcomes.items()},
        outcomes=outcomes,
    )


def _compared(arm: Arm, base: Arm | None) -> Arm:
    if base is None or base.data == arm.data:
        return arm
    return Arm(**{**arm.__dict__, "difference": mean_difference(arm, base)})


def _outcomes(cells: Sequence[Cell], benchmark: str) -> Outcomes:
    """All seeds on the questions that every one of them was asked."""
    each = [cell.units(benchmark) for cell in cells]
    known = set(each[0].names).intersection(*(one.names for one in each[1:]))
    questions = tuple(name for name in each[0].names if name in known)
    right = np.array([_counts(one, one.right, questions) for one in each])
    return Outcomes(tuple(cell.seed for cell in cells), questions, right, _counts(each[0], each[0].asked, questions))


def _counts(of: Units, values: Array, questions: Sequence[str]) -> Array:
    found = dict(zip(of.names, values, strict=True))
    return np.array([found[name] for name in questions])


def _bootstrap(parts: Sequence[tuple[Array, Array]]) -> Estimate:
    """The mean over parts of sum(right) / sum(asked), drawn by seeds (rows) and, in each part, by questions."""
    dice = np.random.default_rng(0)
    count = parts[0][0].shape[0]
    seeds = dice.multinomial(count, np.full(count, 1 / count), DRAWS).astype(np.float64)
    drawn, value = np.zeros(DRAWS), 0.0
    for right, asked in parts:
        size = len(asked)
        for start in range(0, DRAWS, 100):  # some hundred draws of some thousand questions at once
            few = seeds[start : start + 100]
            questions = dice.multinomial(size, np.full(size, 1 / size), len(few)).astype(np.float64)
            drawn[start : start + 100] += ((few @ right) * questions).sum(axis=1) / (count * (questions @ asked))
        value += float(right.sum() / (count * asked.sum()))
    low, high = np.quantile(drawn / len(parts), (0.025, 0.975))
    return Estimate(value / len(parts), float(low), float(high), sum(len(asked) for _, asked in parts))
