"""Benchmarks from files: the readers and mappings of `collect` on one side, the items of `evaluate` on the other.

It stands beside `pipeline.py` because stages do not import each other. A benchmark of the registry is read from the
file VLMEvalKit uses; an own one from anything that `sources` can read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import orjson

from mmfinereason.collect.locate import locate
from mmfinereason.collect.readers import BadRow, RawRow, read, root_of
from mmfinereason.collect.sources import Draft, Skip, mapping, pin
from mmfinereason.evaluate import registry
from mmfinereason.evaluate.items import Benchmark, Item, LeftOut
from mmfinereason.evaluate.rows import item_of, labels
from mmfinereason.recipe.evaluate import BenchmarkSettings
from mmfinereason.recipe.sources import SourceSettings

USUAL_LABELS = {"category": "category", "ability": "l2-category"}
"""What an own benchmark is broken down by when it says nothing, as far as it has such columns."""


def open_benchmark(settings: BenchmarkSettings) -> Benchmark:
    """The benchmark that a recipe asks for.

    Raises SourceError when its file is missing (the message says where to get it and where to put it), RecipeError for
    a name that is not in the registry.
    """
    return _known(settings) if settings.use else _own(settings)


def _known(settings: BenchmarkSettings) -> Benchmark:
    known = registry.find(settings.use or "")
    file = registry.locate(known, settings.path)
    source = SourceSettings(name=settings.called, path=str(file), format="vlmevalkit", paper_exclusions=False)

    def items() -> Iterator[Item | LeftOut]:
        for row in read(source):
            if isinstance(row, BadRow):
                yield LeftOut(row.origin, "unreadable", row.detail)
            elif (item := _from_row(known, row)) is not None:
                yield item

    return Benchmark(
        name=settings.called,
        rule=known.rule,
        read=items,
        where=str(file),
        expected=known.items,
        paper=known.paper,
        limit=settings.limit,
    )


def _from_row(known: registry.Known, row: RawRow) -> Item | LeftOut | None:
    item = item_of(known, row.values, b"")
    if not isinstance(item, Item):
        return item
    return _pictured(item, _cells(row.values.get("image")), None)


def _own(settings: BenchmarkSettings) -> Benchmark:
    assert settings.source
    source = pin(settings.source.model_copy(update={"name": settings.called, "paper_exclusions": False}))
    map_row, root = mapping(source).map, root_of(source)

    def items() -> Iterator[Item | LeftOut]:
        for row in read(source):
            if isinstance(row, BadRow):
                yield LeftOut(row.origin, "unreadable", row.detail)
                continue
            for draft in map_row(row):
                if isinstance(draft, Skip):
                    yield LeftOut(draft.source_id or row.origin, "unreadable", draft.detail)
                else:
                    yield _from_draft(settings, draft, row, root)

    return Benchmark(
        name=settings.called,
        rule=settings.rule,
        read=items,
        where=source.path or (source.hub.id if source.hub else settings.called),
        rotations_made=settings.rule == "circular" and settings.group is None,
        limit=settings.limit,
    )


def _from_draft(settings: BenchmarkSettings, draft: Draft, row: RawRow, root: str | None) -> Item | LeftOut:
    id = draft.source_id or row.origin
    reference = draft.answer or draft.original_answer
    if not reference:
        return LeftOut(id, "no_answer", "no reference answer")
    values: dict[str, Any] = {**row.values, **draft.extra}
    item = Item(
        id=id,
        question=draft.question,
        reference=reference,
        image=b"",
        options=draft.options,
        listed=bool(draft.options),
        kind=settings.kind or ("option" if draft.options else "value"),
        group=labels(values, {"group": settings.group}).get("group", "") if settings.group else "",
        labels=labels(values, settings.labels or USUAL_LABELS),
        extra=orjson.dumps(draft.extra, default=str).decode(),
    )
    return _pictured(item, list(draft.images), root)


def _pictured(item: Item, references: list[Any], root: str | None) -> Item | LeftOut:
    """The item with its one image."""
    if len(references) > 1:
        return LeftOut(item.id, "multi_image", f"{len(references)} images")
    image = locate(references[0] if references else None, root=root)
    if not isinstance(image, bytes):
        return LeftOut(item.id, "no_image", image.detail)
    return replace(item, image=image)


def _cells(cell: Any) -> list[Any]:
    """The images of a VLMEvalKit row: several stand in one cell as a written list."""
    if isinstance(cell, str) and cell.startswith("["):
        return list(orjson.loads(cell.replace("'", '"')))
    return [cell] if cell else []
