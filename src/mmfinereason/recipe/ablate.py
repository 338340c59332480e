"""Settings of `mmfr ablate`: named data variants times named training settings times seeds, trained and evaluated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Field, ValidationError, field_validator, model_validator

from mmfinereason.recipe.base import Operational, Settings
from mmfinereason.recipe.evaluate import NAME
from mmfinereason.recipe.train import RlSettings, SftSettings

Name = Annotated[str, Field(pattern=NAME)]

UNTRAINED = "untrained"
"""How the row of the model that nothing was taught is called."""


class DataVariant(Settings):
    """What one model is trained on: a subset of the run, and what is changed about it."""

    subset: str
    """A subset of `select.subsets`; its rule and its draw hold, but for what follows."""
    samples: Annotated[int, Field(ge=1)] | str | None = None
    """Draw so many rows uniformly, instead of the subset's own draw; the name of a subset means as many as it has. A
    larger number contains the rows of a smaller."""
    only: list[str] = []
    """Rows of these sources alone."""
    without: list[str] = []
    """No rows of these sources."""
    prompts: list[str] = []
    """Only rows whose trace was written with one of these prompts: `distill`, or `distill@1a2b3c4d`."""
    caption: bool = False
    """The caption before the thoughts (`export.variant: caption`); else as the recipe exports."""
    min_pixels: int | None = Field(default=None, ge=1)
    """Smallest image: smaller ones are enlarged, in training and in evaluation; else as the recipe says."""
    max_pixels: int | None = Field(default=None, ge=1)
    """Largest image, in training and in evaluation; else as the recipe says."""

    @model_validator(mode="after")
    def _not_both(self) -> Self:
        if both := sorted(set(self.only) & set(self.without)):
            raise ValueError(f"{', '.join(both)} cannot be both alone and left out")
        return self


class TrainingVariant(Settings):
    """How a model is trained: what differs from the recipe's `train.sft`, or from `train.rl`."""

    sft: dict[str, Any] | None = None
    """Settings of `train.sft` with other values: `{epochs: 1}`."""
    rl: dict[str, Any] | None = None
    """Settings of `train.rl` with other values; the training is GSPO then."""
    after: str | None = None
    """GSPO starts from the model of this training, of the same data and seed."""
    subset: str | None = None
    """The rows of GSPO: a subset of `export.rl_subsets`; unless set, `train.rl.subset`, or the only one there is."""

    @field_validator("sft")
    @classmethod
    def _known_to_sft(cls, values: dict[str, Any] | None) -> dict[str, Any] | None:
        return values if values is None else _checked(SftSettings, values)

    @field_validator("rl")
    @classmethod
    def _known_to_rl(cls, values: dict[str, Any] | None) -> dict[str, Any] | None:
        return values if values is None else _checked(RlSettings, values)

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if self.sft is not None and self.rl is not None:
            raise ValueError("give either `sft` or `rl`; GSPO starts from another training by `after`")
        if self.rl is not None and self.after is None and "model" not in self.rl:
            raise ValueError("a GSPO training needs `after`, the training whose model it starts from, or `rl.model`")
        if self.rl is None and (self.after or self.subset):
            raise ValueError("`after` and `subset` are for GSPO: give `rl` as well, `{}` for the recipe's settings")
        if self.after and "model" in (self.rl or {}):
            raise ValueError("a GSPO training starts either from `after` or from `rl.model`")
        return self

    @property
    def reinforces(self) -> bool:
        """Whether it is GSPO."""
        return self.rl is not None


class Product(Settings):
    """A part of the grid: all its data variants with all its trainings and seeds. What is left out is all there is."""

    data: list[str] | None = None
    """Data variants by name."""
    training: list[str] | None = None
    """Training settings by name."""
    seeds: list[int] | None = None
    """Seeds of the training."""


class AblateSettings(Settings):
    """`mmfr ablate`: a grid of data x training x seeds, each cell trained and evaluated on `evaluate.benchmarks`."""

    data: dict[Name, DataVariant] = {}
    """Data variants, over the finished tables of the recipe's run. A subset's name alone stands for that subset."""
    training: dict[Name, TrainingVariant] = {"sft": TrainingVariant()}
    """Training settings."""
    seeds: list[int] = Field(default=[0], min_length=1)
    """Seeds of the training. The rows and the evaluation's items are the same for all of them."""
    grid: list[Product] | None = None
    """The cells: the union of such products; unless set, everything with everything."""
    baseline: str | None = None
    """The data variant that differences are taken to; the first one unless set."""
    backend: Literal["trl", "llamafactory"] = "trl"
    """Who trains: TRL on this machine, or LLaMA-Factory for SFT and veRL for GSPO."""
    untrained: bool = True
    """Also evaluate `train.sft.model` as it is, where it is a folder on this machine."""
    serve: Annotated[str | None, Operational] = None
    """A command that serves a trained model over the OpenAI protocol, with `{model}` and `{port}`:
    `vllm serve {model} --port {port}`; unless set, what `mmfr serve --model` does."""
    workers: Annotated[int, Operational, Field(ge=0)] = 1
    """Cells at a time, each in a process that lives for many cells; 0 works in this process."""
    keep: Annotated[Literal["models", "none"], Operational] = "models"
    """Whether the models of finished cells are kept."""

    @field_validator("data", mode="before")
    @classmethod
    def _subset_by_name(cls, data: object) -> object:
        return (
            {k: {"subset": v} if isinstance(v, str) else v for k, v in data.items()} if isinstance(data, dict) else data
        )

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        if UNTRAINED in {*self.data, *self.training}:
            raise ValueError(f"`{UNTRAINED}` is the model before training: choose another name")
        for name, training in self.training.items():
            after = self.training.get(training.after) if training.after else None
            if training.after and (after is None or after.reinforces):
                fine_tuned = [one for one, how in self.training.items() if not how.reinforces]
                raise ValueError(f"training `{name}`: no `sft` training `{training.after}`; {_there(fine_tuned)}")
        for product in self.grid or []:
            _refuse_unknown("data variant", product.data or [], self.data)
            _refuse_unknown("training", product.training or [], self.training)
        if self.baseline is not None:
            _refuse_unknown("data variant", [self.baseline], self.data)
        return self

    @property
    def compared_to(self) -> str | None:
        """The baseline."""
        return self.baseline or next(iter(self.data), None)


def _checked(settings: type[SftSettings] | type[RlSettings], values: dict[str, Any]) -> dict[str, Any]:
    """Values that such settings can have. Raises ValueError with every problem."""
    try:
        settings.model_validate(values)
    except ValidationError as error:
        raise ValueError(
            "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        ) from error
    return values


def _refuse_unknown(what: str, names: list[str], known: Mapping[str, object]) -> None:
    if strange := [name for name in names if name not in known]:
        raise ValueError(f"no {what} `{', '.join(strange)}`; {_there(known)}")


def _there(names: Iterable[str]) -> str:
    return f"there is {', '.join(names) or 'none'}"
