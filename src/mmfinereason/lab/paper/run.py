"""The whole way: the recipe is written, run, ablated, reinforced from the best cell, and looked at.

Every part is an ordinary command's own work and resumes as that command does.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mmfinereason import pipeline
from mmfinereason.ablate import Arm, Cell, ablate, arms
from mmfinereason.api.scores import evaluate_models
from mmfinereason.context import Context
from mmfinereason.errors import TrainError
from mmfinereason.evaluate import Result
from mmfinereason.execute import Progress, Silent
from mmfinereason.lab.paper import claims, memory
from mmfinereason.lab.paper.findings import Evidence, Finding
from mmfinereason.lab.paper.page import Story, write_page
from mmfinereason.lab.paper.recipe import BASELINE, Place, write_recipe
from mmfinereason.lab.paper.scale import SCALES, Size
from mmfinereason.lab.tiny.curriculum import NAMES
from mmfinereason.recipe.ablate import UNTRAINED
from mmfinereason.train.local.checkpoint import require

BOOKS = "paper-books.json"


@dataclass(frozen=True, slots=True)
class Reenactment:
    """What a re-enactment leaves."""

    page: str
    findings: list[Finding]
    arms: list[Arm]


def reenact(
    folder: Path,
    size: Size = "default",
    *,
    models: Path | None = None,
    workers: int = 2,
    seed: int = 0,
    progress: Progress | None = None,
) -> Reenactment:
    """Run the paper in `folder` from where it stopped, and write its page.

    Raises TrainError without the extra `train` or without models, and whatever the stages raise.
    """
    require("trl", "datasets", "accelerate", "peft")
    place, scale, shown = Place(folder, models and _complete(models)), SCALES[size], progress or Silent()
    books = _Books(folder / BOOKS)
    write_recipe(place, scale, seed=seed, workers=workers)
    context = pipeline.prepare(pipeline.check(place.recipe), progress=shown)
    with books.of("data"):
        pipeline.run_all(context)
    with books.of("teacher and prober"):
        results = evaluate_models(context.recipe, only=("teacher", "prober"), progress=shown)
    with books.of("students"):
        cells = ablate(context)
    best = best_of(cells)
    write_recipe(place, scale, seed=seed, workers=workers, best=best)
    context = pipeline.prepare(pipeline.check(place.recipe), progress=shown)
    with books.of("reinforcement"):
        cells = ablate(context)
    return _told(context, cells, results, best, books, size)


def _complete(models: Path) -> Path:
    missing = [name for name in NAMES if not (models / name / "model.safetensors").is_file()]
    if missing:
        raise TrainError(f"{models} lacks the models {', '.join(missing)}", f"mmfr lab train-teacher {models}")
    return models


def best_of(cells: Sequence[Cell]) -> tuple[str, str] | None:
    """Data and training of the arm with the highest accuracy; None where every cell has failed."""
    scored = [arm for arm in arms(cells) if arm.score and arm.data != UNTRAINED]
    best = max(scored, key=lambda arm: arm.score.value if arm.score else 0.0, default=None)
    return (best.data, best.training) if best else None


def _told(
    context: Context,
    cells: list[Cell],
    results: list[Result],
    best: tuple[str, str] | None,
    books: _Books,
    size: Size,
) -> Reenactment:
    every = arms(cells, BASELINE)
    found = claims.findings(Evidence.of(every), best)
    story = Story(every, found, results, best, books.seconds, size, books.peak_gb)
    return Reenactment(write_page(context, story), found, every)


@dataclass
class _Books:
    """How long each part took and how much memory it took at its worst, over all starts."""

    path: Path

    @property
    def seconds(self) -> dict[str, float]:
        return {part: float(one["seconds"]) for part, one in self._known().items()}

    @property
    def peak_gb(self) -> float | None:
        """All processes together; None where it could not be read."""
        peaks = [one["peak_bytes"] for one in self._known().values() if one["peak_bytes"]]
        return max(peaks) / 1e9 if peaks else None

    @contextmanager
    def of(self, part: str) -> Iterator[None]:
        started = time.monotonic()
        with memory.watched() as peak:
            try:
                yield
            finally:
                self._add(part, time.monotonic() - started, peak)

    def _known(self) -> dict[str, dict[str, float]]:
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def _add(self, part: str, seconds: float, peak: memory.Peak) -> None:
        known = self._known()
        before = known.get(part, {"seconds": 0.0, "peak_bytes": 0})
        largest = max(int(before["peak_bytes"]), peak.bytes or 0)
        known[part] = {"seconds": round(before["seconds"] + seconds, 1), "peak_bytes": largest}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(known, indent=2))
