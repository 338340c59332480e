"""The test items that must not be in the data, read like any source."""

from __future__ import annotations

from collections.abc import Iterator

from mmfinereason.collect.contamination import BenchmarkItem
from mmfinereason.collect.locate import locate
from mmfinereason.collect.readers import RawRow, read, root_of
from mmfinereason.collect.sources import Draft, mapping
from mmfinereason.recipe.sources import SourceSettings


def benchmark_items(settings: SourceSettings) -> Iterator[BenchmarkItem]:
    """Every item of one benchmark; an item whose image cannot be had is still compared by its question.

    Raises SourceError when the benchmark cannot be opened.
    """
    source, root = mapping(settings), root_of(settings)
    for row in read(settings):
        if not isinstance(row, RawRow):
            continue  # an unreadable line of a benchmark has nothing to compare with
        for draft in source.map(row):
            if isinstance(draft, Draft):
                image = locate(draft.images[0], root=root, allow_urls=False) if draft.images else None
                data = image if isinstance(image, bytes) else None
                yield BenchmarkItem(source.name, draft.source_id or row.origin, draft.question, data)
