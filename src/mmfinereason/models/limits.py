"""How fast an endpoint may be asked: requests in flight, requests and tokens a minute, and waits between tries."""

from __future__ import annotations

import random

from mmfinereason.recipe.models import RetrySettings

_GROWTH = 0.05
_FEWEST_SEEN = 8
LONG_PAUSE = 30.0
"""A Retry-After of more seconds makes the whole endpoint rest; a shorter one only the request that got it."""
_NOTHING = 1e-6
"""A debt this small is rounding."""


class Concurrency:
    """Requests in flight that an endpoint is given, between 1 and its setting.

    Outcomes are counted over as many requests as are allowed in flight, about one round trip. The share that ran into
    load (429, 503 with Retry-After, replies slow enough to near the timeout) is taken off the limit, then a twentieth
    of the setting is added. A server that takes C at once so settles the limit just above C within a few round trips,
    while a few stray refusals among thousands cost nothing.
    """

    def __init__(self, most: int) -> None:
        self.limit = most
        self._most = most
        self._seen = 0
        self._loaded = 0

    def note(self, loaded: bool) -> None:
        """Count one outcome."""
        self._seen += 1
        self._loaded += loaded
        if self._seen < max(_FEWEST_SEEN, self.limit):
            return
        kept = self.limit * (1 - self._loaded / self._seen)
        self.limit = max(1, min(self._most, round(kept + max(1.0, _GROWTH * self._most))))
        self._seen = self._loaded = 0


class Pace:
    """A bucket that refills evenly and holds one second's worth, so that no minute takes more than its limit.

    One request may overdraw it (a request can cost more tokens than a second brings); the next waits out the debt.
    """

    def __init__(self, per_minute: float | None, now: float) -> None:
        self._rate = (per_minute or 0.0) / 60.0
        self._level = 0.0
        self._at = now

    def wait(self, now: float) -> float:
        """Seconds until something may be sent."""
        if not self._rate:
            return 0.0
        self._level = min(self._rate, self._level + (now - self._at) * self._rate)
        self._at = now
        return 0.0 if self._level > -_NOTHING else -self._level / self._rate

    def take(self, amount: float) -> None:
        """Book an amount; a negative one gives back what was estimated too high."""
        if self._rate:
            self._level -= amount


def pause(settings: RetrySettings, tries: int, asked: float) -> float:
    """Seconds to wait after `tries` failed tries; at least what the server `asked` for.

    Jitter keeps requests that failed together from coming back together.
    """
    wait = min(settings.longest_wait, settings.first_wait * 2.0 ** (tries - 1)) * random.uniform(0.5, 1.0)
    return max(wait, asked * random.uniform(1.0, 1.1))
