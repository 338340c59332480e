"""Which files of a run a training reads: the export of one subset, checked to be what the recipe thinks it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from mmfinereason.errors import TrainError
from mmfinereason.models.asked import made_with
from mmfinereason.recipe import Recipe
from mmfinereason.recipe.export import Format
from mmfinereason.store import Run


@dataclass(frozen=True, slots=True)
class TrainData:
    """The exported rows of one subset."""

    subset: str
    rows: int
    files: tuple[str, ...]
    """Below the run folder."""


def sft_data(run: Run, recipe: Recipe, format: Format) -> TrainData:
    """The rows of `train.sft.subset`, or of the only SFT subset there is. Raises TrainError."""
    return _data(run, recipe, format, recipe.train.sft.subset, rl=False)


def rl_data(run: Run, recipe: Recipe, format: Format) -> TrainData:
    """The rows of `train.rl.subset`, or of the only RL subset there is. Raises TrainError."""
    return _data(run, recipe, format, recipe.train.rl.subset, rl=True)


def _data(run: Run, recipe: Recipe, format: Format, subset: str | None, *, rl: bool) -> TrainData:
    folder = f"exports/{format}"
    if not run.folder.exists(f"{folder}/export.json"):
        raise TrainError(f"the run has no {format} export", f"add {format} to export.formats, then mmfr export RECIPE")
    export = orjson.loads(run.folder.read(f"{folder}/export.json"))
    _same_rows(export.get("made_with", {}), recipe)
    there = {name: count for name, count in export["rows"].items() if (name in recipe.export.rl_subsets) == rl}
    chosen = subset or (next(iter(there)) if len(there) == 1 else None)
    section = "train.rl.subset" if rl else "train.sft.subset"
    if chosen is None and there:
        raise TrainError(f"the {format} export has several subsets", f"set {section} to one of {', '.join(there)}")
    if chosen is None or chosen not in there:
        named = f"no subset {chosen!r}" if chosen else f"no subset for {'RL' if rl else 'SFT'}"
        raise TrainError(f"the {format} export has {named}; it has {', '.join(export['rows']) or 'none'}", _hint(rl))
    if not there[chosen]:
        raise TrainError(f"subset {chosen!r} of the {format} export has no rows", "see left_out.csv beside it")
    files = tuple(path for path in export["files"] if f"/{chosen}/" in path or path.endswith(f"/{chosen}.json"))
    return TrainData(chosen, there[chosen], files)


def _hint(rl: bool) -> str:
    return "name it in select.subsets" + (" and export.rl_subsets" if rl else "") + ", then mmfr run RECIPE"


def _same_rows(made: Mapping[str, Any], recipe: Recipe) -> None:
    """Rows were counted and left out by the limits the export was made with; a trainer with others would cut them.
    A model trained on another prompt or target than the recipe says would be evaluated as what it is not."""
    for name, wanted in made_with(recipe.export).items():
        if made.get(name) != wanted:
            raise TrainError(f"the exports were made with another export.{name}", "mmfr export RECIPE writes them anew")
