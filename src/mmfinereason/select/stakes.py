"""Whether another rollout could still matter: lets the prober stop as soon as a row's subsets are decided.

For every row, all subset rules are evaluated beforehand at every count of correct and wrong answers that the rollouts
can end with. A row is decided once all ends that are still in reach make the same rules true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mmfinereason.errors import RecipeError
from mmfinereason.recipe.rules import COLUMNS, check_rule
from mmfinereason.recipe.select import SelectSettings
from mmfinereason.schema import Stage
from mmfinereason.select.features import features
from mmfinereason.select.wilson import wilson
from mmfinereason.store import Run

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COUNTED = ("pass_rate", "pass_low", "pass_high", "correct", "wrong")
_MARKS = ("reference_suspect", "image_not_needed")
"""Known only at the end: a row counts as decided when it is so whether a mark is set or not."""


@dataclass(frozen=True)
class Stakes:
    """Of a shard's rows, which rules match at which end."""

    rollouts: int
    ends: tuple[tuple[int, int], ...]
    """(correct, wrong) of every end."""
    rows: dict[str, int]
    matches: npt.NDArray[np.int64]
    """Rows x marks x ends: one bit a rule."""

    def decided(self, id: str, correct: int, wrong: int, asked: int) -> bool:
        """Whether the rollouts that are left cannot change which rules the row matches."""
        left = self.rollouts - asked
        reach = [
            index
            for (right, false), index in self._index.items()
            if right >= correct and false >= wrong and right + false <= correct + wrong + left
        ]
        ahead = self.matches[self.rows[id]][:, reach]
        return bool(np.all(ahead == ahead[:, :1]))

    @cached_property
    def _index(self) -> dict[tuple[int, int], int]:
        return {end: index for index, end in enumerate(self.ends)}


def check(settings: SelectSettings) -> None:
    """Raise RecipeError when a rule asks for what only all rollouts together can tell."""
    known = {*_COUNTED, *_MARKS}
    for subset in settings.subsets:
        used = sorted(name for name in check_rule(subset.rule).columns if COLUMNS[name].stage is Stage.PROBE)
        if others := [name for name in used if name not in known]:
            raise RecipeError(
                [f"probe.stop_early does not go with subset `{subset.name}`, whose rule uses {', '.join(others)}"],
                "set probe.stop_early to false, or leave these columns out of the rule",
            )


def stakes(run: Run, shard: int, settings: SelectSettings, rollouts: int, stages: Sequence[Stage]) -> Stakes:
    """The stakes of one shard's rows."""
    import duckdb

    used = {name for subset in settings.subsets for name in check_rule(subset.rule).columns} | set(_COUNTED)
    ends = tuple((right, wrong) for right in range(rollouts + 1) for wrong in range(rollouts + 1 - right))
    with duckdb.connect() as connection:
        features(connection, run, [shard], used, stages)
        connection.register("ends", _ends(ends))
        return _evaluate(connection, settings, rollouts, ends)


def _evaluate(
    connection: DuckDBPyConnection, settings: SelectSettings, rollouts: int, ends: tuple[tuple[int, int], ...]
) -> Stakes:
    bits = " + ".join(
        f"CASE WHEN (\n{subset.rule}\n) THEN {1 << index} ELSE 0 END" for index, subset in enumerate(settings.subsets)
    )
    replaced = ", ".join(f"ends.{name} AS {name}" for name in (*_COUNTED, *_MARKS))
    ids = [row[0] for row in connection.execute("SELECT id FROM features").fetchall()]
    query = f"""
        SELECT CAST({bits} AS BIGINT) AS bits FROM (
            SELECT features.* REPLACE ({replaced}), features.rowid AS place, ends.position AS position
            FROM features CROSS JOIN ends
        ) ORDER BY place, position
    """
    matches = connection.sql(query).to_arrow_table()["bits"].to_numpy()
    shape = (len(ids), len(ends), 4)
    by_mark = matches.reshape(shape).transpose(0, 2, 1)
    return Stakes(rollouts, ends, {id: index for index, id in enumerate(ids)}, by_mark)


def _ends(ends: Sequence[tuple[int, int]]) -> pa.Table:
    """Every end with each setting of the marks, as the columns that rules see."""
    rows: list[dict[str, float | None]] = []
    for right, wrong in ends:
        low, high = wilson(right, right + wrong) if right + wrong else (None, None)
        rate = right / (right + wrong) if right + wrong else None
        counted = {"pass_rate": rate, "pass_low": low, "pass_high": high, "correct": right, "wrong": wrong}
        for suspect in (False, True):
            for blind in (False, True):
                marks = {"reference_suspect": suspect, "image_not_needed": blind}
                rows.append({"position": len(rows), **counted, **marks})
    types = [(name, pa.int32() if name in ("correct", "wrong") else pa.float64()) for name in _COUNTED]
    return pa.Table.from_pylist(
        rows, schema=pa.schema([("position", pa.int32()), *types, *((name, pa.bool_()) for name in _MARKS)])
    )
