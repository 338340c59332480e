"""Settings of the model roles: which model, how it samples, and the endpoints that serve it.

A recipe names the environment variable that holds a key, never the key itself. What only says how a reply is fetched
(endpoints, limits, retries, budgets) is marked operational: a run may be resumed on other servers, but not quietly with
another temperature.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from mmfinereason.recipe.base import Operational, Settings
from mmfinereason.recipe.lab import MADE_UP_ONLY, EngineName, LabOptions, Mode, name_of

MADE_UP = ("simulated-", "replay-")
"""How models that are none are called, never otherwise."""
OWN_FIELDS = frozenset({"model", "messages", "n", "stream"})
"""Fields of the chat protocol that the client writes itself; `extra_body` may not set them."""


class EndpointSettings(Settings):
    """One server that speaks the OpenAI chat protocol."""

    url: str
    """Base URL up to and with `/v1`."""
    key_env: str | None = None
    """Name of the environment variable that holds the API key; the key itself never stands in a recipe."""
    weight: float = Field(default=1.0, gt=0)
    """Share of the requests beside the other endpoints of the role, for equal free capacity."""
    concurrency: int = Field(default=64, ge=1)
    """Most requests in flight; the client stays below it when the server answers 429 or gets slow."""
    requests_per_minute: float | None = Field(default=None, gt=0)
    """Most requests sent in a minute."""
    tokens_per_minute: float | None = Field(default=None, gt=0)
    """Most prompt and completion tokens in a minute."""
    price_in: float = Field(default=0.0, ge=0)
    """US dollars for a million prompt tokens."""
    price_out: float = Field(default=0.0, ge=0)
    """US dollars for a million completion tokens, reasoning included."""

    @field_validator("key_env")
    @classmethod
    def _name_of_a_variable(cls, name: str | None) -> str | None:
        """A key pasted here by mistake is refused, and not repeated: the message and the saved recipe are read."""
        if name is not None and not re.fullmatch(r"[A-Z_][A-Z0-9_]{0,63}", name):
            raise ValueError("must be the name of an environment variable in capitals, not the key itself")
        return name

    @field_validator("url")
    @classmethod
    def _plain_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an http or https URL such as http://localhost:8000/v1")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must not hold a user name, key or query; name the key's variable in key_env")
        return url.rstrip("/")


class SamplingSettings(Settings):
    """Sampling of a role. A field that is null is not sent: the server's own default holds."""

    temperature: float | None = Field(default=None, ge=0, le=2)
    """Softmax temperature."""
    top_p: float | None = Field(default=None, gt=0, le=1)
    """Nucleus sampling."""
    top_k: int | None = Field(default=None, ge=-1)
    """Sample among the k likeliest tokens; vLLM and SGLang know it, some vendors refuse it."""
    repetition_penalty: float | None = Field(default=None, gt=0)
    """Penalty on tokens that were already used; 1 is none."""
    max_tokens: int | None = Field(default=None, ge=1)
    """Most completion tokens, reasoning included."""
    seed: Literal["derived", "none"] | int = "derived"
    """`derived`: one for each request and attempt from the recipe's seed; `none`: not sent; a number: that one."""
    extra_body: dict[str, Any] = Field(default_factory=dict)
    """Further fields of the request body, sent as they are."""

    @field_validator("extra_body")
    @classmethod
    def _not_our_own(cls, extra: dict[str, Any]) -> dict[str, Any]:
        if taken := sorted(OWN_FIELDS & extra.keys()):
            raise ValueError(f"may not set {', '.join(taken)}")
        if twice := sorted(SamplingSettings.model_fields.keys() & extra.keys()):
            raise ValueError(f"{', '.join(twice)}: set it as a setting of the role, not here")
        return extra


class RetrySettings(Settings):
    """How often a request is sent again after a fault that may pass, and how long it waits."""

    tries: int = Field(default=6, ge=1)
    """Most times one request is sent before its row is given up."""
    first_wait: float = Field(default=1.0, ge=0)
    """Seconds before the second try; doubles each time, with jitter. A longer Retry-After is kept to, up to an hour."""
    longest_wait: float = Field(default=60.0, ge=0)
    """Upper bound of that wait in seconds."""


class BudgetSettings(Settings):
    """Hard limits over the whole life of a run; it stops just before the first of them is passed."""

    dollars: float | None = Field(default=None, ge=0)
    """US dollars, by the endpoints' prices."""
    tokens: int | None = Field(default=None, ge=0)
    """Prompt and completion tokens."""
    requests: int | None = Field(default=None, ge=0)
    """Requests sent, retries included."""


class LabSettings(LabOptions):
    """The lab server that plays a role, or runs a small model for it; the run starts and stops it."""

    mode: Mode = "simulated"
    """`simulated`: writes replies from a puzzle's known state; `replay`: gives back recorded ones; `local`: a real
    model on this machine answers."""
    file: str | None = None
    """Recorded replies (Parquet), for `replay`."""
    checkpoint: str | None = None
    """Folder of a Qwen3-VL checkpoint, for `local`; `builtin:tiny-teacher`, `builtin:tiny-prober` and
    `builtin:tiny-base` come with the package."""
    engine: Annotated[EngineName, Operational] = "auto"
    """What runs the checkpoint: `numpy` for small dense models on the CPU, `transformers` (extra `train`) for any."""
    batch: Annotated[int, Operational, Field(ge=1)] = 32
    """Replies the checkpoint writes at once, at most."""
    threads: Annotated[int | None, Operational, Field(ge=1)] = None
    """CPU threads of the checkpoint's engine."""

    @model_validator(mode="after")
    def _a_mode_has_what_it_needs(self) -> Self:
        if self.mode == "replay" and self.file is None:
            raise ValueError("mode replay needs a file of recorded replies")
        if (self.mode == "local") != (self.checkpoint is not None):
            raise ValueError(
                "mode local needs a checkpoint" if self.mode == "local" else "a checkpoint needs mode local"
            )
        told = [name for name in MADE_UP_ONLY if getattr(self, name) != LabOptions.model_fields[name].default]
        if told and self.mode == "local":
            raise ValueError(f"a real model knows no {', '.join(told)}: mode local does without")
        return self


