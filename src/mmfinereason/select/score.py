"""Puts the subset rules to every row: which it matches, its tickets for the draws, and why it matches none.

Why a row is out is found by asking what would have let it in. A row without a trace has none to export. A row is out as
`inconsistent` only if some rule could match it with a consistent trace, as `reference_suspect` only if some rule could
match it with a sound reference; a row that no such change would help is out because no rule matched.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from mmfinereason.errors import RecipeError
from mmfinereason.recipe.rules import COLUMNS, check_rule
from mmfinereason.recipe.select import SelectSettings, SubsetSettings
from mmfinereason.schema import Reason, Stage
from mmfinereason.select.features import features
from mmfinereason.store import Run

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BATCH_ROWS = 100_000
"""Rows scored at a time: about 100 MB of features."""


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows in the order of the samples, scored."""

    shards: npt.NDArray[np.int32]
    out: pa.Table
    """`id`; `reason` and `detail`, null where a rule matched."""
    matches: npt.NDArray[np.bool_]
    """Rows x subsets: the rule matches and the row has a trace."""
    draws: pa.Table
    """For subset number N, if it draws: `ticket_N` and `group_N` (what the draw goes by)."""


def needed_stages(settings: SelectSettings) -> frozenset[Stage]:
    """The stages whose tables the rules and draws read, beside those that select always reads."""
    stages = {stage for subset in settings.subsets for stage in check_rule(subset.rule).stages}
    stages |= {COLUMNS[subset.by].stage for subset in settings.subsets if subset.draw in ("stratified", "balanced")}
    return frozenset(stages)


def score(run: Run, settings: SelectSettings, seed: int, stages: Sequence[Stage]) -> Iterator[Scored]:
    """Score the whole run in batches of whole shards. Raises RecipeError when a rule fails on a value."""
    import duckdb

    samples = run.table(Stage.COLLECT)
    with duckdb.connect() as connection:
        connection.execute(f"SET memory_limit = '{settings.memory}'")
        for shards in _batches([(shard, samples.stats(shard).rows) for shard in samples.shards()]):
            features(connection, run, shards, _columns(settings), stages)
            yield _score(connection, settings.subsets, seed)


def _batches(sizes: Sequence[tuple[int, int]]) -> Iterator[list[int]]:
    batch: list[int] = []
    rows = 0
    for shard, size in sizes:
        if batch and rows + size > BATCH_ROWS:
            yield batch
            batch, rows = [], 0
        batch.append(shard)
        rows += size
    if batch:
        yield batch


def _columns(settings: SelectSettings) -> list[str]:
    used = {name for subset in settings.subsets for name in check_rule(subset.rule).columns}
    used |= {subset.by for subset in settings.subsets if subset.draw in ("stratified", "balanced")}
    used |= {"tokens" for subset in settings.subsets if subset.draw == "token_budget"}
    return sorted(used)


def _score(connection: DuckDBPyConnection, subsets: Sequence[SubsetSettings], seed: int) -> Scored:
    from duckdb import Error

    try:
        table = connection.sql(_query(subsets), params=_ticket_keys(subsets, seed)).to_arrow_table()
    except Error as error:
        message = f"a subset rule fails on a value: {str(error).splitlines()[0]}"
        raise RecipeError([message], "use TRY_CAST in place of CAST, or test the value first") from error
    matches = np.column_stack([table[f"match_{index}"].to_numpy() for index in range(len(subsets))])
    drawn = [name for name in table.column_names if name.startswith(("ticket_", "group_"))]
    out = table.select(["id", "reason", "detail"])
    return Scored(table["shard"].to_numpy(), out, matches, table.select(drawn))


def _ticket_keys(subsets: Sequence[SubsetSettings], seed: int) -> list[str]:
    return [f"{seed}/{subset.name}/" for subset in subsets if subset.draw != "all"]


def _query(subsets: Sequence[SubsetSettings]) -> str:
    matches = ", ".join(
        f"has_trace AND coalesce((\n{subset.rule}\n), false) AS match_{index}" for index, subset in enumerate(subsets)
    )
    used = dict.fromkeys(name for subset in subsets for name in sorted(check_rule(subset.rule).columns))
    scalars = [name for name in used if not COLUMNS[name].type.endswith("[]") and COLUMNS[name].type != "JSON"]
    values = ", ".join(f"'{name} = ' || coalesce(CAST(\"{name}\" AS VARCHAR), 'null')" for name in scalars)
    any_match = " OR ".join(f"match_{index}" for index in range(len(subsets))) or "false"
    return _SCORE.format(
        matches=matches,
        draws="".join(_draw_columns(index, subset) for index, subset in enumerate(subsets)),
        match_names=", ".join(f"match_{index}" for index in range(len(subsets))),
        draw_names="".join(f", {name}" for index, one in enumerate(subsets) for name in _draw_names(index, one)),
        any_match=any_match,
        could=" OR ".join(f"coalesce((\n{subset.rule}\n), true)" for subset in subsets) or "false",
        values=f"concat_ws(', ', {values})" if values else "''",
    )


def _draw_names(index: int, subset: SubsetSettings) -> list[str]:
    if subset.draw == "all":
        return []
    return [f"ticket_{index}", f"group_{index}"]


def _draw_columns(index: int, subset: SubsetSettings) -> str:
    if subset.draw == "all":
        return ""
    group = {"token_budget": "tokens", "uniform": "NULL"}.get(subset.draw, subset.by)
    return f", md5_number_lower(? || id) AS ticket_{index}, {group} AS group_{index}"


_SCORE = f"""
WITH matched AS (SELECT *, {{matches}}{{draws}} FROM features),
as_consistent AS (
    SELECT {{could}} AS could_match FROM (SELECT * REPLACE (true AS is_consistent, 'equal' AS outcome) FROM features)
),
as_sound AS (SELECT {{could}} AS could_match FROM (SELECT * REPLACE (false AS reference_suspect) FROM features)),
as_seen AS (SELECT {{could}} AS could_match FROM (SELECT * REPLACE (false AS image_not_needed) FROM features)),
reasoned AS (
    SELECT matched.*, CASE
        WHEN NOT has_trace THEN '{Reason.NO_TRACE}'
        WHEN {{any_match}} THEN NULL
        WHEN outcome = 'undecided' AND as_consistent.could_match THEN '{Reason.UNDECIDED}'
        WHEN is_consistent IS NOT TRUE AND as_consistent.could_match THEN '{Reason.INCONSISTENT}'
        WHEN reference_suspect AND as_sound.could_match THEN '{Reason.REFERENCE_SUSPECT}'
        WHEN image_not_needed AND as_seen.could_match THEN '{Reason.IMAGE_NOT_NEEDED}'
        ELSE '{Reason.NO_RULE_MATCHED}'
    END AS reason
    FROM matched POSITIONAL JOIN as_consistent POSITIONAL JOIN as_sound POSITIONAL JOIN as_seen
)
SELECT shard, id, {{match_names}}{{draw_names}}, reason, CASE reason
    WHEN '{Reason.NO_TRACE}' THEN coalesce(attempts, 'none was asked for')
    WHEN '{Reason.UNDECIDED}' THEN verdict
    WHEN '{Reason.INCONSISTENT}' THEN verdict
    WHEN '{Reason.REFERENCE_SUSPECT}' THEN evidence
    WHEN '{Reason.IMAGE_NOT_NEEDED}' THEN 'blind pass rate ' || blind_rate
    WHEN '{Reason.NO_RULE_MATCHED}' THEN {{values}}
END AS detail
FROM reasoned
"""
