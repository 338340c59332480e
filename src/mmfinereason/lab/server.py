"""A server on loopback that speaks the OpenAI chat protocol and plays the models of a run.

It is the embedded default, the test double and the load generator in one, so it must be quick, tell the same story
twice, and keep its own log: what the log says is what a client really sent. A request is logged before its answer
leaves, so whoever has an answer finds it in the log.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, deque
from typing import IO, Any, Protocol

import orjson
from aiohttp import web

from mmfinereason.lab import chat, checkup, faults, wire
from mmfinereason.lab.chat import ROLES, ChatRequest, Refusal, Role
from mmfinereason.lab.knowledge import Known
from mmfinereason.lab.replay import Replay
from mmfinereason.lab.simulated import Simulated
from mmfinereason.lab.wire import Reply
from mmfinereason.recipe.lab import LabOptions, Mode

LARGEST_BODY = 64 * 2**20
"""Bytes of a request body, at most."""
LOG_LINES = 500_000
"""Requests the log in memory goes back; a log file has them all."""


class Player(Protocol):
    """Something that plays the roles."""

    def answer(self, request: ChatRequest, index: int) -> Reply:
        """Choice number `index` of a request."""


class Model(Protocol):
    """A real model in place of the roles."""

    async def answers(self, request: ChatRequest) -> list[Reply]:
        """All choices of a request."""


class LabApp:
    """The server's state and its handlers. A `model` that is given answers alone, under its `name`."""

    def __init__(
        self,
        mode: Mode,
        rows: list[Known],
        options: LabOptions,
        log: IO[bytes] | None = None,
        *,
        model: Model | None = None,
        name: str = "local",
    ) -> None:
        self._mode = "local" if model else mode
        self._model = model
        self._options = options
        self._player: Player = Replay(rows, options) if mode == "replay" else Simulated(rows, options)
        self._models: dict[str, Role] = {name: "student"} if model else {f"{mode}-{role}": role for role in ROLES}
        self._log = log
        self._tries: Counter[str] = Counter()
        self._image_tokens: dict[str, int] = {}
        self._in_flight = 0
        self._rows = len(rows)
        self._lines: deque[bytes] = deque(maxlen=LOG_LINES)

    def application(self) -> web.Application:
        """The aiohttp application."""
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._list_models)
        app.router.add_get("/health", self._health)
        app.router.add_get("/lab/log", self._show_log)
        return app

    def entries(self) -> list[dict[str, Any]]:
        """The request log, oldest first, as far as it is kept in memory."""
        return [orjson.loads(line) for line in self._lines]

    async def _list_models(self, _: web.Request) -> web.Response:
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "mmfinereason-lab"} for name in self._models]
        return _json({"object": "list", "data": data})

    async def _health(self, _: web.Request) -> web.Response:
        return _json({"status": "ok", "mode": self._mode, "rows": self._rows})

    async def _show_log(self, _: web.Request) -> web.Response:
        return web.Response(body=b"".join(self._lines), content_type="application/x-ndjson")

    async def _chat(self, http: web.Request) -> web.StreamResponse:
        arrived = time.time()
        try:
            asked = chat.parse(await http.read(), self._models)
        except Refusal as refusal:
            return _error(refusal)
        limit = self._options.max_in_flight
        if limit is not None and self._in_flight >= limit:
            self._note(arrived, asked, 429, None, [])
            return _error(Refusal(429, "rate_limit_exceeded", f"{limit} requests are in flight"), 1.0)
        self._in_flight += 1
        try:
            return await self._serve(http, asked, arrived)
        finally:
            self._in_flight -= 1

    async def _serve(self, http: web.Request, asked: ChatRequest, arrived: float) -> web.StreamResponse:
        fault = faults.draw(self._options.faults, self._options.seed, asked.key, self._tries[asked.key])
        self._tries[asked.key] += 1
        await self._wait(asked, fault)
        try:
            faults.refuse(fault)
            replies = await self._replies(asked, fault)
        except Refusal as refusal:
            self._note(arrived, asked, refusal.status, fault, [])
            return _error(refusal, self._options.faults.retry_after)
        self._note(arrived, asked, 200, fault, replies)
        if fault == "hang":
            await faults.hang(http)
        return faults.substitute(fault) or await self._send(http, asked, replies, fault)

    async def _replies(self, asked: ChatRequest, fault: str | None) -> list[Reply]:
        if self._model is not None:
            return [faults.change(reply, fault) for reply in await self._model.answers(asked)]
        return [self._reply(asked, index, fault) for index in range(asked.n)]

    def _reply(self, asked: ChatRequest, index: int, fault: str | None) -> Reply:
        said = checkup.answer(asked, self._options.seed, index) or self._player.answer(asked, index)
        return faults.change(wire.cut(said, asked.max_tokens), fault)

    async def _send(
        self, http: web.Request, asked: ChatRequest, replies: list[Reply], fault: str | None
    ) -> web.StreamResponse:
        counted = wire.usage(replies, self._prompt_tokens(asked))
        kind = "text/event-stream" if asked.stream else "application/json"
        if fault in ("reset", "truncated_json") or not asked.stream:
            body = (
                b"".join(wire.events(asked, replies, self._options.reasoning, counted))
                if asked.stream
                else wire.completion(asked, replies, self._options.reasoning, counted)
            )
            if fault in ("reset", "truncated_json"):
                return await faults.break_off(http, body, kind, politely=fault == "truncated_json")
            return web.Response(body=body, content_type=kind)
        response = web.StreamResponse(headers={"Content-Type": kind, "Cache-Control": "no-cache"})
        await response.prepare(http)
        for event in wire.events(asked, replies, self._options.reasoning, counted):
            await response.write(event)
        return response

    async def _wait(self, asked: ChatRequest, fault: str | None) -> None:
        options = self._options
        spread = 1 + options.jitter * (2 * faults.chance(f"latency/{options.seed}/{asked.key}") - 1)
        late = options.faults.slow_seconds if fault == "slow" else 0.0
        if seconds := options.latency * spread + late:
            await asyncio.sleep(seconds)

    def _prompt_tokens(self, asked: ChatRequest) -> int:
        for sha, image in zip(asked.image_sha256, asked.images, strict=True):
            if sha not in self._image_tokens:
                self._image_tokens[sha] = wire.image_tokens(image)
        return wire.text_tokens(asked.prompt) + sum(self._image_tokens[sha] for sha in asked.image_sha256)

    def _note(self, arrived: float, asked: ChatRequest, status: int, fault: str | None, replies: list[Reply]) -> None:
        entry = {
            "time": arrived,
            "key": asked.key,
            "model": asked.model,
            "row": replies[0].row if replies else None,
            "seed": asked.seed,
            "status": status,
            "fault": fault,
        }
        line = orjson.dumps(entry, option=orjson.OPT_APPEND_NEWLINE)
        self._lines.append(line)
        if self._log is not None:
            self._log.write(line)


def _json(content: dict[str, object], status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(content), status=status, content_type="application/json")


def _error(refusal: Refusal, retry_after: float = 0.0) -> web.Response:
    kind = "invalid_request_error" if refusal.status < 429 else "server_error"
    response = _json({"error": {"message": refusal.message, "type": kind, "code": refusal.code}}, refusal.status)
    if refusal.status in (429, 503):
        response.headers["Retry-After"] = f"{retry_after:g}"
    return response
