"""The lab servers a stage needs: started before it, stopped after it, whatever happens in between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace

from mmfinereason.context import Context
from mmfinereason.errors import EndpointError
from mmfinereason.lab.launch import LabServer, start
from mmfinereason.lab.local import LocalOptions
from mmfinereason.lab.tiny.shipped import folder_of
from mmfinereason.recipe.lab import LabOptions
from mmfinereason.recipe.models import LabSettings, RoleSettings

CONCURRENCY = 64
"""Requests in flight at a lab server: more only queue up on one core."""


@contextmanager
def served(context: Context, roles: Sequence[str], known: str) -> Iterator[Context]:
    """The same context with every lab role of `roles` served by a running lab server.

    `known` is the folder of shards, below the run folder, whose rows a simulated server knows.
    """
    models = context.recipe.models
    with ExitStack() as stack:
        servers = Servers(stack, context.run.folder.path(known))
        changed = {name: servers.roles(getattr(models, name)) for name in roles if getattr(models, name)}
        recipe = context.recipe.model_copy(update={"models": models.model_copy(update=changed)})
        yield replace(context, recipe=recipe)


@contextmanager
def attended(roles: Mapping[str, RoleSettings]) -> Iterator[dict[str, RoleSettings]]:
    """The same roles with every lab role served, by servers that know no rows: enough to be examined."""
    with ExitStack() as stack:
        servers = Servers(stack)
        yield {name: servers.role(role) for name, role in roles.items()}


@dataclass
class Servers:
    """Running lab servers, until the stack is left; roles that ask for the same one share it.

    `known` are the rows that simulated servers know.
    """

    stack: ExitStack
    known: str | None = None
    _urls: dict[str, str] = field(default_factory=dict)

    def roles(self, role: RoleSettings | list[RoleSettings]) -> RoleSettings | list[RoleSettings]:
        """One role, or several judges, served."""
        return [self.role(one) for one in role] if isinstance(role, list) else self.role(role)

    def role(self, role: RoleSettings) -> RoleSettings:
        """A role at the server it asks for; one with endpoints of its own as it is.

        Raises:
            EndpointError: the server does not start, or its checkpoint is missing.
        """
        if role.lab is None:
            return role
        kind = role.lab.model_dump_json() + (role.model if role.lab.mode == "local" else "")
        if kind not in self._urls:
            self._urls[kind] = self.stack.enter_context(self._started(role.lab, role.model)).url
        return role.at(self._urls[kind], CONCURRENCY)

    def _started(self, lab: LabSettings, name: str) -> LabServer:
        if lab.checkpoint is not None:
            return start(lab.mode, options=_options(lab), model=_checkpoint(lab, lab.checkpoint, name))
        rows = lab.file if lab.mode == "replay" else self.known
        return start(lab.mode, [rows] if rows else [], _options(lab))


def _checkpoint(lab: LabSettings, path: str, name: str) -> LocalOptions:
    folder = folder_of(path)
    if not (folder / "config.json").is_file():
        raise EndpointError(f"no checkpoint at {folder}", "train one, or name its folder in `checkpoint`")
    return LocalOptions(str(folder), batch=lab.batch, threads=lab.threads, engine=lab.engine, name=name)


def _options(lab: LabSettings) -> LabOptions:
    return LabOptions.model_validate(lab.model_dump(include=set(LabOptions.model_fields)))
