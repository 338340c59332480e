"""Hard budgets: a request is sent only if the run stays within every budget even when it costs the most it can.

Each request reserves its worst case (prompt estimate and `max_tokens` at the dearest endpoint's price) and gives back
what it did not use. While a budget is short only because of reservations, requests wait for them; once nothing is on
its way and the next request still does not fit, the budget counts as reached.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from mmfinereason.errors import BudgetReached
from mmfinereason.recipe.models import BudgetSettings


@dataclass(frozen=True, slots=True)
class Spend:
    """An amount of each thing a budget can limit."""

    requests: float = 0
    tokens: float = 0
    dollars: float = 0.0

    def __add__(self, other: Spend) -> Spend:
        return Spend(self.requests + other.requests, self.tokens + other.tokens, self.dollars + other.dollars)

    def __neg__(self) -> Spend:
        return Spend(-self.requests, -self.tokens, -self.dollars)

    def tally(self, role: str) -> dict[str, float]:
        """As a journal keeps it: `teacher.dollars` and so on."""
        return {f"{role}.{name}": getattr(self, name) for name in UNITS if getattr(self, name)}

    @classmethod
    def from_tally(cls, tally: Mapping[str, float], role: str) -> Self:
        """The part of a tally that belongs to a role."""
        return cls(**{name: tally.get(f"{role}.{name}", 0.0) for name in UNITS})


UNITS = ("requests", "tokens", "dollars")


class Budget:
    """One budget: what is spent and what is reserved by requests on their way."""

    def __init__(self, key: str, settings: BudgetSettings, spent: Spend) -> None:
        self.key = key  # where it stands in a recipe, `models.teacher.budget`
        self.spent = spent
        self._reserved = Spend()
        self._open = 0
        self._limits = {name: limit for name in UNITS if (limit := getattr(settings, name)) is not None}

    @property
    def limited(self) -> bool:
        """Whether it limits anything at all."""
        return bool(self._limits)

    @property
    def idle(self) -> bool:
        """Whether no request on its way can give anything back."""
        return self._open == 0

    def reserve(self, most: Spend) -> None:
        self._reserved += most
        self._open += 1

    def settle(self, most: Spend, cost: Spend) -> None:
        self._reserved += -most
        self._open -= 1
        self.spent += cost

    def short_of(self, most: Spend) -> str | None:
        """The unit that would be passed in the worst case, or None when the request fits."""
        worst = self.spent + self._reserved + most
        return next((name for name, limit in self._limits.items() if getattr(worst, name) > limit), None)

    def reached(self, unit: str, most: Spend) -> BudgetReached:
        """The error that tells where the run is."""
        spent, limit, next_one = getattr(self.spent, unit), self._limits[unit], getattr(most, unit)
        return BudgetReached(
            f"the budget {self.key}.{unit} is reached: {_amount(unit, spent)} of {_amount(unit, limit)} spent, and the "
            f"next request may need {_amount(unit, next_one)}",
            f"raise {self.key}.{unit} and run the same command again; every reply so far is kept",
        )


class Ledger:
    """All budgets of a run: one for each role, and one for all roles together."""

    def __init__(self, roles: Mapping[str, BudgetSettings], total: BudgetSettings, spent: Mapping[str, float]) -> None:
        by_role = {role: Spend.from_tally(spent, role) for role in roles}
        everything = Budget("models.budget", total, sum(by_role.values(), Spend()))
        own = {role: Budget(f"models.{role}.budget", settings, by_role[role]) for role, settings in roles.items()}
        self._of = {role: [budget for budget in (own[role], everything) if budget.limited] for role in roles}
        self._settled = asyncio.Event()

    async def reserve(self, role: str, most: Spend) -> None:
        """Set the worst case of a request aside, waiting for others to settle. Raises BudgetReached."""
        while short := self._short(role, most):
            budget, unit = short
            if budget.idle:
                raise budget.reached(unit, most)
            await self._settled.wait()
        for budget in self._of[role]:
            budget.reserve(most)

    def settle(self, role: str, most: Spend, cost: Spend) -> None:
        """Replace a reservation by what the request did cost."""
        if not self._of[role]:
            return
        for budget in self._of[role]:
            budget.settle(most, cost)
        self._settled.set()
        self._settled = asyncio.Event()

    def _short(self, role: str, most: Spend) -> tuple[Budget, str] | None:
        for budget in self._of[role]:
            if unit := budget.short_of(most):
                return budget, unit
        return None


def _amount(unit: str, value: float) -> str:
    return f"${value:,.4f}" if unit == "dollars" else f"{value:,.0f}"
