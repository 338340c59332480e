"""What was spent and how it is going: per role and per endpoint, as a snapshot that the live screen reads."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

_MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class EndpointUsage:
    """One endpoint of a role since the client started."""

    url: str
    state: str  # `up`, `trial` (being tried again), `out` or `misconfigured`
    limit: int  # requests in flight it is given at the moment
    in_flight: int
    requests: int  # sent, retries included
    faults: int  # requests that brought no usable reply
    prompt_tokens: int
    completion_tokens: int
    reasoning_tokens: int
    cost: float
    latency: float  # seconds, moving average of good replies; 0 before the first


@dataclass(frozen=True, slots=True)
class RoleUsage:
    """One role since the client started."""

    role: str
    replies: int  # good replies that the servers gave
    replayed: int  # replies and failures read back from journals
    failures: int  # requests given up
    retries: int
    in_flight: int
    waiting: int  # asked for, not yet sent
    rate: float  # replies a second over the last minute
    endpoints: tuple[EndpointUsage, ...]

    @property
    def requests(self) -> int:
        """Requests sent, retries included."""
        return sum(endpoint.requests for endpoint in self.endpoints)

    @property
    def prompt_tokens(self) -> int:
        """Prompt tokens as the servers counted."""
        return sum(endpoint.prompt_tokens for endpoint in self.endpoints)

    @property
    def completion_tokens(self) -> int:
        """Completion tokens as the servers counted, reasoning included."""
        return sum(endpoint.completion_tokens for endpoint in self.endpoints)

    @property
    def reasoning_tokens(self) -> int:
        """Reasoning tokens where the servers told them."""
        return sum(endpoint.reasoning_tokens for endpoint in self.endpoints)

    @property
    def cost(self) -> float:
        """US dollars."""
        return sum(endpoint.cost for endpoint in self.endpoints)


@dataclass(frozen=True, slots=True)
class Usage:
    """All roles of a client."""

    roles: tuple[RoleUsage, ...]

    @property
    def cost(self) -> float:
        """US dollars since the client started."""
        return sum(role.cost for role in self.roles)


class Rate:
    """Events a second over the last minute, counted by whole seconds."""

    def __init__(self) -> None:
        self._counts: deque[list[float]] = deque()  # [second, events in it]

    def note(self, now: float) -> None:
        """Count one event."""
        second = float(int(now))
        if self._counts and self._counts[-1][0] == second:
            self._counts[-1][1] += 1
        else:
            self._forget(now)
            self._counts.append([second, 1.0])

    def a_second(self, now: float) -> float:
        """The mean rate since the oldest event of the last minute."""
        self._forget(now)
        if not self._counts:
            return 0.0
        return sum(count for _, count in self._counts) / max(1.0, now - self._counts[0][0])

    def _forget(self, now: float) -> None:
        while self._counts and self._counts[0][0] < now - _MINUTE:
            self._counts.popleft()
