"""One request on its way, from the line to the journal, for everyone who asked for it."""

from __future__ import annotations

import asyncio

from mmfinereason.errors import BudgetReached, EndpointError
from mmfinereason.models.exchange import Failure, Reply
from mmfinereason.models.payload import Payload
from mmfinereason.models.records import to_entry
from mmfinereason.models.role import Role, Trip
from mmfinereason.store.journal import Journal


class Flight:
    """A task that gets a reply and journals it; it outlives its askers only while a request is on the wire."""

    def __init__(self, role: Role, payload: Payload, journal: Journal) -> None:
        self.journal = journal
        self._askers = 0
        self._trip = Trip(payload, journal.check)
        self.task = asyncio.create_task(self._fly(role))
        self.task.add_done_callback(_look_at)
        journal.expect(self.task)

    async def join(self) -> Reply | Failure:
        """Wait for the outcome together with whoever else asked."""
        self._askers += 1
        try:
            return await asyncio.shield(self.task)
        finally:
            self._askers -= 1
            if not self._askers and not self.task.done():
                self._abandon()

    def _abandon(self) -> None:
        self._trip.wanted = False
        if not self._trip.paid:
            self.task.cancel()

    async def _fly(self, role: Role) -> Reply | Failure:
        trip = self._trip
        try:
            outcome = await role.fetch(trip)
        except (BudgetReached, EndpointError, asyncio.CancelledError):
            if trip.spent.requests:
                await self._keep(trip.cut_short(), role)
            raise
        await self._keep(outcome, role)
        return outcome

    async def _keep(self, outcome: Reply | Failure, role: Role) -> None:
        self._trip.paid = True
        await self.journal.append(to_entry(outcome), self._trip.spent.tally(role.name))


def _look_at(task: asyncio.Task[Reply | Failure]) -> None:
    """Nobody may be left to see the error of an abandoned task; asyncio would complain at the end."""
    if not task.cancelled():
        task.exception()
