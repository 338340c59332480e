"""Short requests to one endpoint, built like the run's own, and the books of what they took."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from typing import Any

import orjson

from mmfinereason.models.exchange import Request
from mmfinereason.models.payload import Payload, compose
from mmfinereason.models.response import Answer, Blame, Fault, read
from mmfinereason.models.transport import Response, Transport
from mmfinereason.recipe.models import EndpointSettings, RoleSettings

ROOM = 4096
"""Completion tokens for a plain question: a thinking model needs hundreds."""
_TRIES = 4
_PAUSE = 0.5
_SECONDS = 300.0


class Asking:
    """One endpoint and the settings it is asked with; `role` changes when a field turns out to be refused."""

    def __init__(self, transport: Transport, role: RoleSettings, endpoint: EndpointSettings) -> None:
        self._transport = transport
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        self._key = os.environ.get(endpoint.key_env, "") if endpoint.key_env else ""
        if self._key:
            self._headers["Authorization"] = f"Bearer {self._key}"
        self.role = role
        self.endpoint = endpoint
        self.requests = 0
        self.tokens = 0
        self.failed: list[str] = []

    @property
    def lacks_key(self) -> bool:
        """Whether the recipe names a key that the environment does not hold."""
        return self.endpoint.key_env is not None and not self._key

    def redacted(self, text: str) -> str:
        """A server's words without the key, should they repeat it."""
        return text.replace(self._key, "***") if self._key else text

    async def models(self) -> Response | Fault:
        """What the server says of the models it has."""
        return await self._transport.models(self.endpoint.url, self._headers)

    def payload(self, text: str, **fields: Any) -> Payload:
        if fields.get("max_tokens") is None:
            fields["max_tokens"] = room(self.role)
        return compose(self.role, Request("", text, **fields), 0)

    async def ask(self, text: str, *, leave_out: str = "", **fields: Any) -> Answer | Fault:
        payload = self.payload(text, **fields)
        options = {name: value for name, value in payload.options.items() if name != leave_out}
        came = await self.post(replace(payload, options=options).body())
        return came if isinstance(came, Fault) else _answer(came)

    async def post(self, body: bytes) -> bytes | Fault:
        """A good response's body; what may pass is tried again."""
        for tried in range(_TRIES):
            came = await self._transport.post(self.endpoint.url, self._headers, body, _SECONDS)
            outcome = came if isinstance(came, Fault) else read(*came)
            self.requests += 1
            self.tokens += outcome.tokens.prompt + outcome.tokens.completion
            if isinstance(outcome, Answer) and not isinstance(came, Fault):
                return came[2]
            assert isinstance(outcome, Fault)
            if outcome.blame in (Blame.ROW, Blame.SETUP) or tried == _TRIES - 1:
                return outcome
            self.failed.append(outcome.detail)
            await asyncio.sleep(max(_PAUSE, min(outcome.retry_after, 30.0)))
        raise AssertionError("unreachable")


def _answer(body: bytes) -> Answer | Fault:
    return read(200, {"Content-Type": "application/json"}, body)


def room(role: RoleSettings) -> int:
    """Completion tokens that a plain question may take."""
    return min(role.max_tokens or ROOM, ROOM)


def listed(body: bytes) -> dict[str, int | None]:
    """Model names and context lengths of a model list; empty for anything else."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    entries = data.get("data") if isinstance(data, dict) else None
    found = {}
    for entry in entries if isinstance(entries, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get("id"), str):
            length = entry.get("max_model_len")
            found[entry["id"]] = length if isinstance(length, int) else None
    return found
