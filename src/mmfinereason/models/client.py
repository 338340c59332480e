"""Asks models without ever losing a reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Self

from mmfinereason.models.exchange import Failure, Reply, Request
from mmfinereason.models.usage import Usage
from mmfinereason.recipe.models import BudgetSettings, RoleSettings
from mmfinereason.store.journal import Journal


class Client:
    """All model traffic of a run: an async context manager, one a run (or stage)."""

    def __init__(
        self,
        roles: Mapping[str, RoleSettings],
        *,
        budget: BudgetSettings | None = None,
        seed: int = 0,
        spent: Mapping[str, float] | None = None,
        notice: Callable[[str], None] | None = None,
    ) -> None: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def ask(self, request: Request, journal: Journal) -> Reply | Failure:
        """The reply to a request, from the journal when it is there, else from a server.

        Raises `BudgetReached` just before a budget would be passed and `EndpointError` when no endpoint can be used.
        """

    async def drain(self) -> None:
        """Wait until every request on its way has been answered and journalled; call before closing the journals."""

    def usage(self) -> Usage:
        """What was spent and how it is going."""

    def capacity(self, role: str) -> int:
        """Requests the role's endpoints take at once at the moment."""

    def backlog(self, role: str) -> int:
        """Requests asked for and not yet sent."""

    async def room(self, role: str) -> None:
        """Wait until the role will soon run dry: the moment to open the next shard."""
