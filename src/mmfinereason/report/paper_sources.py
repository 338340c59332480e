"""The paper's figures for its 22 sources (arXiv 2601.21821, Tables 5 to 7), to stand beside a run's own.

The paper states the final rows in thousands, rounded. The totals it prints under Table 6 (2,372,320 and 2,286,030 rows)
are 100 short of the sum of its sources; its other tables give the sum. MMK12 counts as mathematics and science there.
"""

from __future__ import annotations

import csv
import functools
import io
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class PaperSource:
    """One source as published."""

    source: str
    domain: str
    original: int
    """Rows before structural cleaning (Table 6)."""
    too_short: int
    """Rows removed for their length (Table 6)."""
    template: int
    """Rows removed for their template (Table 6)."""
    rows: int
    """Rows left (Table 6)."""
    tokens: int
    """Solution tokens (Table 6)."""
    mean: float
    """Mean pass rate of the 4B model (Table 7)."""
    median: float
    """Median pass rate (Table 7)."""
    consistent: int
    """Consistent rows (Table 7)."""
    final_thousands: float
    """Rows of the 1.8M in thousands (Table 5)."""


@functools.cache
def paper_sources() -> dict[str, PaperSource]:
    """The sources by name, in the paper's order."""
    text = resources.files("mmfinereason.report").joinpath("paper_sources.csv").read_text(encoding="utf-8")
    return {row["source"]: _source(row) for row in csv.DictReader(io.StringIO(text))}


def _source(row: dict[str, str]) -> PaperSource:
    return PaperSource(
        source=row["source"],
        domain=row["domain"],
        original=int(row["original"]),
        too_short=int(row["too_short"]),
        template=int(row["template"]),
        rows=int(row["rows"]),
        tokens=int(row["tokens"]),
        mean=float(row["mean"]),
        median=float(row["median"]),
        consistent=int(row["consistent"]),
        final_thousands=float(row["final_thousands"]),
    )
