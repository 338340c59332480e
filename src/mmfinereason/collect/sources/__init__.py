"""Sources: one mapping each from a publisher's raw row to drafts.

`SOURCES` holds the known ones by name: the paper's 22, and MMFineReason's own rows. Facts and pure renames are data, in
`catalogue.yaml`; a layout that takes more is a module of this folder.
"""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from mmfinereason.collect.locate import Beside, is_path
from mmfinereason.collect.readers.hub import pinned
from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.collect.sources.base import Draft, Drafts, Map, Published, Skip, Source
from mmfinereason.collect.sources.catalogue import catalogue, find
from mmfinereason.collect.sources.columns import by_columns
from mmfinereason.collect.sources.conversations import by_conversation
from mmfinereason.collect.sources.exclusions import excluded
from mmfinereason.collect.sources.puzzles import by_drawing
from mmfinereason.collect.sources.values import at
from mmfinereason.collect.sources.vlmevalkit import map_vlmevalkit
from mmfinereason.errors import SourceError
from mmfinereason.recipe.sources import PUZZLES, HubSettings, PuzzleSettings, SourceSettings
from mmfinereason.schema import Domain, Reason

__all__ = ["SOURCES", "Draft", "Published", "Skip", "Source", "mapping", "pin", "source"]

SOURCES: dict[str, Source]
"""The known sources by name, read from the catalogue when first asked for."""


def __getattr__(name: str) -> Any:
    if name == "SOURCES":
        return catalogue()
    raise AttributeError(name)


def source(name: str) -> Source:
    """The known source of this name or alias. Raises SourceError with "did you mean" if there is none."""
    found = find(name)
    if found:
        return found
    known = {known.casefold(): known for known in [*catalogue(), PUZZLES]}
    near = get_close_matches(name.casefold(), known, n=1, cutoff=0.5)
    hint = f"; did you mean {known[near[0]]!r}?" if near else ""
    raise SourceError(f"unknown source {name!r}{hint}", f"known sources: {', '.join(known.values())}")


def mapping(settings: SourceSettings) -> Source:
    """The source these settings ask for: a known one, the puzzles, or own data.

    Its `map` applies everything that the settings and the paper say about single rows. Raises SourceError.
    """
    base = _base(settings)
    return replace(
        base,
        name=settings.name or base.name,
        domain=settings.domain or base.domain,
        licence=settings.licence or base.licence,
        map=_ruled(base.map, settings),
    )


def pin(settings: SourceSettings) -> SourceSettings:
    """The settings with everything said: where a known source lies on the hub, and at which commit.

    Call it once when the recipe is resolved, so that the saved recipe names exactly what was read. Raises SourceError.
    """
    if settings.use == PUZZLES:
        return settings
    if settings.path:
        names = list(source(settings.use).names) if settings.use else []
        return settings.model_copy(update={"files": settings.files or names})
    hub = settings.hub or _published_hub(source(settings.use or ""))
    return settings.model_copy(update={"hub": pinned(hub)})


def _published_hub(known: Source) -> HubSettings:
    if known.hub_id is None or known.unpack:
        first = f"download it from {known.homepage}" if known.hub_id is None else f"unpack {known.unpack}"
        raise SourceError(
            f"{known.name} cannot be read straight from the hub", f"{first}, and give the folder as `path`"
        )
    return HubSettings(id=known.hub_id, revision=known.revision, files=known.files)


def _base(settings: SourceSettings) -> Source:
    if settings.use == PUZZLES:
        drawing = by_drawing(settings.puzzles or PuzzleSettings())
        return Source(PUZZLES, Domain.PUZZLE, "Apache-2.0", drawing, confirmed="drawn here")
    if settings.use:
        return source(settings.use)
    own = Source(settings.name or "", settings.domain or Domain.GENERAL, "unknown", map_vlmevalkit)
    if settings.columns:
        return replace(own, map=by_columns(settings.columns))
    return own if settings.format == "vlmevalkit" else replace(own, map=by_conversation())


def _ruled(map_row: Map, settings: SourceSettings) -> Map:
    """A mapping with the settings' include and exclude rules before it and the paper's exclusions after it."""

    def map_ruled(row: RawRow) -> Drafts:
        outside = _left_out(row, settings)
        if outside:
            yield outside
            return
        for draft in map_row(row):
            if isinstance(draft, Skip):
                yield draft
                continue
            against = excluded(draft, row) if settings.paper_exclusions else None
            yield against or _in_place(draft, row, settings)

    return map_ruled


def _left_out(row: RawRow, settings: SourceSettings) -> Skip | None:
    for name, allowed in settings.include.items():
        if (value := at(row.values, name)) not in allowed:
            return Skip(Reason.NOT_INCLUDED, f"{name} is {value!r}")
    for name, refused in settings.exclude.items():
        if (value := at(row.values, name)) in refused:
            return Skip(Reason.NOT_INCLUDED, f"{name} is {value!r}")
    return None


def _in_place(draft: Draft, row: RawRow, settings: SourceSettings) -> Draft:
    """A draft as the settings want it; paths are looked up beside the file they stand in, and then from the root."""
    folder = row.origin.rpartition("#")[0].rpartition("/")[0]
    beside = folder and not settings.images
    images = tuple(Beside(image, folder) if beside and is_path(image) else image for image in draft.images)
    return replace(
        draft,
        images=images,
        source=None if settings.name else draft.source,
        fixed_answer=draft.fixed_answer and settings.fixed_answer,
        domain=settings.domain or draft.domain,
        licence=settings.licence or draft.licence,
    )
