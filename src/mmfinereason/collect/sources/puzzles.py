"""The built-in puzzles as sources, one a family. They are drawn here, in the worker, and not where rows are read."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.collect.sources.base import Draft, Drafts, Map
from mmfinereason.errors import SourceError
from mmfinereason.recipe.sources import PuzzleSettings
from mmfinereason.schema import Domain


def by_drawing(settings: PuzzleSettings) -> Map:
    """A mapping from `{"index": 17}` to puzzle 17 of these settings. Raises SourceError for an unknown family."""
    from mmfinereason.lab.puzzles.source import PuzzleSpec, raw_row

    _check_families(settings.families)
    families = {"families": tuple(settings.families)} if settings.families else {}
    spec = PuzzleSpec(
        **families,
        count=settings.count,
        seed=settings.seed,
        levels=tuple(settings.levels),
        multiple_choice_share=settings.multiple_choice_share,
        dirty=settings.dirty,
        spoil=settings.spoil,
    )

    def map_row(row: RawRow) -> Drafts:
        made = raw_row(spec, row.values["index"])
        family, seed, index = made["id"].rsplit("-", 2)
        puzzle = {
            "family": family,
            "seed": int(seed),
            "index": int(index),
            "level": made["level"],
            "multiple_choice": bool(made["options"]),
        }
        yield Draft(
            source_id=made["id"],
            question=made["question"],
            answer=made["answer"],
            images=(made["image"],),
            original_question=made["question"],
            original_answer=made["answer"],
            options=tuple(made["options"]),
            domain=Domain(made["domain"]),
            source=f"puzzles-{family}",
            extra={"puzzle": puzzle, **{name: made[name] for name in ("category", "dirt", "spoil", "clean_question")}},
        )

    return map_row


def _check_families(names: Sequence[str]) -> None:
    from mmfinereason.lab.puzzles import FAMILIES

    for name in names:
        if name not in FAMILIES:
            close = get_close_matches(name, FAMILIES, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(FAMILIES)}"
            raise SourceError(f"unknown puzzle family {name!r}; {hint}")
