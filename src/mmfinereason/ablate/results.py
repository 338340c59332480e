"""What an ablation leaves to be looked at: `results.csv`, `summary.csv`, `summary.md` and the figures."""

from __future__ import annotations

from collections.abc import Sequence

from mmfinereason.ablate import tables
from mmfinereason.ablate.arms import Arm, arms
from mmfinereason.ablate.cells import Cell
from mmfinereason.ablate.figures import Ablation, figures
from mmfinereason.recipe import Recipe
from mmfinereason.store import Run

FOLDER = "ablate"


def ablation_of(recipe: Recipe, cells: Sequence[Cell]) -> Ablation:
    """Cells put together as the figures show them."""
    settings = recipe.ablate
    found = arms(cells, settings.compared_to)
    return Ablation(found, settings.data, settings.compared_to, recipe.export.tokens.max_pixels)


def write(run: Run, recipe: Recipe, cells: Sequence[Cell]) -> list[Arm]:
    """Write tables and figures into `RUN/ablate`, over older ones; returns the arms they show."""
    ablation = ablation_of(recipe, cells)
    files = {
        "results.csv": tables.results(cells).csv() + "\n",
        "summary.csv": tables.figures(ablation.arms).csv() + "\n",
        "summary.md": tables.summary(ablation.arms, ablation.baseline).markdown() + "\n",
    }
    for name, text in files.items():
        run.folder.write(f"{FOLDER}/{name}", text.encode())
    run.folder.remove(f"{FOLDER}/figures")
    for one in figures(ablation):
        run.folder.write(f"{FOLDER}/figures/{one.name}.svg", one.svg)
        run.folder.write(f"{FOLDER}/figures/{one.name}.png", one.png)
    return list(ablation.arms)
