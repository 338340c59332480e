"""What goes wrong between a client and the lab server, on purpose.

A fault is drawn from the seed, the request and how many times that request has come: the same run meets the same
faults, and a retry can succeed. Some faults replace the answer, others change the reply, others spoil the finished body
on its way out, as a broken proxy would.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from dataclasses import replace

import orjson
from aiohttp import web

from mmfinereason.lab.chat import Refusal
from mmfinereason.lab.wire import Reply
from mmfinereason.recipe.lab import FAULTS, FaultSettings

_PAGE = (
    b"<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head>"
    b"<body><h1>Bad Gateway</h1><p>The upstream server did not answer.</p></body></html>"
)
_STATUSES = {
    "rate_limited": (429, "rate_limit_exceeded", "too many requests"),
    "server_error": (500, "server_error", "something broke in the server"),
    "unavailable": (503, "unavailable", "the server is overloaded"),
}


def chance(key: str) -> float:
    """A number in [0, 1) that is fixed by the key."""
    return int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big") / 2**64


def draw(settings: FaultSettings, seed: int, request_key: str, attempt: int) -> str | None:
    """The fault, one of `FAULTS`, that try number `attempt` of a request meets, or None."""
    left = chance(f"fault/{seed}/{request_key}/{attempt}")
    for name in FAULTS:
        left -= getattr(settings, name)
        if left < 0:
            return name
    return None


def refuse(fault: str | None) -> None:
    """Raise the error status of a fault that has one."""
    if fault in _STATUSES:
        raise Refusal(*_STATUSES[fault])


def change(reply: Reply, fault: str | None) -> Reply:
    """The reply as the fault leaves it: content null, or cut in half."""
    if fault == "null_content":
        return replace(reply, content=None, reasoning=None)
    if fault == "length":
        if reply.reasoning:
            half = reply.reasoning[: len(reply.reasoning) // 2]
            return replace(reply, reasoning=half, content=None, finish_reason="length")
        content = reply.content or ""
        return replace(reply, content=content[: len(content) // 2], finish_reason="length")
    return reply


def substitute(fault: str | None) -> web.Response | None:
    """The answer of status 200 that a fault puts in place of the reply, if it is of that kind."""
    if fault == "html":
        return web.Response(body=_PAGE, content_type="text/html")
    if fault == "wrong_type":
        return web.Response(text="The answer is on its way.", content_type="text/plain")
    if fault == "empty_choices":
        body = orjson.dumps({"id": "chatcmpl-0", "object": "chat.completion", "created": 0, "choices": []})
        return web.Response(body=body, content_type="application/json")
    return None


async def hang(request: web.Request) -> None:
    """Wait until the client has gone."""
    while request.transport is not None:
        await asyncio.sleep(0.1)


async def break_off(request: web.Request, body: bytes, content_type: str, *, politely: bool) -> web.StreamResponse:
    """Send half of the body; then close as if that were all (politely), or drop the connection."""
    half = body[: len(body) // 2]
    headers = {"Content-Type": content_type, "Content-Length": str(len(half) if politely else len(body))}
    response = web.StreamResponse(headers=headers)
    with contextlib.suppress(ConnectionResetError):  # the client may be gone already
        await response.prepare(request)
        await response.write(half)
        await asyncio.sleep(0 if politely else 0.01)  # else the half that was written may never leave
    if not politely and request.transport is not None:
        request.transport.abort()
    return response
