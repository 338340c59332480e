"""The recipe of a re-enactment: one file, filled in and left in the folder for every other command to take."""

from __future__ import annotations

import shutil
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from string import Template

from mmfinereason.lab.paper.scale import Scale
from mmfinereason.lab.puzzles import SMALL
from mmfinereason.lab.tiny.curriculum import BASE, PROBER, TEACHER
from mmfinereason.lab.tiny.shipped import folder_of
from mmfinereason.recipe.lab import BUILT_IN

FILE = "paper.yaml"
BASELINE, STEPS, BREADTH = "full", "steps", "short"
"""Names in the recipe: all rows, the training of equal steps, and that of single sub-datasets."""

ALONE = {f"only-{family.removeprefix('small_')}": f"puzzles-{family}" for family in SMALL}
"""Data variants of one sub-dataset alone, and its source."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a re-enactment lives."""

    folder: Path
    models: Path | None = None
    """Folder of the tiny models; None for those of the package, which are named, so that the recipe is no machine's."""

    def model(self, name: str) -> str:
        """How the recipe names a model."""
        return f"{BUILT_IN}{name}" if self.models is None else str(self.models / name)

    @property
    def recipe(self) -> Path:
        return self.folder / FILE


def write_recipe(place: Place, scale: Scale, *, seed: int, workers: int, best: tuple[str, str] | None = None) -> Path:
    """Write the recipe and its prompts; with the `best` (data, training) of its grid, GSPO from there is part of it."""
    prompts = place.folder / "prompts"
    prompts.mkdir(parents=True, exist_ok=True)
    for file in (resources.files(__package__) / "prompts").iterdir():
        (prompts / file.name).write_text(file.read_text())
    shutil.copyfile(folder_of(place.model(BASE)) / "tokenizer.json", place.folder / "tokenizer.json")
    values = {
        **asdict(scale),
        "recipe": place.recipe,
        "run": place.folder,
        "tokenizer": place.folder / "tokenizer.json",
        "base": place.model(BASE),
        "prober": place.model(PROBER),
        "teacher": place.model(TEACHER),
        "prompts": prompts,
        "seed": seed,
        "seeds": list(range(scale.seeds)),
        "workers": workers,
        "prompts_a_generation": scale.prompts,
        "alone_data": "\n".join(f"    {name}: {{subset: full, only: [{one}]}}" for name, one in ALONE.items()),
        "alone_names": "".join(f", {name}" for name in ALONE),
        "best_training": "" if best is None else f"    rl: {{after: {best[1]}, rl: {{steps: {scale.generations}}}}}\n",
        "best_grid": "" if best is None else f"    - {{data: [{best[0]}], training: [rl]}}\n",
    }
    template = Template((resources.files(__package__) / "recipe.yaml").read_text())
    place.recipe.write_text(template.substitute(values))
    return place.recipe
