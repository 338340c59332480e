"""The benchmarks that are known by name: files, item counts, columns and rules, as data in `benchmarks.yaml`.

The rules are the benchmarks' own. MathVerse: the same problem in several versions, reported by version (arXiv
2403.14624). DynaMath: ten variants a question, average and worst case, floats within 0.001 (arXiv 2411.00836). MMBench:
right only when right in all rotations (arXiv 2307.06281). CharXiv: reasoning and descriptive parts, where "Not
Applicable" is an answer (arXiv 2406.18521). VisuLogic and LogicVista: options in the image, letters alone count (arXiv
2504.15279, 2407.04973). MMMU: the validation split; items with several images are left out and counted (arXiv
2311.16502).
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path

import yaml
from pydantic import Field

from mmfinereason.errors import RecipeError, SourceError
from mmfinereason.recipe.base import Settings
from mmfinereason.recipe.evaluate import Kind, Rule

LMU_DATA = "LMUData"
"""The environment variable of that name, in VLMEvalKit's spelling."""


class Known(Settings):
    """One benchmark of the registry; the fields are explained at the head of `benchmarks.yaml`."""

    file: str
    url: str
    cite: str
    paper: str | None = None
    items: int | None = None
    kind: Kind | None = None
    rule: Rule = "each"
    question: list[str] = Field(default=["question"])
    asked: str | None = None
    group: str | None = None
    variant: str | None = None
    rubric: str | None = None
    float_within: float | None = None
    labels: dict[str, str] = Field(default={})
    names: dict[str, dict[str, str]] = Field(default={})
    keep: dict[str, str] = Field(default={})


@cache
def known() -> dict[str, Known]:
    """The registry by name."""
    text = files(__package__).joinpath("benchmarks.yaml").read_text(encoding="utf-8")
    return {name: Known.model_validate(facts) for name, facts in yaml.safe_load(text).items()}


def find(name: str) -> Known:
    """A benchmark by its name or by that of its file. Raises RecipeError with "did you mean"."""
    every = {alias.casefold(): one for key, one in known().items() for alias in (key, one.file.removesuffix(".tsv"))}
    if name.casefold() in every:
        return every[name.casefold()]
    near = get_close_matches(name.casefold(), every, n=1, cutoff=0.5)
    hint = f"; did you mean {next(key for key in known() if every[near[0]] is known()[key])!r}?" if near else ""
    raise RecipeError([f"no benchmark {name!r}{hint}"], f"known are {', '.join(known())}; or give your own `source`")


def locate(benchmark: Known, path: str | None) -> Path:
    """The file of a benchmark. Raises SourceError that says where to get it and where to put it."""
    file = Path(path) if path else lmu_data() / benchmark.file
    if file.is_dir():
        file = file / benchmark.file
    if file.is_file():
        return file
    raise SourceError(
        f"the benchmark file {benchmark.file} is not at {file}",
        f"download {benchmark.url} and put it there, or say in LMUData or `path` where it is",
    )


def lmu_data() -> Path:
    """The folder that VLMEvalKit reads and writes: `$LMUData`, else `LMUData` in the home folder."""
    return Path(os.environ.get(LMU_DATA, "~/LMUData")).expanduser()
