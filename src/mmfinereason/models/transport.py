"""One POST over aiohttp: the only lines of the package that touch a socket as a client."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from types import TracebackType
from typing import Self

import aiohttp
from yarl import URL

from mmfinereason.models.response import Answer, Blame, Fault, read
from mmfinereason.schema import Reason

_CONNECT_SECONDS = 20.0
_PROBE_SECONDS = 10.0
_LARGE = 1 << 20
"""aiohttp wants bodies above this size as a stream."""
LARGEST_REPLY = 64 << 20
"""Bytes of a response's body that are read at most; no reply of 100,000 tokens comes near."""

Response = tuple[int, Mapping[str, str], bytes]
"""Status, headers and body."""


class Transport:
    """A pooled HTTP session for all endpoints; an async context manager. Nothing it does raises a network error."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(limit=0, ttl_dns_cache=300)
        self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def chat(self, url: str, headers: dict[str, str], body: bytes, seconds: float) -> Answer | Fault:
        """Post a chat completion to the base `url`."""
        came = await self.post(url, headers, body, seconds)
        return came if isinstance(came, Fault) else read(*came)

    async def post(self, url: str, headers: dict[str, str], body: bytes, seconds: float) -> Response | Fault:
        """The same, with the response as it came."""
        data = body if len(body) < _LARGE else io.BytesIO(body)
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=_CONNECT_SECONDS)
        try:
            async with self._open().post(
                _chat_url(url), data=data, headers=headers, timeout=timeout, allow_redirects=False
            ) as response:
                return await _read(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return _network_fault(error, seconds)

    async def models(self, url: str, headers: dict[str, str]) -> Response | Fault:
        """What the server at `url` says of the models it has."""
        timeout = aiohttp.ClientTimeout(total=_PROBE_SECONDS)
        try:
            async with self._open().get(f"{url}/models", headers=headers, timeout=timeout) as response:
                return await _read(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return _network_fault(error, _PROBE_SECONDS)

    async def probe(self, url: str, headers: dict[str, str]) -> str | None:
        """None when the server at `url` answers at all, else what is wrong."""
        came = await self.models(url, headers)
        if isinstance(came, Fault):
            return came.detail
        return f"HTTP {came[0]}" if came[0] >= 500 else None

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            raise RuntimeError("the client is used outside its `async with` block")
        return self._session


async def _read(response: aiohttp.ClientResponse) -> Response | Fault:
    """The response with its whole body, unless that is larger than any reply."""
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > LARGEST_REPLY:
            response.close()  # what is left of it is not worth a connection
            return Fault(Reason.BAD_REPLY, f"a response of more than {LARGEST_REPLY >> 20} MiB", Blame.SERVER)
    return response.status, response.headers, bytes(body)


@cache
def _chat_url(url: str) -> URL:
    return URL(f"{url}/chat/completions")


def _network_fault(error: Exception, seconds: float) -> Fault:
    detail = f"{type(error).__name__}: {error}".rstrip(": ")
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError):
        return Fault(Reason.CONNECTION, detail, Blame.UNREACHABLE)
    if isinstance(error, TimeoutError):
        return Fault(Reason.TIMEOUT, f"no full reply within {seconds:g} s", Blame.SERVER)
    return Fault(Reason.CONNECTION, detail, Blame.SERVER)
