"""Looks at every endpoint before the first paid call: what it is, what it takes, and how it answers.

Each endpoint gets about a dozen short requests, made as the run would make them: same fields, same scaling of images.
What a server does not tell is found out by comparing replies: two pictures that differ in one plain thing, one seed
twice and another once. A finding is never guessed: where replies prove nothing, it says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import orjson

from mmfinereason.models.doctor.finding import Diagnosis, Finding
from mmfinereason.models.doctor.visit import Visit
from mmfinereason.models.transport import Transport
from mmfinereason.recipe.models import EndpointSettings, ModelsSettings, RoleSettings

__all__ = ["Diagnosis", "Finding", "examine"]


async def examine(models: ModelsSettings, roles: Sequence[str] | None = None) -> list[Diagnosis]:
    """Look at every endpoint of every role (or of those named), several at a time.

    Roles that share endpoint, model and sampling are looked at once. Roles without an endpoint are left out: give lab
    roles one first.
    """
    async with Transport() as transport:
        visits = [Visit(transport, names, *served) for names, served in _served(models, roles)]
        return list(await asyncio.gather(*(visit.diagnosis() for visit in visits)))


def _served(
    models: ModelsSettings, only: Sequence[str] | None
) -> list[tuple[tuple[str, ...], tuple[RoleSettings, EndpointSettings]]]:
    """Every endpoint with its settings and the roles that use it in the same way."""
    found: dict[bytes, tuple[list[str], tuple[RoleSettings, EndpointSettings]]] = {}
    for name, role in models.roles().items():
        if only is not None and name.partition("-")[0] not in only:
            continue
        for endpoint in role.endpoints:
            same = role.model_dump(exclude={"endpoints", "budget", "retries", "timeout"})
            key = orjson.dumps([endpoint.url, endpoint.key_env, same], option=orjson.OPT_SORT_KEYS)
            found.setdefault(key, ([], (role, endpoint)))[0].append(name)
    return [(tuple(names), served) for names, served in found.values()]
