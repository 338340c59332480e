"""What every stage is given: the run it writes to, the recipe, and whom to tell how it goes."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from mmfinereason.execute.progress import Progress, Silent
from mmfinereason.recipe import Recipe
from mmfinereason.schema import Stage
from mmfinereason.store import Run, Table


@dataclass(frozen=True)
class Context:
    """One start of one run."""

    run: Run
    recipe: Recipe
    progress: Progress = field(default_factory=Silent)
    only: range | None = None
    """The shards this process may work on (`--shards 0-99`); None: all of them."""

    def table(self, stage: Stage) -> Table:
        return self.run.table(stage)

    @property
    def workers(self) -> int:
        """Worker processes for CPU work; none where a run in memory could not be seen by them."""
        if not self.run.folder.shared:
            return 0
        wanted = self.recipe.execute.workers
        return wanted if wanted is not None else (os.cpu_count() or 1)

    def owed(self, table: Table, shards: Iterable[int]) -> list[int]:
        """The shards of `shards` that are this process's to do and not done yet."""
        done = set(table.shards())
        return [shard for shard in shards if shard not in done and (self.only is None or shard in self.only)]

    def redo_command(self, stage: Stage) -> str:
        """The command that forgets a stage and all that depends on it, and runs it anew."""
        return f"mmfr run RECIPE --redo {stage.command}   (redoes this stage and what depends on it, nothing else)"
