"""The figures of the report, each a function from facts to a drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmfinereason.report.figures.composition import COMPOSITION
from mmfinereason.report.figures.consistency import CONSISTENCY
from mmfinereason.report.figures.difficulty import DIFFICULTY
from mmfinereason.report.figures.drawing import Drawn, drawn
from mmfinereason.report.figures.funnel import FUNNEL
from mmfinereason.report.figures.lengths import CAPTIONS, CDF, COT

if TYPE_CHECKING:
    from mmfinereason.report.facts import Facts

__all__ = ["FIGURES", "Drawn", "draw_all"]

FIGURES = (FUNNEL, COMPOSITION, CONSISTENCY, DIFFICULTY, CDF, COT, CAPTIONS)


def draw_all(facts: Facts) -> list[Drawn]:
    """Every figure the run has data for."""
    return [drawn(one, facts) for one in FIGURES if one.wanted(facts)]
