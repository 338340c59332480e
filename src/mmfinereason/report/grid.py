"""A small table of figures that can be written as text, CSV or Markdown."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Value = str | int | float | None
Format = Literal["text", "csv", "markdown"]


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, and how its figures are written (`,` in thousands, `.4f`, ...)."""

    name: str
    form: str = ""


@dataclass(frozen=True)
class Grid:
    """A titled table. CSV holds the figures as they are, text and Markdown round them."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    note: str = ""

    def render(self, format: str = "text") -> str:
        """The table in one of three formats. Raises KeyError for another."""
        return {"text": self.text, "csv": self.csv, "markdown": self.markdown}[format]()

    def text(self) -> str:
        """Columns of equal width, figures to the right."""
        cells = self._cells()
        widths = [max(len(row[index]) for row in cells) for index in range(len(self.columns))]
        lines = ["  ".join(self._aligned(row, widths)).rstrip() for row in cells]
        return "\n".join([self.title, *lines, *([self.note] if self.note else [])])

    def csv(self) -> str:
        """Comma-separated values, with a heading line."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow([column.name for column in self.columns])
        writer.writerows(["" if value is None else value for value in row] for row in self.rows)
        return out.getvalue().rstrip("\n")

    def markdown(self) -> str:
        """A pipe table under its title."""
        head, *body = [[cell.replace("|", "\\|") for cell in row] for row in self._cells()]
        rule = ["--:" if column.form else "---" for column in self.columns]
        lines = [f"| {' | '.join(row)} |" for row in (head, rule, *body)]
        return "\n".join([f"**{self.title}**", "", *lines, *(["", self.note] if self.note else [])])

    def _cells(self) -> list[list[str]]:
        body = [[_cell(value, column) for value, column in zip(row, self.columns, strict=True)] for row in self.rows]
        return [[column.name for column in self.columns], *body]

    def _aligned(self, row: Sequence[str], widths: Sequence[int]) -> list[str]:
        return [
            cell.rjust(width) if column.form else cell.ljust(width)
            for cell, width, column in zip(row, widths, self.columns, strict=True)
        ]


def _cell(value: Value, column: Column) -> str:
    if value is None:
        return ""
    return format(value, column.form) if column.form and not isinstance(value, str) else str(value)
