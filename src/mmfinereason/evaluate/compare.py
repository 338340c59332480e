"""Models side by side: scores with intervals, and each model's paired difference to the first.

A difference is taken over the questions that both models were asked, drawn in pairs; the exact sign test looks at the
questions that only one of them got right (or got more variants of right).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import orjson

from mmfinereason.errors import MmfrError, StoreError
from mmfinereason.evaluate import published
from mmfinereason.evaluate.result import FILE, TABLE, Result, load
from mmfinereason.evaluate.score import Mark, Units, units
from mmfinereason.evaluate.statistics import Estimate, difference, sign_test
from mmfinereason.store import Folder
from mmfinereason.store.table import read_parquet

DRAWS = 2_000


@dataclass(frozen=True, slots=True)
class Model:
    """A model of the comparison: its results and their folders, by benchmark."""

    name: str
    results: dict[str, Result]
    folders: dict[str, Folder]

    @property
    def parameters(self) -> float | None:
        return next((one.about.parameters for one in self.results.values() if one.about.parameters), None)

    @property
    def samples(self) -> int | None:
        return next((one.about.samples for one in self.results.values() if one.about.samples), None)


@dataclass(frozen=True, slots=True)
class Paired:
    """One model against the baseline on one benchmark; `better` and `worse` count questions."""

    benchmark: str
    model: str
    difference: Estimate
    better: int
    worse: int
    p: float
    """Of the exact two-sided sign test."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that a comparison shows."""

    models: tuple[Model, ...]
    benchmarks: tuple[str, ...]
    reference: tuple[str, ...]
    """Columns of the paper's Table 3."""
    paired: tuple[Paired, ...]
    remarks: tuple[str, ...]

    @property
    def shared(self) -> tuple[str, ...]:
        """Benchmarks that every model has."""
        return tuple(one for one in self.benchmarks if all(one in model.results for model in self.models))

    def paper_row(self, benchmark: str) -> str | None:
        """The row of Table 3 that a benchmark is."""
        return next((model.results[benchmark].paper for model in self.models if benchmark in model.results), None)

    @property
    def averaged(self) -> tuple[str, ...]:
        """Benchmarks that averages are over: those that every column has, published columns included if they can."""
        of_paper = tuple(name for name in self.shared if self.paper_row(name) in published.TABLE_3)
        return (of_paper if self.reference else ()) or self.shared

    def average(self, model: Model) -> float | None:
        """Mean accuracy over `averaged`, in %."""
        scores = [100 * model.results[name].score.value for name in self.averaged]
        return float(np.mean(scores)) if scores else None

    def published_average(self, column: str) -> float | None:
        """The same of a published column."""
        scores = [score for name in self.averaged if (score := published.score(column, self.paper_row(name)))]
        return float(np.mean(scores)) if scores else None


def compare(paths: Sequence[str], reference: str = "all") -> Comparison:
    """Compare the results in folders `RUN/evaluations/MODEL`, or `NAME=FOLDER`; the first is the baseline.

    Raises StoreError for a folder without results, MmfrError for a column that Table 3 does not have.
    """
    models = _named([_read(path) for path in paths])
    names = list(dict.fromkeys(name for model in models for name in model.results))
    order = {row: i for i, row in enumerate(published.TABLE_3)}
    rows = {name: next(model.results[name].paper for model in models if name in model.results) for name in names}
    names.sort(key=lambda name: order.get(rows[name] or "", len(order)))
    columns = _columns(reference) if any(row in order for row in rows.values()) else ()
    base, remarks = models[0], _warnings(models)
    paired = [
        pair
        for name in names
        for model in models[1:]
        if name in base.results and name in model.results
        if (pair := _paired(base, model, name, remarks)) is not None
    ]
    return Comparison(tuple(models), tuple(names), columns, tuple(paired), tuple(dict.fromkeys(remarks)))


