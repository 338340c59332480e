"""Sources: one mapping each from a publisher's raw row to drafts."""

from __future__ import annotations

from mmfinereason.collect.sources.base import Draft, Published, Skip, Source
from mmfinereason.recipe.sources import SourceSettings

__all__ = ["SOURCES", "Draft", "Published", "Skip", "Source", "mapping", "source"]

SOURCES: dict[str, Source] = {}


def source(name: str) -> Source:
    """The known source of this name or alias. Raises `SourceError` with "did you mean" if there is none."""
    raise NotImplementedError


def mapping(settings: SourceSettings) -> Source:
    """The source these settings ask for: a known one, the puzzles, or own data, with the settings' own rules applied.

    This is the one to call for any entry of a recipe: `for item in mapping(settings).map(raw_row)`.
    """
    raise NotImplementedError
