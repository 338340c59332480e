"""A comparison as tables of text, as Markdown and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from mmfinereason.evaluate import published
from mmfinereason.evaluate.compare import Comparison, Model, Paired

MISSING = "–"
SCORES = "Accuracy in %, with 95 % interval"
PUBLISHED = "Published in the paper's Table 3 (arXiv 2601.21821)"
DIFFERENCES = "Paired differences in points, with 95 % interval and exact sign test"


def scores(comparison: Comparison) -> list[list[str]]:
    """The table of measured scores, heading first: benchmarks by models, the averages last."""
    rows = [[_score(model, name) for model in comparison.models] for name in comparison.benchmarks]
    averages = [_percent(comparison.average(model)) for model in comparison.models]
    return _headed(comparison, [model.name for model in comparison.models], rows, averages)


def reference(comparison: Comparison) -> list[list[str]]:
    """The table of the paper's columns for the same benchmarks."""
    rows = [
        [_percent(published.score(column, comparison.paper_row(name))) for column in comparison.reference]
        for name in comparison.benchmarks
    ]
    averages = [_percent(comparison.published_average(column)) for column in comparison.reference]
    return _headed(comparison, list(comparison.reference), rows, averages)


def differences(comparison: Comparison) -> list[list[str]]:
    """The table of paired differences, heading first."""
    heading = ["benchmark", "model", f"minus {comparison.models[0].name}", "questions", "better", "worse", "p"]
    return [heading, *(_difference(pair) for pair in comparison.paired)]


def tables(comparison: Comparison) -> list[tuple[str, list[list[str]]]]:
    """The tables for a terminal, each with its title; published columns have one of their own, to fit its width."""
    found = [(SCORES, scores(comparison))]
    if comparison.reference:
        heading, *rows = reference(comparison)
        broken = [heading[0], *(name.replace("-", "\n") for name in heading[1:])]
        found.append((PUBLISHED, [broken, *rows]))
    return [*found, (DIFFERENCES, differences(comparison))] if comparison.paired else found


def as_markdown(comparison: Comparison) -> str:
    """Measured and published scores side by side, differences, remarks."""
    side_by_side = [
        [*mine, *theirs[1:]] for mine, theirs in zip(scores(comparison), reference(comparison), strict=True)
    ]
    parts = [f"{SCORES}.", _markdown(side_by_side)]
    if comparison.reference:
        parts.append(f"Columns without intervals: {PUBLISHED[0].lower()}{PUBLISHED[1:]}.")
    if comparison.paired:
        parts += [f"{DIFFERENCES}.", _markdown(differences(comparison))]
    parts += [f"- {remark}" for remark in comparison.remarks]
    return "\n\n".join(parts) + "\n"


def as_csv(comparison: Comparison) -> str:
    """One line a number: `benchmark, model, kind, value, low, high, questions, p`, in %."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\n")
    lines.writerow(["benchmark", "model", "kind", "value", "low", "high", "questions", "p"])
    for model in comparison.models:
        for name, result in model.results.items():
            lines.writerow([name, model.name, "accuracy", *_three(result.score), result.score.n, ""])
            for kind, estimate in result.beside.items():
                lines.writerow([name, model.name, kind, *_three(estimate), estimate.n, ""])
    for pair in comparison.paired:
        lines.writerow([pair.benchmark, pair.model, "difference", *_three(pair.difference), pair.difference.n, pair.p])
    for name in comparison.benchmarks:
        for column in comparison.reference:
            score = published.score(column, comparison.paper_row(name))
            if score is not None:
                lines.writerow([name, column, "published", score, "", "", "", ""])
    return out.getvalue()


def _three(estimate: object) -> list[float]:
    return [round(100 * getattr(estimate, name), 3) for name in ("value", "low", "high")]


def _headed(comparison: Comparison, columns: list[str], rows: list[list[str]], averages: list[str]) -> list[list[str]]:
    table = [["benchmark", *columns], *([name, *row] for name, row in zip(comparison.benchmarks, rows, strict=True))]
    count = len(comparison.averaged)
    return [*table, [f"average of {count}", *averages]] if count > 1 else table


def _score(model: Model, name: str) -> str:
    return str(model.results[name].score) if name in model.results else MISSING


def _percent(value: float | None) -> str:
    return MISSING if value is None else f"{value:.1f}"


def _difference(pair: Paired) -> list[str]:
    low, high = 100 * pair.difference.low, 100 * pair.difference.high
    shown = f"{100 * pair.difference.value:+.1f} [{low:+.1f}, {high:+.1f}]"
    return [
        pair.benchmark,
        pair.model,
        shown,
        f"{pair.difference.n:,}",
        str(pair.better),
        str(pair.worse),
        f"{pair.p:.3g}",
    ]


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|---" + "|--:" * (len(rows[0]) - 1) + "|", *lines[1:]])
