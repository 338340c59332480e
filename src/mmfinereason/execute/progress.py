"""What a running stage tells the outside. The library stays silent; the command line draws it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from mmfinereason.store.manifest import ShardStats


class Progress(Protocol):
    """Receives the events of a run. Every method returns at once."""

    def begin(self, stage: str, *, shards: int | None, rows: int | None, done: ShardStats) -> None:
        """A stage starts; `done` are the books of what earlier starts already finished. None: not known yet."""

    def shard(self, stats: ShardStats) -> None:
        """A shard is in place."""

    def live(self, figures: Mapping[str, str]) -> None:
        """Figures for the live screen: requests in flight, tokens, cost, retries."""

    def say(self, line: str) -> None:
        """A sentence worth reading now, such as an endpoint that went down."""

    def end(self, stage: str) -> None:
        """The stage is complete."""


class Silent:
    """No progress at all: the default of the library."""

    def begin(self, stage: str, *, shards: int | None, rows: int | None, done: ShardStats) -> None:
        pass

    def shard(self, stats: ShardStats) -> None:
        pass

    def live(self, figures: Mapping[str, str]) -> None:
        pass

    def say(self, line: str) -> None:
        pass

    def end(self, stage: str) -> None:
        pass
