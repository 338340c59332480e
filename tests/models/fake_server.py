"""A chat server that does what a test tells it, request by request, and remembers what it saw."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Act = Callable[[int, dict[str, Any]], Awaitable[web.StreamResponse]]


def completion(text: str = "fine", **message: Any) -> dict[str, Any]:
    return {
        "model": "served-model",
        "choices": [{"message": {"role": "assistant", "content": text, **message}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5},
    }


async def good(number: int, body: dict[str, Any]) -> web.StreamResponse:
    return web.json_response(completion())


def status(code: int, text: str = "no", **headers: str) -> Act:
    async def act(number: int, body: dict[str, Any]) -> web.StreamResponse:
        return web.json_response({"error": {"message": text}}, status=code, headers=headers)

    return act


def body_of(content: bytes, content_type: str = "application/json") -> Act:
    async def act(number: int, body: dict[str, Any]) -> web.StreamResponse:
        return web.Response(body=content, content_type=content_type)

    return act


def first(times: int, act: Act, then: Act = good) -> Act:
    async def choose(number: int, body: dict[str, Any]) -> web.StreamResponse:
        return await (act if number < times else then)(number, body)

    return choose


def after(seconds: float, act: Act = good) -> Act:
    async def late(number: int, body: dict[str, Any]) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        return await act(number, body)

    return late


class FakeServer:
    def __init__(self, act: Act = good) -> None:
        self.act = act
        self.seen: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.times: list[float] = []
        self.in_flight = 0
        self.most_in_flight = 0
        self._server: TestServer | None = None
        self._port: int | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/v1"

    async def __aenter__(self) -> FakeServer:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def start(self) -> None:
        app = web.Application(client_max_size=1 << 26)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        self._server = TestServer(app, host="127.0.0.1", port=self._port)
        await self._server.start_server(shutdown_timeout=0.01)
        self._port = self._server.port

    async def stop(self) -> None:
        if self._server is not None:
            await self._server.close()
            self._server = None

    async def _models(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"data": []})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        number = len(self.seen)
        self.seen.append(body)
        self.headers.append(dict(request.headers))
        self.times.append(asyncio.get_running_loop().time())
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self.act(number, body)
        finally:
            self.in_flight -= 1
