"""Puzzles as rows of a source: what a reader gets to see, and what the simulated server may know about it.

Row i depends on the spec and i alone, so that workers can share the rows out among themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from mmfinereason.lab.puzzles import FAMILIES, Part, Puzzle, generate
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.dirt import DIRT, dirty
from mmfinereason.lab.puzzles.puzzle import LEVELS
from mmfinereason.lab.puzzles.spoil import SPOIL, png, spoil


@dataclass(frozen=True)
class PuzzleSpec:
    """Which puzzles: families take turns, `dirty` and `spoil` are the shares of damaged questions and images."""

    families: tuple[str, ...] = tuple(FAMILIES)
    count: int = 100
    seed: int = 0
    levels: tuple[int, ...] = LEVELS
    multiple_choice_share: float = 0.5
    dirty: float = 0.0
    spoil: float = 0.0
    part: Part = "all"


def puzzle(spec: PuzzleSpec, i: int) -> tuple[Puzzle, str | None, str | None]:
    """Puzzle i of the source with its kind of dirt and of spoiling, if any; nothing is drawn."""
    family = spec.families[i % len(spec.families)]
    index = i // len(spec.families)
    dice = Dice(f"row/{family}/{spec.seed}/{index}")
    level = dice.pick(spec.levels)
    choice = dice.chance(spec.multiple_choice_share)
    soiled = dice.pick(tuple(DIRT)) if dice.chance(spec.dirty) else None
    spoiled = dice.pick(tuple(SPOIL)) if dice.chance(spec.spoil) else None
    made = generate(family, seed=spec.seed, index=index, level=level, multiple_choice=choice, part=spec.part)
    return made, soiled, spoiled


def raw_row(spec: PuzzleSpec, i: int) -> dict[str, Any]:
    """Row i of the source.

    ```
    {"id": "maze-7-000012", "question": "...", "answer": "B", "options": ["8", "12", "14", "10"],
     "image": {"bytes": b"...", "path": "maze-7-000012.png"}, "family": "maze", "level": 2, "domain": "Puzzle/Game",
     "category": "Puzzle / Logic Diagram", "dirt": "link", "spoil": None, "clean_question": "...",
     "puzzle": {"family": "maze", "seed": 7, "index": 12, "level": 2, "multiple_choice": True, "part": "all"}}
    ```

    `generate(**row["puzzle"])` is the puzzle of the row.

    Raises:
        IndexError: i is not a row of the source.
    """
    if not 0 <= i < spec.count:
        raise IndexError(f"row {i} of a source with {spec.count} rows")
    made, soiled, spoiled = puzzle(spec, i)
    name = f"{made.family}-{made.seed}-{made.index:06d}" + ("" if spec.part == "all" else f"-{spec.part}")
    data, extension = png(made.draw()) if spoiled is None else b"", "png"
    if spoiled is not None:
        damage = spoil(made.draw(), spoiled, Dice(f"spoil/{name}"))
        data, extension = damage.data, damage.extension
    return {
        "id": name,
        "question": dirty(made, soiled).question if soiled else made.question,
        "answer": made.answer,
        "options": list(made.options),
        "image": {"bytes": data, "path": f"{name}.{extension}"},
        "family": made.family,
        "level": made.level,
        "domain": made.domain,
        "category": made.category,
        "dirt": soiled,
        "spoil": spoiled,
        "clean_question": made.question,
        "puzzle": {
            "family": made.family,
            "seed": made.seed,
            "index": made.index,
            "level": made.level,
            "multiple_choice": bool(made.options),
            "part": spec.part,
        },
    }


def raw_rows(spec: PuzzleSpec) -> Iterator[dict[str, Any]]:
    """All rows in order."""
    return (raw_row(spec, i) for i in range(spec.count))
