"""Settings of verify, probe and select: what counts as right, how difficulty is measured, and which subsets there are.

The ready-made subsets are those of the paper (section 3.3); in a recipe each is one word:
`subsets: [full, 1.8M, 586K, 123K, rl, {name: sft, rule: is_consistent, disjoint_from: [rl]}]`.
"""

from __future__ import annotations

import difflib
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from mmfinereason.answers.verdict import Tolerance
from mmfinereason.recipe.base import Operational, Settings
from mmfinereason.recipe.rules import check_rule

Draw = Literal["all", "uniform", "stratified", "balanced", "token_budget"]


class ToleranceSettings(Settings):
    """How far two numbers may lie apart and still be the same answer; all are relative but the last."""

    relative: float = Field(default=0.0, ge=0, le=0.5)
    """Numbers this near are equal whatever their precision; 0 is off. Charts are often graded at 0.05."""
    rounding: float = Field(default=0.01, ge=0, le=0.5)
    """The largest difference that rounding to the written digits may explain."""
    doubt: float = Field(default=0.05, ge=0, le=0.5)
    """A difference up to here that rounding would explain is left undecided rather than called different."""
    digits: int = Field(default=3, ge=1, le=12)
    """Significant digits a rounded answer must show when the reference is exact."""

    def to_tolerance(self) -> Tolerance:
        """The same for the rules."""
        return Tolerance(**self.model_dump())


class VerifySettings(Settings):
    """The verify stage: does a trace's answer agree with the reference?"""

    undecided: Literal["judge", "published", "leave"] = "judge"
    """Who decides what the rules leave undecided: the judge models, where the recipe has any; the verdict that the
    source was published with, where the answer is still that of the published trace; or nobody."""
    dialect: Literal["ours", "compass"] = "ours"
    """The judge's convention: EQUIVALENT/DIFFERENT, or A/B/C as CompassVerifier answers."""
    prefer: Literal["shortest", "longest", "first"] = "shortest"
    """Which of several candidates stands for the row, among those with the best verdict."""
    tolerance: ToleranceSettings = ToleranceSettings()
    """When numbers agree; also used for rollouts."""


class ProbeSettings(Settings):
    """The probe stage: how often does a small model get the row right?"""

    rollouts: int = Field(default=4, ge=1, le=64)
    """Answers asked for each row."""
    only_consistent: bool = True
    """Probe only rows whose trace is consistent. The paper probed all; so must who wants label errors found by the gold
    audit, which compares rollouts where teacher and reference differ."""
    take: Literal["rollouts", "published"] = "rollouts"
    """`published` takes the pass rate the source came with and asks no model."""
    stop_early: bool = False
    """Stop asking as soon as no further rollout could change which subset rules a row matches."""
    blind: int = Field(default=0, ge=0, le=64)
    """Rollouts without the image, to find rows that do not need it; 0 is off."""
    blind_pass_rate: float = Field(default=0.75, gt=0, le=1)
    """From this blind pass rate on, a row is marked `image_not_needed`."""
    judge: bool = True
    """Whether the judge models decide rollouts that the rules leave undecided."""

    @property
    def asks(self) -> bool:
        """Whether a model is asked at all."""
        return self.take == "rollouts" or self.blind > 0


class SubsetSettings(Settings):
    """A named part of the dataset."""

    name: str = Field(min_length=1, pattern=r"^[\w.-]+$")
    """As it stands in exports and reports."""
    rule: str = "true"
    """A boolean SQL expression over the stage tables' columns; `docs/selecting.md` lists them."""
    draw: Draw = "all"
    """`all` that match; `uniform`; `stratified`: shares of `by` as among the matching rows; `balanced`: equal numbers
    of each `by`; `token_budget`: uniform until `tokens` are used up."""
    by: Literal["source", "domain", "category"] = "source"
    """What `stratified` and `balanced` go by."""
    size: int | None = Field(default=None, ge=1)
    """Rows to draw; fewer where fewer match."""
    share: float | None = Field(default=None, gt=0, le=1)
    """Rows to draw, as a share of those that match."""
    tokens: int | None = Field(default=None, ge=1)
    """The token budget: tokens of traces in all."""
    disjoint_from: list[str] = []
    """Subsets, named earlier in the list, that share no row with this one."""

    @field_validator("rule")
    @classmethod
    def _usable(cls, rule: str) -> str:
        if problems := check_rule(rule).problems:
            raise ValueError("; ".join(problems))
        return rule

    @model_validator(mode="after")
    def _size_fits_draw(self) -> Self:
        given = [name for name in ("size", "share", "tokens") if getattr(self, name) is not None]
        if self.draw == "all" and given:
            raise ValueError(f"draw: all takes every row; leave out {', '.join(given)} or choose another draw")
        if self.draw == "token_budget" and given != ["tokens"]:
            raise ValueError("draw: token_budget takes `tokens` and nothing else")
        if self.draw in ("uniform", "stratified", "balanced") and given not in (["size"], ["share"]):
            raise ValueError(f"draw: {self.draw} takes either `size` or `share`")
        return self


def _ready(name: str, **settings: Any) -> SubsetSettings:
    """A subset of our own: made without validation, which would load DuckDB at import. A test validates them."""
    return SubsetSettings.model_construct(name=name, **settings)


PRESETS: dict[str, SubsetSettings] = {
    one.name: one
    for one in (
        _ready("full"),
        _ready("1.8M", rule="is_consistent"),
        _ready("586K", rule="is_consistent AND pass_rate <> 1"),
        _ready("123K", rule="is_consistent AND pass_rate = 0 AND reference_suspect IS NOT TRUE"),
        _ready("band", rule="is_consistent AND pass_rate > 0 AND pass_rate < 1"),
        _ready("rl", rule="is_consistent", draw="uniform", size=40_000),
        _ready("sft", rule="is_consistent", disjoint_from=["rl"]),
    )
}
"""Subsets known by name: the paper's, and `band`, where reinforcement learning has something to gain."""


def _preset(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if value not in PRESETS:
        close = difflib.get_close_matches(value, PRESETS, n=1)
        hint = f"did you mean `{close[0]}`?" if close else f"ready-made are {', '.join(PRESETS)}"
        raise ValueError(f"no ready-made subset `{value}`: {hint}")
    return PRESETS[value]


Subset = Annotated[SubsetSettings, BeforeValidator(_preset)]


class SelectSettings(Settings):
    """The select stage: which subsets a row belongs to."""

    subsets: list[Subset] = Field(
        default=[PRESETS[name] for name in ("full", "1.8M", "586K", "123K")], min_length=1, max_length=60
    )
    """Ready-made subsets by name, and own ones; drawn in this order."""
    memory: Annotated[str, Operational] = Field(default="1GB", pattern=r"^\d+(\.\d+)? ?[KMGT]i?B$")
    """Memory DuckDB may use before it goes to disk."""

    @model_validator(mode="after")
    def _names(self) -> Self:
        earlier: list[str] = []
        for subset in self.subsets:
            if subset.name in earlier:
                raise ValueError(f"two subsets are called `{subset.name}`")
            for other in subset.disjoint_from:
                if other not in earlier:
                    raise ValueError(f"subset `{subset.name}`: `{other}` in disjoint_from is not named before it")
            earlier.append(subset.name)
        return self
