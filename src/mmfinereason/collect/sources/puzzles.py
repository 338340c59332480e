"""The built-in puzzles as a source. They are drawn here, in the worker, and not where rows are read."""

from __future__ import annotations

from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.collect.sources.base import Draft, Drafts, Map
from mmfinereason.recipe.sources import PuzzleSettings
from mmfinereason.schema import Domain


def by_drawing(settings: PuzzleSettings) -> Map:
    """A mapping from `{"index": 17}` to puzzle 17 of these settings."""
    from mmfinereason.lab.puzzles.source import PuzzleSpec, raw_row

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
            extra={"puzzle": puzzle, **{name: made[name] for name in ("category", "dirt", "spoil", "clean_question")}},
        )

    return map_row
