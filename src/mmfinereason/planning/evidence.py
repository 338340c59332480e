"""What finished shards say of a stage: for each row, what it asked of each role.

Every paid request stands in a journal with its tokens, its time, and, by the running tally, its role and tries. Tables
tell which row a request belongs to; requests that no table names (a caption's first try, a judge's reply) are spread
over the rows by chance. Rows that a stage never saw count as zeros, so the mean over rows holds the whole funnel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from mmfinereason.models.session import JOURNALS
from mmfinereason.planning.load import DRAWS, Load
from mmfinereason.schema import Stage
from mmfinereason.store import Run

ENOUGH = 2000
"""Rows after which no further shard is read."""
_SEEN, _REQUESTS, _PROMPT, _COMPLETION, _BUSY = range(5)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Observed rows of one stage: an array (rows, 5) for each role, of what the row asked of it."""

    stage: Stage
    rows: int
    by_role: dict[str, NDArray[np.float64]]
    images: int
    """Distinct images among the rows."""

    def with_lost(self, rows: int) -> Evidence:
        """The same with rows that were lost before this stage, and asked nothing of it."""
        padded = {role: np.vstack([table, np.zeros((rows, 5))]) for role, table in self.by_role.items()}
        return replace(self, rows=self.rows + rows, by_role=padded)

    def loads(self, total: float, *, seed: int = 0) -> list[Load]:
        """Scaled to a run of `total` rows; intervals from resampling the observed rows."""
        dice = np.random.default_rng(seed)
        picks = [np.arange(self.rows), *(dice.integers(0, self.rows, self.rows) for _ in range(DRAWS))]
        found = []
        for role, table in self.by_role.items():
            means = np.array([table[pick].mean(axis=0) for pick in picks]) * total
            seen, requests, prompt, completion, busy = means.T
            found.append(Load(self.stage, role, seen, requests, prompt, completion, busy if busy.any() else None))
        return found


@dataclass(frozen=True, slots=True)
class _Spent:
    """One journalled outcome: the role that was asked, and what it took."""

    key: str
    role: str
    amounts: tuple[float, float, float, float]  # requests, prompt and completion tokens, seconds


def evidence(run: Run, stage: Stage, roles: Sequence[str]) -> Evidence | None:
    """What a run's finished shards say of a stage; None when there are none."""
    shards = _enough(run, stage)
    if not shards:
        return None
    samples = [row for shard in shards for row in _ids(run, shard)]
    if stage is Stage.COLLECT:
        books = [run.table(stage).stats(shard) for shard in shards]
        samples += [("", "")] * sum(sum(one.rejects.values()) for one in books)
    place = {id: number for number, (id, _) in enumerate(samples)}
    owners = {key: place[id] for shard in shards for id, key in _keys(run, stage, shard) if id in place}
    spent = list(_journalled(run, stage, shards))
    if not samples:
        return None
    by_role = _by_role(spent, owners, len(samples), [*roles, *(one.role for one in spent)])
    seen = [place[id] for shard in shards for id in _seen(run, stage, shard) if id in place]
    for role, table in by_role.items():
        asked = table[:, _REQUESTS] > 0
        table[asked if role.partition("-")[0] in ("judge", "cleaner") else seen, _SEEN] = 1
    return Evidence(stage, len(samples), by_role, len({image for _, image in samples}))


def _by_role(
    spent: Sequence[_Spent], owners: dict[str, int], rows: int, roles: Sequence[str]
) -> dict[str, NDArray[np.float64]]:
    dice = np.random.default_rng(0)
    tables = {role: np.zeros((rows, 5)) for role in dict.fromkeys(roles)}
    for one in spent:
        row = owners.get(one.key)
        tables[one.role][int(dice.integers(rows)) if row is None else row, _REQUESTS:] += one.amounts
    return tables


def _enough(run: Run, stage: Stage) -> list[int]:
    """The first shards that together have rows enough; of collect all, whose journals are cut otherwise."""
    table, found, rows = run.table(stage), [], 0
    for shard in table.shards():
        if rows < ENOUGH or stage is Stage.COLLECT:
            found.append(shard)
            rows += run.table(Stage.COLLECT).stats(shard).rows
    return found


def _ids(run: Run, shard: int) -> list[tuple[str, str]]:
    columns = run.table(Stage.COLLECT).read(shard, ["id", "image_sha256"]).to_pylist()
    return [(row["id"], row["image_sha256"]) for row in columns]


def _keys(run: Run, stage: Stage, shard: int) -> Iterator[tuple[str, str]]:
    """Row ids and the keys of their requests, as far as the stage's table has them."""
    table = run.table(stage)
    if stage in (Stage.DISTILL, Stage.CAPTION):
        for row in table.read(shard, ["id", "request_key"]).to_pylist():
            yield row["id"], row["request_key"]
    elif stage is Stage.PROBE:
        for row in table.read(shard, ["id", "rollouts"]).to_pylist():
            yield from ((row["id"], one["request_key"]) for one in row["rollouts"] or ())


def _seen(run: Run, stage: Stage, shard: int) -> list[str]:
    """Ids of the rows that the stage asked about."""
    if stage is Stage.PROBE:
        rows = run.table(stage).read(shard, ["id", "rollouts"]).to_pylist()
        return [row["id"] for row in rows if row["rollouts"]]
    return [id for id, _ in _ids(run, shard)]


def _journalled(run: Run, stage: Stage, shards: Sequence[int]) -> Iterator[_Spent]:
    folder = f"{stage.value}/{JOURNALS}"
    wanted = {f"part-{shard:05d}.jsonl" for shard in shards}
    for name in run.folder.names(folder):
        if name not in wanted and stage is not Stage.COLLECT:
            continue
        before: dict[str, float] = {}
        for line in _lines(run, f"{folder}/{name}"):
            entry = orjson.loads(line)
            yield from _spent(entry, before)
            before = entry["tally"]


def _lines(run: Run, path: str) -> Iterator[bytes]:
    """Whole lines of a journal; in an object store it is a folder of segments."""
    paths = [path] if run.folder.local else [f"{path}/{name}" for name in run.folder.names(path)]
    for one in paths:
        yield from run.folder.read(one).split(b"\n")[:-1]


def _spent(entry: dict[str, Any], before: dict[str, float]) -> Iterator[_Spent]:
    """What a line adds to its journal's tally. A reply that another journal paid for adds nothing."""
    body = entry["body"]
    for name, after in entry["tally"].items():
        role, _, unit = name.rpartition(".")
        tries = after - before.get(name, 0)
        if unit == "requests" and tries > 0:
            tokens = entry["tally"].get(f"{role}.tokens", 0) - before.get(f"{role}.tokens", 0)
            completion = min(tokens, body.get("completion_tokens", 0) or 0)
            yield _Spent(entry["key"], role, (tries, tokens - completion, completion, body.get("latency", 0.0) or 0.0))
