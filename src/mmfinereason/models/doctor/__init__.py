"""Looks at every endpoint before the first paid call: what it is, what it takes, and how it answers.

Each endpoint gets about a dozen short requests, made as the run would make them: same fields, same scaling of images.
What a server does not tell is found out by comparing replies: two pictures that differ in one plain thing, one seed
twice and another once. A finding is never guessed: where replies prove nothing, it says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import orjson

from mmfinereason.models.doctor.finding import Diagnosis, Finding
from mmfinereason.models.doctor.visit import EVALUATED, Visit, kind
from mmfinereason.models.transport import Transport
from mmfinereason.recipe import Recipe
from mmfinereason.recipe.models import EndpointSettings, RoleSettings

__all__ = ["Diagnosis", "Finding", "examine", "kind", "roles_of"]


def roles_of(recipe: Recipe) -> dict[str, RoleSettings]:
    """All roles of a recipe by name, those of `evaluate.models` by their place; evaluated ones as they are asked."""
    asked = recipe.evaluate.sampled
    roles = {name: asked(role) if name == "student" else role for name, role in recipe.models.roles().items()}
    return roles | {f"{EVALUATED}{name}": asked(role) for name, role in recipe.evaluate.models.items()}


async def examine(roles: Mapping[str, RoleSettings], only: Sequence[str] | None = None) -> list[Diagnosis]:
    """Look at every endpoint of every role, several at a time; `only` names kinds of roles (`judge`, `student`).

    Roles that share endpoint, model and sampling are looked at once. Roles without an endpoint are left out: give lab
    roles one first.
    """
    async with Transport() as transport:
        visits = [Visit(transport, names, *served) for names, served in _served(roles, only)]
        return list(await asyncio.gather(*(visit.diagnosis() for visit in visits)))


def _served(
    roles: Mapping[str, RoleSettings], only: Sequence[str] | None
) -> list[tuple[tuple[str, ...], tuple[RoleSettings, EndpointSettings]]]:
    """Every endpoint with its settings and the roles that use it in the same way."""
    found: dict[bytes, tuple[list[str], tuple[RoleSettings, EndpointSettings]]] = {}
    for name, role in roles.items():
        if only is not None and kind(name) not in only:
            continue
        for endpoint in role.endpoints:
            same = role.model_dump(exclude={"endpoints", "budget", "retries", "timeout"})
            key = orjson.dumps([endpoint.url, endpoint.key_env, same], option=orjson.OPT_SORT_KEYS)
            found.setdefault(key, ([], (role, endpoint)))[0].append(name)
    return [(tuple(names), served) for names, served in found.values()]
