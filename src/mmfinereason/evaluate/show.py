"""A comparison as tables of text, as Markdown and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from mmfinereason.evaluate import published
from mmfinereason.evaluate.compare import Comparison, Model, Paired

MISSING = "–"


def scores(comparison: Comparison) -> list[list[str]]:
    """The table of scores, heading first: benchmarks by models, then the paper's columns, and the averages last."""
    heading = ["benchmark", *(model.name for model in comparison.models), *comparison.reference]
    rows = [[name, *_measured(comparison, name), *_published(comparison, name)] for name in comparison.benchmarks]
    if len(comparison.shared) > 1:
        own = [_percent(comparison.average(model)) for model in comparison.models]
        paper = [_percent(comparison.published_average(column)) for column in comparison.reference]
        rows.append([f"average of {len(comparison.shared)}", *own, *paper])
    return [heading, *rows]


def differences(comparison: Comparison) -> list[list[str]]:
    """The table of paired differences, heading first."""
    heading = ["benchmark", "model", f"minus {comparison.models[0].name}", "questions", "better", "worse", "p"]
    return [heading, *(_difference(pair) for pair in comparison.paired)]


def tables(comparison: Comparison) -> list[tuple[str, list[list[str]]]]:
    """The tables that there are, each with its title."""
    found = [("Accuracy in %, with 95 % interval", scores(comparison))]
    if comparison.paired:
        found.append(("Paired differences in points, with 95 % interval and exact sign test", differences(comparison)))
    return found


def as_markdown(comparison: Comparison) -> str:
    """The tables with the remarks."""
    parts = [part for title, rows in tables(comparison) for part in (f"{title}.", _markdown(rows))]
    if comparison.reference:
        parts.append("Columns without intervals: published, arXiv 2601.21821, Table 3.")
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


def _measured(comparison: Comparison, name: str) -> list[str]:
    return [_score(model, name) for model in comparison.models]


def _score(model: Model, name: str) -> str:
    return str(model.results[name].score) if name in model.results else MISSING


def _published(comparison: Comparison, name: str) -> list[str]:
    return [_percent(published.score(column, comparison.paper_row(name))) for column in comparison.reference]


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
