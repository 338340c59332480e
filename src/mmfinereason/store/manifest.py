"""What a table was made from and what came out: the basis of resuming and of refusing changed settings.

`stage.json` is written when a stage starts and holds its settings and the fingerprints of the tables it reads;
`manifest.json` is written last and adds the counts. A table without a manifest is unfinished, whatever it holds.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from mmfinereason.schema import SCHEMA_VERSION


@dataclass(frozen=True, slots=True)
class Plan:
    """The settings of a stage that decide its result, and the fingerprints of the tables it reads."""

    stage: str
    settings: dict[str, Any]
    upstream: dict[str, str] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything above, 16 hex digits."""
        return hashlib.sha256(orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]

    def to_json(self) -> bytes:
        return orjson.dumps(
            asdict(self) | {"fingerprint": self.fingerprint}, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS
        )

    @classmethod
    def from_json(cls, data: bytes) -> Plan:
        values = orjson.loads(data)
        return cls(values["stage"], values["settings"], values["upstream"], values["schema_version"])


@dataclass(frozen=True, slots=True)
class ShardStats:
    """The books of one shard."""

    rows: int
    rejects: dict[str, int]
    """Rejected rows by reason."""
    seconds: float
    figures: dict[str, float] = field(default_factory=dict)
    """Further sums a stage keeps, such as tokens and cost."""

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, data: bytes) -> ShardStats:
        return cls(**orjson.loads(data))


@dataclass(frozen=True, slots=True)
class Manifest:
    """The books of a finished table."""

    stage: str
    fingerprint: str
    shards: int
    rows: int
    rejects: dict[str, int]
    seconds: float
    """Work time, summed over workers."""
    figures: dict[str, float]
    finished: str
    """UTC, ISO 8601."""

    def to_json(self) -> bytes:
        return orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        return cls(**orjson.loads(data))


def total(stats: list[ShardStats]) -> ShardStats:
    """The books of several shards as one."""
    rejects: Counter[str] = Counter()
    figures: Counter[str] = Counter()
    for one in stats:
        rejects.update(one.rejects)
        for name, value in one.figures.items():
            figures[name] += value  # type: ignore[assignment]  # a Counter adds floats as well
    return ShardStats(
        rows=sum(one.rows for one in stats),
        rejects=dict(sorted(rejects.items())),
        seconds=sum(one.seconds for one in stats),
        figures=dict(sorted(figures.items())),
    )


def changed_keys(old: Mapping[str, Any], new: Mapping[str, Any], prefix: str = "") -> list[str]:
    """Dotted names of the settings that differ, each with its old and new value."""
    changes = []
    for key in sorted(old.keys() | new.keys()):
        before, after = _by_name(old.get(key)), _by_name(new.get(key))
        if before == after:
            continue
        name = f"{prefix}{key}"
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            changes += changed_keys(before, after, f"{name}.")
        else:
            changes.append(f"{name} ({_short(before)} → {_short(after)})")
    return changes


def _by_name(value: Any) -> Any:
    """A list of named settings, such as subsets, by their names, so that only those that changed are told."""
    named = isinstance(value, list) and value and all(isinstance(one, Mapping) and one.get("name") for one in value)
    return {one["name"]: one for one in value} if named else value


def _short(value: Any) -> str:
    text = orjson.dumps(value).decode()
    return text if len(text) <= 40 else text[:37] + "..."
