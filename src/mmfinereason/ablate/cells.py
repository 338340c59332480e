"""One cell and what came out of it: `cell.json`, written last, beside the items it was asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import orjson

from mmfinereason.ablate.grid import FOLDER, Key
from mmfinereason.evaluate import Result
from mmfinereason.evaluate.result import TABLE
from mmfinereason.evaluate.run import STUDENT
from mmfinereason.evaluate.score import Mark, Units, units
from mmfinereason.evaluate.statistics import Estimate
from mmfinereason.recipe.evaluate import Rule
from mmfinereason.store import Folder, Run
from mmfinereason.store.table import read_parquet

FILE = "cell.json"


@dataclass(frozen=True)
class Score:
    """A cell's accuracy on one benchmark."""

    accuracy: Estimate
    """With its interval over questions; of this one model."""
    items: int
    truncated: float
    """Share of replies that were cut off."""
    by: Mapping[str, Mapping[str, Estimate]]
    """`by["family"]["maze"]`."""
    rule: Rule = "each"
    simulated: bool = False
    """Whether a lab server played the model."""


@dataclass(frozen=True)
class Cell:
    """One model of the grid: a data variant, a training and a seed, and how that went."""

    data: str
    training: str
    seed: int
    folder: str
    """A run folder of its own: `train/`, `evaluations/`, `exports` linked in."""
    state: Literal["done", "failed"]
    error: str | None = None
    """Why it failed."""
    rows: int = 0
    """Rows trained on; for GSPO its prompts."""
    steps: int = 0
    """Optimizer steps."""
    train_seconds: float = 0.0
    evaluate_seconds: float = 0.0
    model: str | None = None
    """The checkpoint, below `folder`; the whole path for the model before training."""
    figures: Mapping[str, float] = field(default_factory=dict)
    """Of the training: `loss_first`, `loss_last`, `reward_last`, ..."""
    scores: Mapping[str, Score] = field(default_factory=dict)
    """By benchmark."""

    @property
    def key(self) -> Key:
        return Key(self.data, self.training, self.seed)

    @property
    def done(self) -> bool:
        return self.state == "done"

    @property
    def reason(self) -> str:
        """Why it failed, in one line."""
        return (self.error or "").partition("\n")[0].rstrip(":")

    def units(self, benchmark: str) -> Units:
        """Its questions on a benchmark: names, how many items of each are right, how many were asked."""
        folder = Folder(f"{self.folder}/evaluations/{STUDENT}/{benchmark}")
        rows = read_parquet(folder, TABLE, ["id", "question", "correct"]).to_pylist()
        marks = [Mark(row["id"], row["question"], row["correct"], {}) for row in rows]
        return units(marks, self.scores[benchmark].rule)


def score_of(result: Result) -> Score:
    """What a cell keeps of an evaluation."""
    return Score(result.score, result.items, result.truncated, result.by, result.rule, result.simulated)


def write(cell: Cell) -> None:
    """Keep a cell: from here on it is done, or known to have failed."""
    content = {name: value for name, value in asdict(cell).items() if name != "folder"}
    Folder(cell.folder).write(FILE, orjson.dumps(content, option=orjson.OPT_INDENT_2))


def read(run: Run, key: Key) -> Cell | None:
    """A cell that was tried to its end, well or not; None for one that was not."""
    path = f"{key.folder}/{FILE}"
    if not run.folder.exists(path):
        return None
    raw: dict[str, Any] = orjson.loads(run.folder.read(path))
    scores = {name: _score(one) for name, one in raw.pop("scores").items()}
    return Cell(**raw, folder=run.folder.path(key.folder), scores=scores)


def read_cells(run: Run) -> list[Cell]:
    """Every cell of a run's ablation that was tried, in the order of their names."""
    cells = [cell for key in _keys(run) if (cell := read(run, key))]
    return sorted(cells, key=lambda cell: cell.key)


def _keys(run: Run) -> Iterator[Key]:
    for data in run.folder.names(FOLDER):
        for training in run.folder.names(f"{FOLDER}/{data}"):
            for name in run.folder.names(f"{FOLDER}/{data}/{training}"):
                yield Key(data, training, int(name.removeprefix("seed-")))


def _score(raw: dict[str, Any]) -> Score:
    by = {label: {name: Estimate(**one) for name, one in values.items()} for label, values in raw["by"].items()}
    return Score(Estimate(**raw["accuracy"]), raw["items"], raw["truncated"], by, raw["rule"], raw["simulated"])
