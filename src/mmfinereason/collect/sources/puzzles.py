"""The built-in puzzles as sources, one a family. They are drawn here, in the worker, and not where rows are read."""

from __future__ import annotations

from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.collect.sources.base import Draft, Drafts, Map
from mmfinereason.errors import SourceError
from mmfinereason.recipe.sources import PuzzleSettings
from mmfinereason.schema import Domain


def by_drawing(settings: PuzzleSettings) -> Map:
    """A mapping from `{"index": 17}` to puzzle 17 of these settings. Raises SourceError for an unknown family."""
    from mmfinereason.lab.puzzles.source import PuzzleSpec, raw_row

    spec = PuzzleSpec(
        _families(settings),
        count=settings.count,
        seed=settings.seed,
        levels=tuple(settings.levels),
        multiple_choice_share=settings.multiple_choice_share,
        dirty=settings.dirty,
        spoil=settings.spoil,
        part=settings.part,
    )

    def map_row(row: RawRow) -> Drafts:
        made = raw_row(spec, row.values["index"])
        yield Draft(
            source_id=made["id"],
            question=made["question"],
            answer=made["answer"],
            images=(made["image"],),
            original_question=made["question"],
            original_answer=made["answer"],
            options=tuple(made["options"]),
            domain=Domain(made["domain"]),
            source=f"puzzles-{made['family']}",
            extra={name: made[name] for name in ("puzzle", "category", "dirt", "spoil", "clean_question")},
        )

    return map_row


def _families(settings: PuzzleSettings) -> tuple[str, ...]:
    from mmfinereason.lab.puzzles import WORLDS, find_family

    for name in settings.families:
        try:
            find_family(name)
        except ValueError as error:
            raise SourceError(f"{error}") from None
    return tuple(settings.families or WORLDS[settings.world])
