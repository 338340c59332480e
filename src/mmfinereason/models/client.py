"""Asks models without ever losing a reply.

A request is looked up in the journal, else sent, retried by class, journalled, and only then does its reply count. Each
request runs in a task of its own: when whoever asked is cancelled, a request already on the wire is still awaited and
journalled (it will be billed), one that still waits in line is dropped.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from mmfinereason.errors import EndpointError
from mmfinereason.models.budget import Ledger
from mmfinereason.models.exchange import Failure, Reply, Request
from mmfinereason.models.flight import Flight
from mmfinereason.models.payload import compose
from mmfinereason.models.picture import BadImage
from mmfinereason.models.records import from_entry, to_entry, unreadable
from mmfinereason.models.role import Means, Role
from mmfinereason.models.transport import Transport
from mmfinereason.models.usage import Usage
from mmfinereason.recipe.models import BudgetSettings, RoleSettings
from mmfinereason.store.journal import Journal

_log = logging.getLogger(__name__)
_IMAGE_THREADS = 2


class Client:
    """All model traffic of a run: an async context manager, one a run or stage.

    `spent` is what earlier starts of the run have cost, as the journals' tallies say; it counts against the budgets.
    `notice` receives sentences worth reading now, such as an endpoint that went down; they are logged by default.
    """

    def __init__(
        self,
        roles: Mapping[str, RoleSettings],
        *,
        budget: BudgetSettings | None = None,
        seed: int = 0,
        spent: Mapping[str, float] | None = None,
        notice: Callable[[str], None] = _log.warning,
    ) -> None:
        self._settings = dict(roles)
        self._seed = seed
        self._notice = notice
        self._transport = Transport()
        self._threads = ThreadPoolExecutor(_IMAGE_THREADS, "images")
        budgets = {name: settings.budget for name, settings in roles.items()}
        self._ledger = Ledger(budgets, budget or BudgetSettings(), spent or {})
        self._roles: dict[str, Role] = {}
        self._flights: dict[str, Flight] = {}

    async def __aenter__(self) -> Self:
        means = Means(self._transport, self._ledger, self._threads, self._notice)
        self._roles = {name: Role(name, settings, means) for name, settings in self._settings.items()}
        await self._transport.__aenter__()  # last: a role whose key is missing leaves no session open
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for role in self._roles.values():
            role.pool.close()
        self._threads.shutdown(cancel_futures=True)
        await self._transport.__aexit__(kind, error, trace)

    async def ask(self, request: Request, journal: Journal) -> Reply | Failure:
        """The reply to a request, from the journal when it is there, else from a server.

        The same payload asked twice at once is sent once. Raises `BudgetReached` just before a budget would be passed,
        `EndpointError` when no endpoint can be used, `StoreError` when the journal cannot be written.
        """
        role = self._role(request.role)
        try:
            payload = compose(role.settings, request, self._seed)
        except BadImage as error:
            return unreadable(request, role.settings.model, str(error))
        if (entry := journal.lookup(payload.key)) is not None:
            role.replayed += 1
            return from_entry(entry)
        flight = self._flights.get(payload.key)
        if flight is None:
            flight = self._flights[payload.key] = Flight(role, payload, journal)
            flight.task.add_done_callback(lambda _: self._flights.pop(payload.key))
        outcome = await flight.join()
        if flight.journal is not journal and journal.lookup(payload.key) is None:
            await journal.append(to_entry(outcome))
        return outcome

    def usage(self) -> Usage:
        """What was spent and how it is going."""
        return Usage(tuple(role.usage() for role in self._roles.values()))

    def capacity(self, role: str) -> int:
        """Requests the role's endpoints take at once at the moment."""
        return self._role(role).pool.capacity

    def backlog(self, role: str) -> int:
        """Requests asked for and not yet sent."""
        return self._role(role).pool.waiting

    def hungry(self, role: str) -> bool:
        """Whether the role will soon run dry: the moment to open the next shard."""
        return self.backlog(role) * 2 < self.capacity(role)

    def _role(self, name: str) -> Role:
        if name not in self._roles:
            raise EndpointError(f"the recipe names no model for the role {name}", f"add models.{name} to the recipe")
        return self._roles[name]
