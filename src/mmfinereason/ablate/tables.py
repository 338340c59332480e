"""The tables of an ablation: a row a cell and benchmark, and a row a data variant and training."""

from __future__ import annotations

from collections.abc import Sequence

from mmfinereason.ablate.arms import Arm
from mmfinereason.ablate.cells import Cell
from mmfinereason.evaluate.statistics import Estimate
from mmfinereason.recipe.ablate import UNTRAINED
from mmfinereason.report.grid import Column, Grid, Value

METHOD = (
    "Accuracy in %, mean over benchmarks and seeds. Intervals hold 95 % of 2,000 bootstrap draws, each of which\n"
    "draws seeds and, apart from them, questions; differences are drawn in pairs. With one seed they cover the\n"
    "questions alone."
)


def results(cells: Sequence[Cell]) -> Grid:
    """Every cell on every benchmark, as figures; a failed cell has one row with its reason."""
    names = ("data", "training", "seed", "state", "benchmark", "accuracy", "low", "high", "questions", "truncated")
    columns = [Column(one) for one in (*names, "rows", "steps", "train_seconds", "evaluate_seconds", "error")]
    return Grid("results", columns, [row for cell in cells for row in _rows(cell)])


def figures(arms: Sequence[Arm]) -> Grid:
    """The summary as figures, for programs."""
    benchmarks = _benchmarks(arms)
    names = ("data", "training", "seeds", "failed", "rows", "steps", "accuracy", "low", "high")
    differences = ("difference", "difference_low", "difference_high")
    columns = [Column(one) for one in (*names, *differences, *benchmarks)]
    rows = []
    for arm in arms:
        each = [arm.by_benchmark[name].value if name in arm.by_benchmark else None for name in benchmarks]
        facts: list[Value] = [arm.data, arm.training, len(arm.cells), len(arm.failed), arm.rows, arm.steps]
        rows.append([*facts, *_numbers(arm.score), *_numbers(arm.difference), *each])
    return Grid("summary", columns, rows)


def summary(arms: Sequence[Arm], baseline: str | None) -> Grid:
    """The summary for people."""
    benchmarks = names if len(names := _benchmarks(arms)) > 1 else []
    heading = [
        Column("data"),
        Column("training"),
        Column("seeds", ","),
        Column("rows", ",.0f"),
        Column("steps", ",.0f"),
    ]
    heading += [Column("accuracy", "s"), Column(f"to {baseline}", "s"), *(Column(name, "s") for name in benchmarks)]
    rows = []
    for arm in arms:
        trained = arm.data != UNTRAINED
        facts: list[Value] = [arm.data, arm.training if trained else "", len(arm.cells) if trained else None]
        facts += [arm.rows, arm.steps] if arm.cells and trained else [None, None]
        each = [_percent(arm.by_benchmark.get(name)) for name in benchmarks]
        rows.append([*facts, _percent(arm.score) or "failed", _difference(arm), *each])
    return Grid("Ablation", heading, rows, "\n".join([METHOD, *_remarks(arms)]))


def _rows(cell: Cell) -> list[list[Value]]:
    facts: list[Value] = [cell.data, cell.training, cell.seed, cell.state]
    costs: list[Value] = [cell.rows, cell.steps, cell.train_seconds, cell.evaluate_seconds, cell.error]
    if not cell.done:
        return [[*facts, *[None] * 6, *costs]]
    return [
        [*facts, name, *_numbers(one.accuracy), one.accuracy.n, one.truncated, *costs]
        for name, one in cell.scores.items()
    ]


def _remarks(arms: Sequence[Arm]) -> list[str]:
    failed = [f"{cell.key} failed: {cell.reason}" for arm in arms for cell in arm.failed]
    scores = [score for arm in arms for cell in arm.cells for score in cell.scores.values()]
    simulated = ["The replies are simulated: the numbers mean nothing."] if any(one.simulated for one in scores) else []
    return simulated + failed


def _benchmarks(arms: Sequence[Arm]) -> list[str]:
    return list(dict.fromkeys(name for arm in arms for name in arm.by_benchmark))


def _numbers(estimate: Estimate | None) -> list[float | None]:
    return [estimate.value, estimate.low, estimate.high] if estimate else [None, None, None]


def _percent(estimate: Estimate | None) -> str | None:
    return str(estimate) if estimate else None


def _difference(arm: Arm) -> str | None:
    one = arm.difference
    return f"{100 * one.value:+.1f} [{100 * one.low:+.1f}, {100 * one.high:+.1f}]" if one else None
