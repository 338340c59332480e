"""The endpoints of one role: who gets the next request, who is out, and what happens when all are.

Requests wait in one line and go to the endpoint with the most free capacity, counted by weight; tries after a fault go
first, so that a shard's stragglers do not queue behind the next shard. An endpoint that is out is probed with growing
pauses and taken back with a single request. While all are out the line just waits.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from mmfinereason.errors import EndpointError
from mmfinereason.models.endpoints import Endpoint, State
from mmfinereason.models.response import Answer, Fault
from mmfinereason.recipe.models import EndpointSettings

_FIRST_PROBE = 0.5
_LONGEST_PROBE = 30.0

Probe = Callable[[str, dict[str, str]], Awaitable[str | None]]


class Pool:
    """Line of waiting requests and the endpoints that serve it."""

    def __init__(
        self, role: str, endpoints: Sequence[EndpointSettings], probe: Probe, notice: Callable[[str], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.role = role
        self.endpoints = [Endpoint(settings, self._loop.time()) for settings in endpoints]
        self._probe = probe
        self._notice = notice
        self._line: deque[tuple[asyncio.Future[Endpoint], float]] = deque()
        self._nurses: dict[Endpoint, asyncio.Task[None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._all_out = False

    @property
    def waiting(self) -> int:
        """Requests in the line."""
        return len(self._line)

    @property
    def capacity(self) -> int:
        """Requests all endpoints together take at once at the moment."""
        return sum(endpoint.limit for endpoint in self.endpoints)

    async def acquire(self, tokens: float, *, urgent: bool) -> Endpoint:
        """Wait for an endpoint to send one request to. Raises EndpointError when none can ever be used.

        The caller owes a `finish` or `cancel` for every endpoint it gets.
        """
        self._refuse_when_hopeless()
        turn: asyncio.Future[Endpoint] = self._loop.create_future()
        self._line.appendleft((turn, tokens)) if urgent else self._line.append((turn, tokens))
        self._dispatch()
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.cancel(turn.result(), tokens)
            raise

    def cancel(self, endpoint: Endpoint, tokens: float) -> None:
        """Give an endpoint back unused."""
        endpoint.cancel(tokens)
        self._dispatch()

    def finish(
        self, endpoint: Endpoint, outcome: Answer | Fault, expected: float, seconds: float, timeout: float
    ) -> float:
        """Give an endpoint back with what it brought; returns the cost in US dollars."""
        state, rest = endpoint.state, endpoint.resting_until
        cost = endpoint.finish(outcome, expected, seconds, timeout, self._loop.time())
        if endpoint.state != state:
            self._changed(endpoint)
        if endpoint.resting_until > rest:
            self._notice(f"{self.role}: {endpoint.url} asks for a long pause ({endpoint.last_fault})")
        self._dispatch()
        return cost

    @property
    def completion_mean(self) -> float:
        """Completion tokens of a usual reply; 0 before the first."""
        return max(endpoint.completion_mean for endpoint in self.endpoints)

    def close(self) -> None:
        """Stop probing and waking; whoever still waits is cancelled."""
        for task in self._nurses.values():
            task.cancel()
        if self._timer is not None:
            self._timer.cancel()
        for turn, _ in self._line:
            turn.cancel()

    def _dispatch(self) -> None:
        now = self._loop.time()
        while self._line:
            turn, tokens = self._line[0]
            if turn.done():
                self._line.popleft()
                continue
            endpoint = self._best(now)
            if endpoint is None:
                break
            self._line.popleft()
            endpoint.start(tokens)
            turn.set_result(endpoint)

    def _best(self, now: float) -> Endpoint | None:
        """The endpoint with the most free capacity; when only pace holds all back, come again in time."""
        free = [endpoint for endpoint in self.endpoints if endpoint.free]
        ready = [endpoint for endpoint in free if endpoint.wait(now) <= 0]
        if ready:
            return max(ready, key=lambda endpoint: endpoint.free * endpoint.settings.weight)
        if free:
            self._wake_at(now + max(0.001, min(endpoint.wait(now) for endpoint in free)))
        return None

    def _wake_at(self, moment: float) -> None:
        if self._timer is not None:
            if self._timer.when() <= moment:
                return
            self._timer.cancel()
        self._timer = self._loop.call_at(moment, self._woken)

    def _woken(self) -> None:
        self._timer = None
        self._dispatch()

    def _changed(self, endpoint: Endpoint) -> None:
        """An endpoint went out or came back: start or stop probing, and tell when that stops or restarts the run."""
        if endpoint.state == State.OUT and endpoint not in self._nurses:
            self._notice(f"{self.role}: {endpoint.url} is taken out ({endpoint.last_fault})")
            self._nurses[endpoint] = self._loop.create_task(self._nurse(endpoint))
        elif endpoint.state == State.UP:
            self._notice(f"{self.role}: {endpoint.url} is back")
            if nurse := self._nurses.pop(endpoint, None):
                nurse.cancel()
        elif endpoint.state == State.MISCONFIGURED:
            self._notice(f"{self.role}: {endpoint.url} cannot be used ({endpoint.last_fault})")
            self._fail_when_hopeless()
        self._tell_if_all_are_out()

    def _tell_if_all_are_out(self) -> None:
        all_out = not any(endpoint.limit for endpoint in self.endpoints)
        hopeless = all(endpoint.state == State.MISCONFIGURED for endpoint in self.endpoints)
        if all_out and not self._all_out and not hopeless:
            self._notice(f"{self.role}: no endpoint answers; waiting until one is back, nothing is lost")
        self._all_out = all_out

    async def _nurse(self, endpoint: Endpoint) -> None:
        """Probe an endpoint that is out; it comes back on trial, and a trial that lasts to the next probe is passed."""
        pause = _FIRST_PROBE
        while True:
            await asyncio.sleep(pause)
            pause = min(_LONGEST_PROBE, 2 * pause)
            if await self._probe(endpoint.url, endpoint.headers) is not None:
                continue
            if endpoint.state == State.OUT:
                endpoint.state = State.TRIAL
            elif endpoint.state == State.TRIAL and endpoint.in_flight:
                endpoint.state = State.UP
                self._changed(endpoint)
            self._dispatch()

    def _fail_when_hopeless(self) -> None:
        error = self._hopeless()
        while error and self._line:
            turn, _ = self._line.popleft()
            if not turn.done():
                turn.set_exception(error)

    def _refuse_when_hopeless(self) -> None:
        if error := self._hopeless():
            raise error

    def _hopeless(self) -> EndpointError | None:
        if any(endpoint.state != State.MISCONFIGURED for endpoint in self.endpoints):
            return None
        faults = "; ".join(f"{endpoint.url}: {endpoint.last_fault}" for endpoint in self.endpoints)
        return EndpointError(
            f"no endpoint of the {self.role} can be used: {faults}",
            f"check url, model and key_env of models.{self.role}",
        )