class RoleSettings(SamplingSettings):
    """One model role: the model, its sampling, its prompts and the endpoints that serve it."""

    model: str
    """Model name as the endpoints know it."""
    prompt: list[str] = Field(default_factory=list)
    """Prompt files instead of the built-in one; several form an ensemble, taken in turn by attempt."""
    endpoints: Annotated[list[EndpointSettings], Operational] = Field(default_factory=list)
    """Servers that serve this model."""
    lab: LabSettings | None = None
    """A lab server instead of endpoints: `simulated`, or settings."""
    min_pixels: int | None = Field(default=None, ge=1)
    """Images with fewer pixels are enlarged before they are sent."""
    max_pixels: int | None = Field(default=None, ge=1)
    """Images with more pixels are scaled down before they are sent."""
    timeout: Annotated[float, Operational, Field(gt=0)] = 1800.0
    """Seconds until a request without a full reply is given up."""
    retries: Annotated[RetrySettings, Operational] = RetrySettings()
    """Bounds of retrying."""
    budget: Annotated[BudgetSettings, Operational] = BudgetSettings()
    """Budget of this role."""

    @field_validator("prompt", mode="before")
    @classmethod
    def _one_prompt_is_a_list(cls, prompt: object) -> object:
        return [prompt] if isinstance(prompt, str) else prompt

    @field_validator("lab", mode="before")
    @classmethod
    def _lab_by_mode(cls, lab: object) -> object:
        return {"mode": lab} if isinstance(lab, str) else lab

    @model_validator(mode="after")
    def _served_by_one_kind(self) -> Self:
        if bool(self.endpoints) == (self.lab is not None):
            raise ValueError("needs either endpoints or lab")
        if self.lab is not None and not self.made_up and self.model.startswith(MADE_UP):
            raise ValueError(f"a real model must not be called {self.model}: set model to another name")
        if self.min_pixels and self.max_pixels and self.min_pixels > self.max_pixels:
            raise ValueError("min_pixels is larger than max_pixels")
        return self

    @property
    def made_up(self) -> bool:
        """Whether a lab server makes its replies up."""
        return self.lab is not None and self.lab.mode != "local"

    def at(self, url: str, concurrency: int = 64) -> RoleSettings:
        """The same role served by one endpoint: how a started lab server takes its place."""
        endpoint = EndpointSettings(url=url, concurrency=concurrency)
        return self.model_copy(update={"endpoints": [endpoint]})


class ModelsSettings(Settings):
    """The models of a run, by role; a stage asks only for the roles it needs."""

    teacher: RoleSettings | None = None
    """Writes reasoning traces."""
    captioner: RoleSettings | None = None
    """Describes images."""
    cleaner: RoleSettings | None = None
    """Cleans questions and finds short answers while collecting."""
    judge: list[RoleSettings] = Field(default_factory=list)
    """Decides what rules left undecided; several judges vote."""
    prober: RoleSettings | None = None
    """The small model whose pass rate measures difficulty."""
    student: RoleSettings | None = None
    """The trained model, when it is evaluated."""
    budget: Annotated[BudgetSettings, Operational] = BudgetSettings()
    """Budget of all roles together."""

    @model_validator(mode="before")
    @classmethod
    def _lab_roles_name_their_model(cls, roles: object) -> object:
        """Made-up models are called `simulated-teacher`, `replay-judge` and so on, real ones like their folder."""
        if not isinstance(roles, dict):
            return roles
        return {name: [named(name, one) for one in role] if isinstance(role, list) else named(name, role)
                for name, role in roles.items()}  # fmt: skip

    @field_validator("judge", mode="before")
    @classmethod
    def _one_judge_is_a_list(cls, judge: object) -> object:
        if judge is None:
            return []
        return judge if isinstance(judge, list) else [judge]

    def roles(self) -> dict[str, RoleSettings]:
        """The roles that are set, by name; several judges are `judge-1`, `judge-2`, ..."""
        single = ("teacher", "captioner", "cleaner", "prober", "student")
        found = {name: role for name in single if (role := getattr(self, name)) is not None}
        names = ["judge"] if len(self.judge) == 1 else [f"judge-{i + 1}" for i in range(len(self.judge))]
        return found | dict(zip(names, self.judge, strict=True))


def named(name: str, role: object) -> object:
    """A role's raw settings, with the lab's own model name where it has none."""
    if not isinstance(role, dict) or role.get("lab") is None or "model" in role:
        return role
    lab = role["lab"] if isinstance(role["lab"], dict) else {"mode": role["lab"]}
    mode, checkpoint = lab.get("mode", "simulated"), lab.get("checkpoint")
    if mode == "local" and isinstance(checkpoint, str):
        return role | {"model": name_of(checkpoint)}
    return role | {"model": f"{mode}-{name}"}
