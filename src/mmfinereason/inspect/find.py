"""Finds a row by what a person has at hand: its id, its id in the source, or the beginning of either."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mmfinereason.errors import MmfrError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

SHOWN = 8
"""Ids listed when one text stands for several rows."""

_ALL = "(SELECT id FROM samples UNION SELECT id FROM rejects WHERE id IS NOT NULL)"
_WAYS = (
    "id = $text",
    "ends_with(id, '/' || $text)",
    "starts_with(id, $text)",
    "contains(id, '/' || $text)",
)
"""From the surest to the vaguest; the first that finds anything counts."""


def find(connection: DuckDBPyConnection, text: str) -> str:
    """The id of the one row that `text` stands for, rejected rows included.

    Raises MmfrError when there is none, with the nearest ids, or when there are several.
    """
    for way in _WAYS:
        query = f"SELECT id FROM {_ALL} WHERE {way} ORDER BY id LIMIT {SHOWN + 1}"
        ids = [row[0] for row in connection.execute(query, {"text": text}).fetchall()]
        if len(ids) == 1:
            return str(ids[0])
        if ids:
            more = ", ..." if len(ids) > SHOWN else ""
            raise MmfrError(f"{text!r} stands for several rows: {', '.join(ids[:SHOWN])}{more}", "give more of the id")
    raise MmfrError(f"no row of this run has the id {text!r}", _nearest(connection, text))


def _nearest(connection: DuckDBPyConnection, text: str) -> str | None:
    query = f"""
        SELECT id FROM {_ALL}
        ORDER BY greatest(
            jaro_winkler_similarity(id, $text), jaro_winkler_similarity(regexp_extract(id, '[^/]*$'), $text)
        ) DESC, id LIMIT 3
    """
    ids = [row[0] for row in connection.execute(query, {"text": text}).fetchall()]
    return f"did you mean {' or '.join(ids)}?" if ids else None
