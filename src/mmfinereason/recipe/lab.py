"""Settings of the lab server that plays a model's role, and of the faults it makes on purpose.

All rates are shares between 0 and 1, drawn from the seed and the request: the same request to a server with the same
settings always meets the same fate.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from mmfinereason.errors import RecipeError
from mmfinereason.recipe.base import Operational, Settings

Rate = Annotated[float, Field(ge=0.0, le=1.0)]
Mode = Literal["simulated", "replay", "local"]
EngineName = Literal["auto", "numpy", "transformers"]
Shape = Literal["reasoning", "reasoning_content", "close_tag", "pair"]

TEACHER_FAILURES = ("wrong", "truncated", "repetitive", "malformed", "leaky", "short")
"""The fields of `LabOptions` that are failures of the simulated teacher; a reply has at most one."""

MADE_UP_ONLY = (*TEACHER_FAILURES, "skill", "prober_truncated", "prober_unparsable", "judge_error")
"""The fields of `LabOptions` that say how replies are made up; a real model knows none of them."""

FAULTS = (
    "rate_limited", "server_error", "unavailable", "slow", "hang", "reset", "truncated_json", "html", "empty_choices",
    "null_content", "length", "wrong_type",
)  # fmt: skip
"""The fields of `FaultSettings` that are faults; a request meets at most one."""


def _fits(rates: list[float], what: str) -> None:
    if sum(rates) > 1 + 1e-9:
        raise ValueError(f"the rates of {what} add up to {sum(rates):g}, which is more than 1")


BUILT_IN = "builtin:"
"""What names of checkpoints that come with the package begin with."""


def name_of(checkpoint: str) -> str:
    """What a checkpoint is called by its clients: the folder's name, or the one above it where that is `model`."""
    folder = Path(checkpoint.removeprefix(BUILT_IN)).expanduser().resolve()
    return folder.parent.name if folder.name == "model" and folder.parent.name else folder.name


class FaultSettings(Settings):
    """Shares of requests that the lab server answers with a fault; they add up to at most 1."""

    rate_limited: Rate = 0.0
    """429 with Retry-After."""
    server_error: Rate = 0.0
    """500."""
    unavailable: Rate = 0.0
    """503."""
    slow: Rate = 0.0
    """Answered after `slow_seconds` more."""
    hang: Rate = 0.0
    """Never answered; ends when the client gives up."""
    reset: Rate = 0.0
    """Connection dropped in the middle of the body."""
    truncated_json: Rate = 0.0
    """A body that breaks off though its length is right."""
    html: Rate = 0.0
    """A proxy's error page with status 200."""
    empty_choices: Rate = 0.0
    """No choice in the reply."""
    null_content: Rate = 0.0
    """A message whose content is null, without thoughts."""
    length: Rate = 0.0
    """Cut in the middle of the text: finish reason `length`."""
    wrong_type: Rate = 0.0
    """Status 200, but plain text instead of JSON."""
    slow_seconds: float = Field(default=5.0, ge=0)
    """How much longer a slow reply takes."""
    retry_after: float = Field(default=1.0, ge=0)
    """Seconds that `Retry-After` asks for."""

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        _fits([getattr(self, name) for name in FAULTS], "the faults")
        return self

    @classmethod
    def evenly(cls, total: float) -> FaultSettings:
        """A share `total` of all requests fails, evenly over the faults that a retry mends and that cost no waiting."""
        quick = [name for name in FAULTS if name not in ("slow", "hang", "length")]
        return cls.model_validate({"retry_after": 0.0} | {name: total / len(quick) for name in quick})


class LabOptions(Settings):
    """How a lab server behaves. The defaults answer at once and without a fault."""

    seed: int = 0
    """Seed of everything the server draws."""
    reasoning: Shape = "reasoning"
    """In which of the four shapes thoughts come back: a field of the message, or in the content, behind a lone closing
    tag or in a pair of tags."""
    latency: Annotated[float, Operational, Field(ge=0)] = 0.0
    """Seconds before a reply."""
    jitter: Annotated[Rate, Operational] = 0.0
    """Share by which the latency varies evenly to both sides."""
    max_in_flight: Annotated[int | None, Operational, Field(ge=1)] = None
    """Requests served at a time; one more is answered with 429."""
    skill: Rate | Literal["mixed"] = "mixed"
    """Of the simulated prober and student: 0 fails at almost every question, 1 at almost none; `mixed` draws it anew
    for each row."""
    wrong: Rate = 0.0
    """Share of simulated traces that argue consistently to a wrong answer."""
    truncated: Rate = 0.0
    """Share of simulated traces that are cut off in their thoughts."""
    repetitive: Rate = 0.0
    """Share of simulated traces that repeat themselves."""
    malformed: Rate = 0.0
    """Share of simulated traces that break the template: no answer tag, or a second block of thoughts."""
    leaky: Rate = 0.0
    """Share of simulated traces that speak of a caption or of a solution they were given."""
    short: Rate = 0.0
    """Share of simulated traces of only a few sentences."""
    prober_truncated: Rate = 0.0
    """Share of simulated rollouts that are cut off in their thoughts."""
    prober_unparsable: Rate = 0.0
    """Share of simulated rollouts without an answer that could be read."""
    judge_error: Rate = 0.0
    """Share of simulated judgments that say the opposite of what was found."""
    faults: Annotated[FaultSettings, Operational] = FaultSettings()
    """Faults of the server itself."""

    @model_validator(mode="after")
    def _at_most_one(self) -> Self:
        _fits([getattr(self, name) for name in TEACHER_FAILURES], "the teacher's failures")
        _fits([self.prober_truncated, self.prober_unparsable], "the prober's failures")
        return self


def lab_options(settings: Sequence[str]) -> LabOptions:
    """Options from texts such as `wrong=0.1` or `faults.reset=0.02`.

    Raises:
        RecipeError: with every problem found.
    """
    values: dict[str, Any] = {}
    problems: list[str] = []
    for text in settings:
        path, equals, value = text.partition("=")
        *sections, name = path.strip().split(".")
        target = values
        for section in sections:
            target = target.setdefault(section, {})
        if equals:
            target[name] = yaml.safe_load(value)
        else:
            problems.append(f"{text}: write it as name=value")
    try:
        options = LabOptions.model_validate(values)
    except ValidationError as error:
        problems += [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise RecipeError(problems, f"the options are {', '.join(LabOptions.model_fields)}") from error
    if problems:
        raise RecipeError(problems)
    return options
