"""Before a run: what it will cost, whether its servers are what the recipe takes them for, which sources there are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from mmfinereason import planning
from mmfinereason.api.jobs import Given, recipe_of
from mmfinereason.collect.sources import SOURCES, Source
from mmfinereason.context import Context
from mmfinereason.execute import Progress, Silent
from mmfinereason.lab.roles import attended
from mmfinereason.models.doctor import Diagnosis, examine, roles_of
from mmfinereason.planning import PlanOf, Terms
from mmfinereason.store import Run

AUTO = Terms()


def plan(recipe: Given, terms: Terms = AUTO, *, progress: Progress | None = None) -> PlanOf:
    """Requests, tokens, cost and time of every model stage, each with a 95 % interval.

    Unless the run tells enough, a pilot asks a few rows of the recipe's own models. Raises MmfrError.
    """
    settings = recipe_of(recipe)
    return planning.plan(Context(Run(settings.run_url), settings, progress or Silent()), terms)


def doctor(recipe: Given, roles: Sequence[str] | None = None) -> list[Diagnosis]:
    """What every endpoint of every role, or of those named, answers to a few short requests."""
    with attended(roles_of(recipe_of(recipe))) as served:
        return asyncio.run(examine(served, roles))


def sources() -> dict[str, Source]:
    """The sources that a recipe can name, with licence, home and layout."""
    return SOURCES
