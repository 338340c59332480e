"""One endpoint of a role: its health, its limits and its books."""

from __future__ import annotations

import os
from enum import StrEnum

from mmfinereason.errors import EndpointError
from mmfinereason.models.limits import LONG_PAUSE, Concurrency, Pace
from mmfinereason.models.response import Answer, Blame, Fault, Tokens
from mmfinereason.models.usage import EndpointUsage
from mmfinereason.recipe.models import EndpointSettings
from mmfinereason.schema import Reason

_UNREACHABLE_IN_A_ROW = 3
_FAULTS_IN_A_ROW = 5
_REFUSALS_IN_A_ROW = 50
_NEAR_TIMEOUT = 0.7
_MILLION = 1e6


class State(StrEnum):
    """Health of an endpoint."""

    UP = "up"
    TRIAL = "trial"  # answers again; gets one request at a time until one succeeds
    OUT = "out"
    MISCONFIGURED = "misconfigured"  # out for the rest of the run


class Endpoint:
    """State of one endpoint. It is taken out when faults come in a row and no reply between them.

    How many in a row grows with the requests in flight: when a hundred are on their way, the quick refusals come back
    long before the first good reply, and a few of them say nothing.
    """

    def __init__(self, settings: EndpointSettings, now: float) -> None:
        self.settings = settings
        self.url = settings.url
        self.state = State.UP
        self.in_flight = 0
        self.last_fault = ""
        self.resting_until = 0.0
        self._key = _api_key(settings)
        self.headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if self._key:
            self.headers["Authorization"] = f"Bearer {self._key}"
        self._concurrency = Concurrency(settings.concurrency)
        self._requests_pace = Pace(settings.requests_per_minute, now)
        self._tokens_pace = Pace(settings.tokens_per_minute, now)
        self._faults_in_a_row = 0
        self._refusals_in_a_row = 0
        self._good = 0
        self._requests = 0
        self._faults = 0
        self._tokens = Tokens()
        self._cost = 0.0
        self._latency = 0.0
        self.completion_mean = 0.0

    @property
    def limit(self) -> int:
        """Requests in flight it may have at the moment."""
        if self.state == State.UP:
            return self._concurrency.limit
        return 1 if self.state == State.TRIAL else 0

    @property
    def free(self) -> int:
        """Requests it could take now, its pace aside."""
        return max(0, self.limit - self.in_flight)

    def wait(self, now: float) -> float:
        """Seconds until its request and token limits allow another request."""
        return max(self._requests_pace.wait(now), self._tokens_pace.wait(now), self.resting_until - now)

    def start(self, tokens: float) -> None:
        """Book a request that is about to be sent, with the tokens it is expected to cost."""
        self.in_flight += 1
        self._requests += 1
        self._requests_pace.take(1)
        self._tokens_pace.take(tokens)

    def cancel(self, tokens: float) -> None:
        """Undo `start`: the request was not sent."""
        self.in_flight -= 1
        self._requests -= 1
        self._requests_pace.take(-1)
        self._tokens_pace.take(-tokens)

    def finish(self, outcome: Answer | Fault, expected: float, seconds: float, timeout: float, now: float) -> float:
        """Book the outcome of a request and return its cost in US dollars."""
        self.in_flight -= 1
        tokens = outcome.tokens
        cost = (tokens.prompt * self.settings.price_in + tokens.completion * self.settings.price_out) / _MILLION
        if used := tokens.prompt + tokens.completion:
            self._tokens_pace.take(used - expected)
        self._cost += cost
        self._tokens = Tokens(
            self._tokens.prompt + tokens.prompt,
            self._tokens.completion + tokens.completion,
            self._tokens.reasoning + tokens.reasoning,
        )
        if isinstance(outcome, Answer):
            self._succeeded(outcome, seconds, timeout)
        else:
            self._failed(outcome, now)
        return cost

    def redact(self, text: str) -> str:
        """A server's words without the API key, should they repeat it."""
        return text.replace(self._key, "***") if self._key else text

    def usage(self) -> EndpointUsage:
        """A snapshot of its books."""
        return EndpointUsage(
            url=self.url,
            state=self.state.value,
            limit=self.limit,
            in_flight=self.in_flight,
            requests=self._requests,
            faults=self._faults,
            prompt_tokens=self._tokens.prompt,
            completion_tokens=self._tokens.completion,
            reasoning_tokens=self._tokens.reasoning,
            cost=self._cost,
            latency=self._latency,
        )

    def _succeeded(self, answer: Answer, seconds: float, timeout: float) -> None:
        self._good += 1
        self._faults_in_a_row = self._refusals_in_a_row = 0
        if self.state != State.MISCONFIGURED:
            self.state = State.UP
        share = max(0.05, 1 / self._good)
        self._latency += share * (seconds - self._latency)
        self.completion_mean += share * (answer.tokens.completion - self.completion_mean)
        self._concurrency.note(seconds > _NEAR_TIMEOUT * timeout)

    def _failed(self, fault: Fault, now: float) -> None:
        self._faults += 1
        self.last_fault = self.redact(fault.detail)
        self._concurrency.note(fault.blame == Blame.LOAD or fault.reason == Reason.TIMEOUT)
        if fault.retry_after > LONG_PAUSE:
            self.resting_until = max(self.resting_until, now + fault.retry_after)
        if fault.blame == Blame.ROW:
            self._refused()
        elif fault.blame == Blame.SETUP and not self._good:
            self.state = State.MISCONFIGURED
        elif fault.blame in (Blame.SERVER, Blame.UNREACHABLE, Blame.SETUP):
            self._stumbled(fault.blame)

    def _refused(self) -> None:
        """A server that answers refuses single rows; one that has refused every row so far is set up wrongly."""
        self._faults_in_a_row = 0
        if self.state != State.MISCONFIGURED:
            self.state = State.UP
        self._refusals_in_a_row += 1
        if not self._good and self._refusals_in_a_row >= _REFUSALS_IN_A_ROW:
            self.state = State.MISCONFIGURED

    def _stumbled(self, blame: Blame) -> None:
        self._faults_in_a_row += 1
        usual = _UNREACHABLE_IN_A_ROW if blame == Blame.UNREACHABLE else max(_FAULTS_IN_A_ROW, self.in_flight // 2)
        if self.state == State.TRIAL or (self.state == State.UP and self._faults_in_a_row >= usual):
            self.state = State.OUT


def _api_key(settings: EndpointSettings) -> str:
    if settings.key_env is None:
        return ""
    key = os.environ.get(settings.key_env, "")
    if not key:
        raise EndpointError(
            f"the environment variable {settings.key_env} with the key for {settings.url} is not set",
            f"export {settings.key_env}=... and run the same command again",
        )
    return key
