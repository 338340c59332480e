"""Finds a row by what a person has at hand: its id, its id in the source, or the beginning of either."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from mmfinereason.errors import MmfrError
from mmfinereason.schema import Stage
from mmfinereason.store import Run

SHOWN = 8
"""Ids listed when one text stands for several rows."""


@dataclass(frozen=True, slots=True)
class Place:
    """A row, and the shard that all tables hold it in."""

    id: str
    shard: int


def find(run: Run, text: str) -> Place:
    """The one row that `text` stands for, rows rejected by collect included.

    Raises MmfrError when there is none, with the nearest ids, or when there are several.
    """
    found: list[dict[str, Place]] = [{} for _ in _WAYS]
    for shard, ids in _ids(run):
        for way, places in zip(_WAYS, found, strict=True):
            if len(places) <= SHOWN:
                hits = ids.filter(way(ids, text)).slice(0, SHOWN + 1)
                places.update({id: Place(id, shard) for id in hits.to_pylist()})
    surest = next((places for places in found if places), {})
    if len(surest) == 1:
        return next(iter(surest.values()))
    if surest:
        shown = ", ".join(sorted(surest)[:SHOWN]) + (", ..." if len(surest) > SHOWN else "")
        raise MmfrError(f"{text!r} stands for several rows: {shown}", "give more of the id")
    raise MmfrError(f"no row of this run has the id {text!r}", _nearest(run, text))


def _ids(run: Run) -> Iterator[tuple[int, pa.Array]]:
    """The ids of every shard, those that collect rejected too."""
    table = run.table(Stage.COLLECT)
    for shard in table.shards():
        yield shard, table.read(shard, ["id"])["id"].combine_chunks()
        rejected = table.stats(shard).rejects
        if rejected:
            yield shard, table.rejects(shard)["id"].drop_null().combine_chunks()


_WAYS: tuple[Callable[[pa.Array, str], pa.Array], ...] = (
    lambda ids, text: pc.equal(ids, text),
    lambda ids, text: pc.ends_with(ids, f"/{text}"),
    lambda ids, text: pc.starts_with(ids, text),
    lambda ids, text: pc.match_substring(ids, f"/{text}"),
)
"""From the surest to the vaguest; the first that finds anything in the run counts."""


def _nearest(run: Run, text: str) -> str | None:
    import duckdb

    parts = [ids for _, ids in _ids(run)]
    if not parts:
        return None
    with duckdb.connect() as connection:
        connection.register("ids", pa.table({"id": pa.chunked_array(parts, pa.string())}))
        rows = connection.execute(_NEAREST, {"text": text}).fetchall()
    return f"did you mean {' or '.join(row[0] for row in rows)}?" if rows else None


_NEAREST = """
SELECT id FROM (SELECT DISTINCT id FROM ids)
ORDER BY greatest(
    jaro_winkler_similarity(id, $text), jaro_winkler_similarity(regexp_extract(id, '[^/]*$'), $text)
) DESC, id LIMIT 3
"""
