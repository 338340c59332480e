"""The test items that must not be in the data, read like any source."""

from __future__ import annotations

from collections.abc import Iterator

from mmfinereason.collect.contamination import BenchmarkItem
from mmfinereason.collect.locate import locate
from mmfinereason.collect.readers import BadRow, RawRow, read, root_of
from mmfinereason.collect.sources import Draft, Source, mapping
from mmfinereason.collect.sources.base import OTHER_LAYOUT
from mmfinereason.errors import SourceError
from mmfinereason.recipe.sources import SourceSettings


def benchmark_items(settings: SourceSettings) -> Iterator[BenchmarkItem]:
    """Every item of one benchmark; an item whose image cannot be had is still compared by its question.

    Raises SourceError when the benchmark cannot be opened, or gives not one item: nothing would be kept out.
    """
    whole = settings.model_copy(update={"paper_exclusions": False})  # an item of two images is an item all the same
    source, root = mapping(whole), root_of(settings)
    empty = True
    for row in read(settings):
        for draft in _drafts(source, row):
            empty = False
            image = locate(draft.images[0], root=root, allow_urls=False) if draft.images else None
            data = image if isinstance(image, bytes) else None
            yield BenchmarkItem(source.name, draft.source_id or row.origin, draft.question, data)
    if empty:
        raise SourceError(
            f"the benchmark {source.name!r} gives no question to compare with",
            "check its `path`, `format` and `columns` under collect.benchmarks",
        )


def _drafts(source: Source, row: RawRow | BadRow) -> list[Draft]:
    """The items of one row; a row that cannot be read has nothing to compare with."""
    if isinstance(row, BadRow):
        return []
    try:
        return [draft for draft in source.map(row) if isinstance(draft, Draft)]
    except OTHER_LAYOUT:
        return []
