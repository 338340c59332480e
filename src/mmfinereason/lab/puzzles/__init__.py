"""Procedural puzzles: pictures with questions whose exact answers are known, the built-in source of a laptop run.

`generate` is a pure function of its arguments: the same puzzle on every machine, in any order. What can be known about
a puzzle is known without drawing it. `dirt` and `spoil` damage questions and pictures the way real sources are damaged;
`source` delivers rows.
"""

from __future__ import annotations

import difflib

from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.families import (
    bar_chart,
    blocks,
    circuit,
    clock,
    counting,
    function_plot,
    geometry_angles,
    geometry_areas,
    line_chart,
    maze,
    mechanics,
    pattern_matrix,
    pythagoras,
    receipt,
    sudoku,
    table,
)
from mmfinereason.lab.puzzles.puzzle import LEVELS, Family, Puzzle, assemble

__all__ = ["FAMILIES", "Family", "Puzzle", "generate"]

FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        geometry_angles.FAMILY,
        geometry_areas.FAMILY,
        pythagoras.FAMILY,
        bar_chart.FAMILY,
        line_chart.FAMILY,
        function_plot.FAMILY,
        table.FAMILY,
        circuit.FAMILY,
        mechanics.FAMILY,
        pattern_matrix.FAMILY,
        maze.FAMILY,
        sudoku.FAMILY,
        counting.FAMILY,
        blocks.FAMILY,
        clock.FAMILY,
        receipt.FAMILY,
    )
}


def generate(
    family: str, *, seed: int, index: int, level: int | None = None, multiple_choice: bool | None = None
) -> Puzzle:
    """The puzzle number `index` of a family.

    Level (1 to 3) and form are drawn from the seed where they are not given; giving what would have been drawn gives
    the same puzzle.

    Raises:
        ValueError: no such family or level.
    """
    if family not in FAMILIES:
        close = difflib.get_close_matches(family, FAMILIES, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(FAMILIES)}"
        raise ValueError(f"no puzzle family {family!r}{hint}")
    form = Dice(f"form/{family}/{seed}/{index}")
    drawn_level, drawn_choice = form.pick(LEVELS), form.chance(0.5)
    level = drawn_level if level is None else level
    if level not in LEVELS:
        raise ValueError(f"no level {level}; puzzles have levels 1 to 3")
    choice = drawn_choice if multiple_choice is None else multiple_choice
    draft = FAMILIES[family].make(Dice(f"puzzle/{family}/{seed}/{index}/{level}"), level)
    return assemble(FAMILIES[family], draft, form, key=(seed, index, level), choice=choice)
