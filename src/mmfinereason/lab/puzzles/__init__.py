"""Procedural puzzles: pictures with questions whose exact answers are known, the built-in source of a laptop run.

`generate` is a pure function of its arguments: the same puzzle on every machine, in any order. What can be known about
a puzzle is known without drawing it. `dirt` and `spoil` damage questions and pictures the way real sources are damaged;
`source` delivers rows.
"""

from __future__ import annotations

import difflib
from itertools import count

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
from mmfinereason.lab.puzzles.families.small import bars as small_bars
from mmfinereason.lab.puzzles.families.small import digits as small_digits
from mmfinereason.lab.puzzles.families.small import forces as small_forces
from mmfinereason.lab.puzzles.families.small import path as small_path
from mmfinereason.lab.puzzles.families.small import shapes as small_shapes
from mmfinereason.lab.puzzles.families.small import tags as small_tags
from mmfinereason.lab.puzzles.parts import Part, part_of
from mmfinereason.lab.puzzles.puzzle import LEVELS, Draft, Family, Puzzle, assemble

__all__ = ["FAMILIES", "SMALL", "WORLDS", "Family", "Part", "Puzzle", "generate"]

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

SMALL: dict[str, Family] = {
    family.name: family
    for family in (
        small_shapes.FAMILY,
        small_path.FAMILY,
        small_bars.FAMILY,
        small_digits.FAMILY,
        small_forces.FAMILY,
        small_tags.FAMILY,
    )
}
"""Puzzles of 96 x 96 pixels that a very small model can learn."""

WORLDS: dict[str, dict[str, Family]] = {"standard": FAMILIES, "small": SMALL}


def generate(
    family: str,
    *,
    seed: int,
    index: int,
    level: int | None = None,
    multiple_choice: bool | None = None,
    part: Part = "all",
) -> Puzzle:
    """The puzzle number `index` of a family.

    Level (1 to 3) and form are drawn from the seed where they are not given; giving what would have been drawn gives
    the same puzzle. Of the parts `train` and `test` no scene is in both, whatever the seeds.

    Raises:
        ValueError: no such family or level.
    """
    known = find_family(family)
    form = Dice(f"form/{family}/{seed}/{index}")
    drawn_level, drawn_choice = form.pick(LEVELS), form.chance(0.5)
    level = drawn_level if level is None else level
    if level not in LEVELS:
        raise ValueError(f"no level {level}; puzzles have levels 1 to 3")
    choice = drawn_choice if multiple_choice is None else multiple_choice
    draft = _draft(known, f"puzzle/{family}/{seed}/{index}/{level}", level, part)
    return assemble(known, draft, form, key=(seed, index, level), choice=choice)


def find_family(name: str) -> Family:
    """A family of any world. Raises ValueError for an unknown name, with the nearest known one."""
    families = FAMILIES | SMALL
    if name not in families:
        close = difflib.get_close_matches(name, families, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(families)}"
        raise ValueError(f"unknown puzzle family {name!r}{hint}")
    return families[name]


def _draft(family: Family, key: str, level: int, part: Part) -> Draft:
    """The first attempt whose scene belongs to the part."""
    drafts = (family.make(Dice(f"{key}/{attempt}" if attempt else key), level) for attempt in count())
    return next(draft for draft in drafts if part in ("all", part_of(draft.scene)))
