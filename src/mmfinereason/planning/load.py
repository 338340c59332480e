"""What a stage asks of a role, with its uncertainty: each quantity is an array of possible values.

The first entry is the estimate itself, the others are draws: bootstrap resamples of observed rows, or values of
assumed figures between their bounds. Arithmetic is done on whole arrays, so sums keep what belongs together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from mmfinereason.recipe.models import RoleSettings
from mmfinereason.schema import Stage

DRAWS = 400
"""Possible values beside the estimate."""

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Range:
    """An estimate and the bounds of 95 % of its possible values."""

    mid: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Values) -> Range:
        """The estimate lies between the bounds, even where it is an upper bound itself."""
        mid = float(values[0])
        low, high = np.percentile(values[1:], [2.5, 97.5])
        return cls(mid, min(mid, float(low)), max(mid, float(high)))


def exactly(value: float) -> Values:
    """A figure without uncertainty."""
    return np.full(DRAWS + 1, float(value))


@dataclass(frozen=True, slots=True)
class Load:
    """What one stage asks of one role over the whole run."""

    stage: Stage
    role: str
    rows: Values
    requests: Values
    prompt: Values
    completion: Values
    busy: Values | None = None
    """Seconds that all requests take together; None where no reply was timed."""


@dataclass(frozen=True, slots=True)
class Fleet:
    """The machines a run has, as far as the user says."""

    tokens_per_second: dict[str, float] = field(default_factory=dict)
    """Completion tokens that one GPU writes in a second, by role; "" stands for all others."""
    gpus: int | None = None

    def rate(self, role: str) -> float | None:
        name = role.partition("-")[0]
        return self.tokens_per_second.get(name, self.tokens_per_second.get(""))


@dataclass(frozen=True, slots=True)
class Line:
    """A load with its price: a line of the plan. What cannot be told is None."""

    stage: str
    role: str
    rows: Range | None
    requests: Range
    prompt: Range
    completion: Range
    dollars: Range
    gpu_hours: Range | None
    seconds: Range | None


def lines(loads: Sequence[Load], roles: dict[str, RoleSettings], fleet: Fleet) -> list[Line]:
    """A line for each load, and their total as the last. Stages run one after the other, roles of a stage together."""
    priced = [_Priced.of(load, roles[load.role], fleet) for load in loads]
    return [one.line() for one in priced] + ([_total(priced)] if priced else [])


@dataclass(frozen=True, slots=True)
class _Priced:
    stage: str
    load: Load
    dollars: Values
    gpu_hours: Values | None
    seconds: Values | None

    @classmethod
    def of(cls, load: Load, role: RoleSettings, fleet: Fleet) -> _Priced:
        price_in = _share(role, "price_in")
        price_out = _share(role, "price_out")
        rate = fleet.rate(load.role)
        gpu_hours = load.completion / rate / 3600 if rate else None
        return cls(
            load.stage.command,
            load,
            (load.prompt * price_in + load.completion * price_out) / 1e6,
            gpu_hours,
            _seconds(load, role, gpu_hours, fleet.gpus),
        )

    def line(self) -> Line:
        load = self.load
        return Line(
            self.stage,
            load.role,
            Range.of(load.rows),
            Range.of(load.requests),
            Range.of(load.prompt),
            Range.of(load.completion),
            Range.of(self.dollars),
            _range(self.gpu_hours),
            _range(self.seconds),
        )


def _share(role: RoleSettings, field: str) -> float:
    """The mean price over endpoints, each with the share of requests that its weight and concurrency give it."""
    shares = [endpoint.weight * endpoint.concurrency for endpoint in role.endpoints]
    prices = [getattr(endpoint, field) * share for endpoint, share in zip(role.endpoints, shares, strict=True)]
    return float(sum(prices) / sum(shares)) if shares else 0.0


def _seconds(load: Load, role: RoleSettings, gpu_hours: Values | None, gpus: int | None) -> Values | None:
    """The slowest of what bounds a role: latency at its concurrency, limits a minute, what the GPUs write."""
    bounds = [] if load.requests.any() else [exactly(0)]
    if load.busy is not None and role.endpoints:
        bounds.append(load.busy / sum(endpoint.concurrency for endpoint in role.endpoints))
    requests = [endpoint.requests_per_minute for endpoint in role.endpoints]
    tokens = [endpoint.tokens_per_minute for endpoint in role.endpoints]
    if all(requests) and requests:
        bounds.append(load.requests * 60 / sum(one or 0.0 for one in requests))
    if all(tokens) and tokens:
        bounds.append((load.prompt + load.completion) * 60 / sum(one or 0.0 for one in tokens))
    if gpu_hours is not None and gpus:
        bounds.append(gpu_hours * 3600 / gpus)
    return reduce(np.maximum, bounds) if bounds else None


def _total(priced: Sequence[_Priced]) -> Line:
    loads = [one.load for one in priced]
    hours = [one.gpu_hours for one in priced]
    stages: dict[str, list[Values | None]] = {}
    for one in priced:
        stages.setdefault(one.stage, []).append(one.seconds)
    return Line(
        stage="total",
        role="",
        rows=None,
        requests=Range.of(_sum([load.requests for load in loads])),
        prompt=Range.of(_sum([load.prompt for load in loads])),
        completion=Range.of(_sum([load.completion for load in loads])),
        dollars=Range.of(_sum([one.dollars for one in priced])),
        gpu_hours=_range(_all(hours, np.add)),
        seconds=_range(_all([_all(some, np.maximum) for some in stages.values()], np.add)),
    )


def _all(values: Sequence[Values | None], joined: np.ufunc) -> Values | None:
    """All values together; None when one of them is not known."""
    known = [one for one in values if one is not None]
    return reduce(joined, known) if len(known) == len(values) else None


def _range(values: Values | None) -> Range | None:
    return None if values is None else Range.of(values)


def _sum(values: Sequence[Values]) -> Values:
    return reduce(np.add, values)
