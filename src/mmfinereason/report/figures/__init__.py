"""The figures of the report, each a function from facts to a drawing."""

from __future__ import annotations

from mmfinereason.report.facts import Facts
from mmfinereason.report.figures.drawing import Drawn, Figure, drawn

__all__ = ["Drawn", "Figure", "draw_all", "drawn"]


def draw_all(facts: Facts) -> list[Drawn]:
    """Every figure the run has data for."""
    return []
