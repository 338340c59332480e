"""The lab servers a stage needs: started before it, stopped after it, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from mmfinereason.context import Context
from mmfinereason.lab.launch import start
from mmfinereason.recipe.lab import LabOptions
from mmfinereason.recipe.models import LabSettings, ModelsSettings, RoleSettings

CONCURRENCY = 64
"""Requests in flight at a lab server: more only queue up on one core."""


@contextmanager
def served(context: Context, roles: Sequence[str], known: str) -> Iterator[Context]:
    """The same context with every lab role of `roles` served by a running lab server.

    `known` is the folder of shards, below the run folder, whose rows a simulated server knows.
    """
    models = context.recipe.models
    rows = context.run.folder.path(known)
    with ExitStack() as servers:
        changed = {name: _served_role(getattr(models, name), rows, servers) for name in roles if getattr(models, name)}
        recipe = context.recipe.model_copy(update={"models": models.model_copy(update=changed)})
        yield replace(context, recipe=recipe)


@contextmanager
def attended(models: ModelsSettings) -> Iterator[ModelsSettings]:
    """The same models with every lab role served, by servers that know no rows: enough to be examined."""
    with ExitStack() as servers:
        changed = {
            name: _served_role(getattr(models, name), None, servers)
            for name in type(models).model_fields
            if name != "budget" and getattr(models, name)
        }
        yield models.model_copy(update=changed)


def _served_role(
    role: RoleSettings | list[RoleSettings], known: str | None, servers: ExitStack
) -> RoleSettings | list[RoleSettings]:
    if isinstance(role, list):
        return [_one(one, known, servers) for one in role]
    return _one(role, known, servers)


def _one(role: RoleSettings, known: str | None, servers: ExitStack) -> RoleSettings:
    if role.lab is None:
        return role
    rows = role.lab.file if role.lab.mode == "replay" else known
    server = servers.enter_context(start(role.lab.mode, [rows] if rows else [], _options(role.lab)))
    return role.at(server.url, CONCURRENCY)


def _options(lab: LabSettings) -> LabOptions:
    return LabOptions.model_validate(lab.model_dump(exclude={"mode", "file"}))
