"""A grid of trainings on parts of a run's data: trained, evaluated, put together."""

from __future__ import annotations

from collections.abc import Sequence

from mmfinereason.ablate import Arm, Cell, arms, read_cells
from mmfinereason.ablate import ablate as ablate_run
from mmfinereason.api.jobs import Given, recipe_of
from mmfinereason.context import Context
from mmfinereason.execute import Progress, Silent
from mmfinereason.store import Run

__all__ = ["Arm", "Cell", "arms", "read_ablation", "run_ablation"]


def run_ablation(
    recipe: Given, *, only: Sequence[str] = (), redo: bool = False, progress: Progress | None = None
) -> list[Cell]:
    """Train and evaluate every cell of the recipe's grid that is not done, and draw the results.

    `only` leaves some cells (`data=hard`, `training=steps`, `seed=0`); `redo` makes those anew that were made with
    other settings. A cell that fails is returned as failed. Raises MmfrError where nothing can start.
    """
    settings = recipe_of(recipe)
    return ablate_run(Context(Run.open(settings.run_url), settings, progress or Silent()), only=only, redo=redo)


def read_ablation(run: str | Run) -> list[Cell]:
    """The cells of a run's ablation that were tried; `arms` puts them together over seeds."""
    return read_cells(run if isinstance(run, Run) else Run.open(run))
