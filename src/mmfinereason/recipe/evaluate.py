"""Settings of `mmfr evaluate`: which models answer which benchmarks, how they sample, and who decides what is right.

The defaults are those of the paper's Table 10. They are stored with every result, so that a number can be had again.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from mmfinereason.recipe.base import Operational, Settings
from mmfinereason.recipe.models import RoleSettings, named
from mmfinereason.recipe.select import ToleranceSettings
from mmfinereason.recipe.sources import SourceSettings

Rule = Literal["each", "circular", "variants"]
Kind = Literal["value", "option", "letters", "yes_no", "chart"]

NAME = r"^[\w.+-]+$"
"""What may name a model or a benchmark: its folder is called so."""


class BenchmarkSettings(Settings):
    """One benchmark: one of the registry by name (`MMStar`), or a user's own with a `source`."""

    use: str | None = None
    """A benchmark of the registry (see docs/evaluating.md)."""
    path: str | None = None
    """Its file, where that does not lie in the folder `$LMUData` under the name VLMEvalKit gives it."""
    name: str | None = Field(default=None, pattern=NAME)
    """Name of the folder of its results; the registry's name unless set."""
    source: SourceSettings | None = None
    """A user's own benchmark: where the rows are and which columns hold what, as under `sources`."""
    labels: dict[str, str] = {}
    """By what accuracies are broken down, and the raw column of each: `{category: family}`. Own benchmarks only; a dot
    leads into nested values."""
    rule: Rule = "each"
    """How the items of an own benchmark make its score: `each` counts for itself; with `circular` a question counts if
    it is right in every rotation of its options; `variants` also gives the worst case over a question's variants."""
    kind: Kind | None = None
    """What is answered, where the options do not say it: `value`, `letters` (options drawn in the image), `yes_no`."""
    group: str | None = None
    """Column that says which items of an own benchmark are variants of one question."""
    limit: int | None = Field(default=None, ge=1)
    """Only the first so many questions."""

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if bool(self.use) == bool(self.source):
            raise ValueError("give either `use`, a benchmark of the registry, or `source`, a benchmark of your own")
        if self.use and (self.labels or self.group or self.kind or self.rule != "each"):
            raise ValueError("a benchmark of the registry has its own labels, group, kind and rule")
        if self.source and self.path:
            raise ValueError("an own benchmark says where it lies in `source`")
        if self.source and not (self.name or self.source.name or self.source.use):
            raise ValueError("an own benchmark needs a `name`")
        return self

    @property
    def called(self) -> str:
        """The name of its folder."""
        own = self.source and (self.source.name or self.source.use)
        return self.name or self.use or own or ""


class AboutModel(Settings):
    """What is known of a model; only drawn and printed, never needed."""

    parameters: float | None = Field(default=None, gt=0)
    """Parameters in billions."""
    samples: int | None = Field(default=None, ge=1)
    """Samples it was trained on."""


class EvaluateSettings(Settings):
    """`mmfr evaluate`: models times benchmarks."""

    benchmarks: list[BenchmarkSettings] = []
    """The benchmarks, by name or with settings."""
    models: dict[str, RoleSettings] = {}
    """Further models beside `models.student`, by the name of their folder. What a model's own settings leave null is
    taken from the sampling below."""
    about: dict[str, AboutModel] = {}
    """Size and training samples of models, by name; for the picture of `mmfr compare`."""
    folder: Annotated[str | None, Operational] = None
    """Where results go: a path or URL; the folder `evaluations` of the run unless set."""
    temperature: float | None = Field(default=0.0, ge=0, le=2)
    """Softmax temperature; 0 is greedy. Null is not sent, as for the next four."""
    top_p: float | None = Field(default=1.0, gt=0, le=1)
    """Nucleus sampling."""
    top_k: int | None = Field(default=-1, ge=-1)
    """Sample among the k likeliest tokens; -1 is all."""
    repetition_penalty: float | None = Field(default=1.05, gt=0)
    """Penalty on tokens that were already used. Some vendors refuse it and top_k: set both to null there."""
    max_tokens: int | None = Field(default=32_768, ge=1)
    """Most completion tokens, thoughts included."""
    min_pixels: int | None = Field(default=32 * 32, ge=1)
    """Images with fewer pixels are enlarged."""
    max_pixels: int | None = Field(default=2048 * 2048, ge=1)
    """Images with more pixels are scaled down."""
    judge: bool = True
    """Ask the recipe's judges for what the rules leave undecided."""
    dialect: Literal["ours", "compass"] = "compass"
    """The judges' convention: A/B/C as CompassVerifier answers, or EQUIVALENT/DIFFERENT."""
    tolerance: ToleranceSettings = ToleranceSettings()
    """When numbers agree, where a benchmark has no rule of its own."""
    draws: int = Field(default=2_000, ge=100)
    """Bootstrap draws behind each interval."""

    @field_validator("benchmarks", mode="before")
    @classmethod
    def _benchmarks_by_name(cls, benchmarks: object) -> object:
        if isinstance(benchmarks, str):
            benchmarks = [benchmarks]
        if isinstance(benchmarks, list):
            return [{"use": one} if isinstance(one, str) else one for one in benchmarks]
        return benchmarks

    @field_validator("models", mode="before")
    @classmethod
    def _lab_models_are_students(cls, models: object) -> object:
        return {name: named("student", one) for name, one in models.items()} if isinstance(models, dict) else models

    @model_validator(mode="after")
    def _names_are_folders(self) -> Self:
        names = [one.called for one in self.benchmarks]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two benchmarks are called {', '.join(twice)}: give one of them a `name`")
        if "student" in self.models:
            raise ValueError("`student` is models.student: give the other model another name")
        return self

    def sampled(self, role: RoleSettings) -> RoleSettings:
        """A model with the sampling above wherever its own settings say nothing."""
        shared = ("temperature", "top_p", "top_k", "repetition_penalty", "max_tokens", "min_pixels", "max_pixels")
        return role.model_copy(update={name: getattr(self, name) for name in shared if getattr(role, name) is None})