def _warnings(models: Sequence[Model]) -> list[str]:
    """What a reader must know of single results."""
    results = [(model.name, one) for model in models for one in model.results.values()]
    simulated = list(dict.fromkeys(name for name, one in results if one.simulated))
    said = [f"simulated replies, so the numbers mean nothing: {', '.join(simulated)}"] if simulated else []
    said += [f"{one.benchmark}: {name} lacks {one.owed} replies" for name, one in results if not one.complete]
    return said + [
        f"{one.benchmark}: {one.overlap.items} items are in the training run of {name}"
        for name, one in results
        if one.overlap and one.overlap.items
    ]


def _columns(reference: str) -> tuple[str, ...]:
    if reference == "none":
        return ()
    wanted = published.MODELS if reference == "all" else tuple(name.strip() for name in reference.split(","))
    if strange := [name for name in wanted if name not in published.MODELS]:
        raise MmfrError(f"Table 3 has no column {', '.join(strange)}", f"it has {', '.join(published.MODELS)}")
    return wanted


def _read(path: str) -> Model:
    """The results below one model's folder."""
    name, equals, url = path.partition("=")
    folder = Folder(url if equals else path)
    own = name if equals else folder.url.rsplit("/", 1)[-1]
    folders = {one: Folder(f"{folder.url}/{one}") for one in folder.names() if folder.exists(f"{one}/{FILE}")}
    if not folders:
        raise StoreError(f"{folder.url} holds no results", "name a folder such as runs/NAME/evaluations/student")
    return Model(own, {one: load(at) for one, at in folders.items()}, folders)


def _named(models: list[Model]) -> list[Model]:
    """Models of one name are told apart by their runs."""
    names = [model.name for model in models]
    told = [model if names.count(model.name) == 1 else _by_run(model) for model in models]
    if len({model.name for model in told}) < len(told):
        raise MmfrError("two of the folders have the same name", "tell them apart: NAME=FOLDER")
    return told


def _by_run(model: Model) -> Model:
    parts = next(iter(model.folders.values())).url.split("/")
    return Model(f"{parts[-4]}/{model.name}" if len(parts) > 3 else model.name, model.results, model.folders)


def _paired(base: Model, model: Model, benchmark: str, remarks: list[str]) -> Paired | None:
    first, second = base.results[benchmark], model.results[benchmark]
    one, other = _units(base, benchmark), _units(model, benchmark)
    common = [name for name in one.names if name in set(other.names)]
    if not common:
        remarks.append(f"{benchmark}: {base.name} and {model.name} were asked no question in common")
        return None
    if first.items_sha256 != second.items_sha256:
        remarks.append(f"{benchmark}: {base.name} and {model.name} were not asked the same items; {len(common)} shared")
    remarks += _unlike(benchmark, base, model)
    left, right = _aligned(one, common), _aligned(other, common)
    base_share, share = left.right / left.asked, right.right / right.asked
    better, worse = int((share > base_share).sum()), int((share < base_share).sum())
    estimate = difference(base_share, share, np.ones(len(common)), draws=DRAWS, seed=first.settings["seed"])
    return Paired(benchmark, model.name, estimate, better, worse, sign_test(better, worse))


def _unlike(benchmark: str, base: Model, model: Model) -> list[str]:
    """Settings other than the model's name in which two results differ."""
    first, second = base.results[benchmark].settings, model.results[benchmark].settings
    said = []
    for key in ("temperature", "top_p", "top_k", "repetition_penalty", "max_tokens", "min_pixels", "max_pixels"):
        one, other = first["model"].get(key), second["model"].get(key)
        if one != other:
            said.append(f"{benchmark}: {base.name} has {key} {one}, {model.name} has {other}")
    keys = [key for key in ("prompt", "verifier") if first[key] != second[key]]
    return said + [f"{benchmark}: {base.name} and {model.name} differ in their {key}" for key in keys]


def _units(model: Model, benchmark: str) -> Units:
    table = read_parquet(model.folders[benchmark], TABLE, ["id", "question", "correct", "labels"])
    marks = [Mark(row["id"], row["question"], row["correct"], orjson.loads(row["labels"])) for row in table.to_pylist()]
    return units(marks, model.results[benchmark].rule)


def _aligned(found: Units, names: Sequence[str]) -> Units:
    place = {name: i for i, name in enumerate(found.names)}
    rows = [place[name] for name in names]
    return Units(tuple(names), found.right[rows], found.asked[rows])
