"""What the cleaner model said about a shard's rows, kept beside the staged shard until the rows are settled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import pyarrow as pa

from mmfinereason.collect.gather import STAGED
from mmfinereason.store import Folder, write_parquet
from mmfinereason.store.table import read_parquet, shard_name

_SCHEMA = pa.schema(
    [
        ("row", pa.int32()),
        ("question", pa.string()),
        ("answer", pa.string()),
        ("edits", pa.list_(pa.string())),
        ("reason", pa.string()),
        ("detail", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Change:
    """A model's word on one row of a staged shard."""

    row: int
    """Position in the staged shard."""
    question: str | None = None
    """The cleaned question, where it changed."""
    answer: str | None = None
    """The extracted short answer, where one was found."""
    edits: tuple[str, ...] = ()
    """Names of the edits, such as `cleaner:translation`."""
    reason: str | None = None
    """A Reason value when the row must leave."""
    detail: str = ""


def path(shard: int) -> str:
    return f"{STAGED}/consulted/{shard_name(shard)}"


def write(folder: Folder, shard: int, changes: Sequence[Change]) -> None:
    write_parquet(folder, path(shard), pa.Table.from_pylist([asdict(one) for one in changes], schema=_SCHEMA))


def read(folder: Folder, shard: int) -> list[Change]:
    """The changes of a shard; none where no model was asked."""
    if not folder.exists(path(shard)):
        return []
    return [Change(**{**row, "edits": tuple(row["edits"])}) for row in read_parquet(folder, path(shard)).to_pylist()]
