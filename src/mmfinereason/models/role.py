"""One role at work: sends a request until it brings a reply or must be given up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace

from mmfinereason.errors import EndpointError
from mmfinereason.models import records
from mmfinereason.models.budget import Ledger, Spend
from mmfinereason.models.endpoints import Endpoint, State
from mmfinereason.models.exchange import Failure, Reply
from mmfinereason.models.limits import LONG_PAUSE, pause
from mmfinereason.models.payload import Payload
from mmfinereason.models.picture import BadImage
from mmfinereason.models.pool import Pool
from mmfinereason.models.response import Answer, Blame, Fault
from mmfinereason.models.transport import Transport
from mmfinereason.models.usage import Rate, RoleUsage
from mmfinereason.recipe.models import RoleSettings
from mmfinereason.schema import Reason

_MOST_COMPLETION = 8192
"""Completion tokens set aside for a request that names no maximum, until a longer reply was seen."""


@dataclass(frozen=True, slots=True)
class Means:
    """What all roles of a client share."""

    transport: Transport
    ledger: Ledger
    threads: Executor
    notice: Callable[[str], None]


@dataclass(slots=True)
class Trip:
    """The state of one request over all its tries."""

    payload: Payload
    check: Callable[[], None]  # raises when a reply could not be kept, before it is paid for
    tries: int = 0
    spent: Spend = field(default_factory=Spend)
    endpoint: str = ""
    fault: Fault | None = None
    body: bytes = b""
    paid: bool = False  # on the wire, or its outcome is being kept: must not be dropped
    wanted: bool = True

    def failure(self, reason: Reason, detail: str) -> Failure:
        """The trip's end without a reply."""
        cost = self.spent.dollars
        return records.failure(self.payload, reason, detail, endpoint=self.endpoint, cost=cost, tries=self.tries)

    def cut_short(self) -> Failure:
        """The end of a trip that was stopped between two tries; it is owed again whatever its last fault was."""
        last = self.fault.detail if self.fault else "none"
        return self.failure(Reason.CONNECTION, f"stopped before the next try; last fault: {last}")


class Role:
    """A role's endpoints, limits and books."""

    def __init__(self, name: str, settings: RoleSettings, means: Means) -> None:
        self.name = name
        self.settings = settings
        if not settings.endpoints:
            raise EndpointError(f"the {name} has no endpoint; its lab server was not started")
        self.pool = Pool(name, settings.endpoints, means.transport.probe, means.notice)
        self.replayed = 0
        self._means = means
        self._replies = 0
        self._failures = 0
        self._retries = 0
        self._pausing = 0
        self._rate = Rate()
        self._longest = _MOST_COMPLETION
        self._price_in = max(endpoint.price_in for endpoint in settings.endpoints)
        self._price_out = max(endpoint.price_out for endpoint in settings.endpoints)

    async def fetch(self, trip: Trip) -> Reply | Failure:
        """Send a request, again where that may help. Raises BudgetReached and EndpointError."""
        while True:
            try:
                endpoint, outcome, seconds = await self._send(trip)
            except BadImage as error:
                return trip.failure(Reason.BAD_IMAGE, str(error))
            if isinstance(outcome, Answer):
                self._replies += 1
                self._rate.note(asyncio.get_running_loop().time())
                self._longest = max(self._longest, outcome.tokens.completion)
                cost = trip.spent.dollars
                return records.reply(
                    trip.payload, outcome, endpoint=endpoint.url, cost=cost, latency=seconds, tries=trip.tries
                )
            trip.fault = fault = replace(outcome, detail=endpoint.redact(outcome.detail))
            if endpoint.state == State.MISCONFIGURED:
                trip.tries -= 1  # not the row's doing: another endpoint gets it, or none can be used at all
            elif fault.blame == Blame.ROW or trip.tries >= self.settings.retries.tries:
                self._failures += 1
                return trip.failure(fault.reason, fault.detail)
            elif not trip.wanted:
                return trip.cut_short()
            else:
                await self._pause(trip, fault)

    def usage(self) -> RoleUsage:
        """A snapshot of its books."""
        return RoleUsage(
            role=self.name,
            replies=self._replies,
            replayed=self.replayed,
            failures=self._failures,
            retries=self._retries,
            in_flight=sum(endpoint.in_flight for endpoint in self.pool.endpoints),
            waiting=self.pool.waiting + self._pausing,
            rate=self._rate.a_second(asyncio.get_running_loop().time()),
            endpoints=tuple(endpoint.usage() for endpoint in self.pool.endpoints),
        )

    async def _send(self, trip: Trip) -> tuple[Endpoint, Answer | Fault, float]:
        """One try: wait for an endpoint, set the budget aside, post, book what came back."""
        loop = asyncio.get_running_loop()
        most = self._most(trip.payload)
        expected = trip.payload.prompt_tokens + (self.pool.completion_mean or trip.payload.max_tokens or self._longest)
        trip.paid = False
        endpoint = await self.pool.acquire(expected, urgent=trip.fault is not None)
        try:
            await self._encode(trip)
            trip.check()
            await self._means.ledger.reserve(self.name, most)
            trip.paid = True
        finally:
            if not trip.paid:
                self.pool.cancel(endpoint, expected)
        started = loop.time()
        timeout = self.settings.timeout
        outcome = await self._means.transport.chat(endpoint.url, endpoint.headers, trip.body, timeout)
        seconds = loop.time() - started
        dollars = self.pool.finish(endpoint, outcome, expected, seconds, timeout)
        cost = Spend(1, outcome.tokens.prompt + outcome.tokens.completion, dollars)
        self._means.ledger.settle(self.name, most, cost)
        trip.spent += cost
        trip.tries += 1
        trip.endpoint = endpoint.url
        return endpoint, outcome, seconds

    async def _encode(self, trip: Trip) -> None:
        """Build the body, in a thread when the image must be scaled."""
        if trip.body:
            return
        picture = trip.payload.picture
        if picture is not None and picture.must_encode:
            loop = asyncio.get_running_loop()
            trip.body = await loop.run_in_executor(self._means.threads, trip.payload.body)
        else:
            trip.body = trip.payload.body()

    async def _pause(self, trip: Trip, fault: Fault) -> None:
        asked = fault.retry_after if fault.retry_after <= LONG_PAUSE else 0.0
        trip.paid = False
        self._retries += 1
        self._pausing += 1
        try:
            await asyncio.sleep(pause(self.settings.retries, trip.tries, asked))
        finally:
            self._pausing -= 1

    def _most(self, payload: Payload) -> Spend:
        """The most that one try can cost."""
        prompt, completion = payload.prompt_tokens, payload.max_tokens or self._longest
        dollars = (prompt * self._price_in + completion * self._price_out) / 1e6
        return Spend(1, prompt + completion, dollars)
