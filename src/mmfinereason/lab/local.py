"""The lab server's third mode: a checkpoint on this machine answers, for evaluation and probing on small machines.

Requests that arrive while others are being written join them where the engine can take them, else they go into the
next batch together, whatever their sampling. A field of the protocol that would change the reply and is not known here
is refused, never ignored.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from queue import SimpleQueue
from threading import Thread
from typing import Any

from PIL import Image

from mmfinereason.lab import engines
from mmfinereason.lab.chat import ChatRequest, Refusal
from mmfinereason.lab.engines.base import Engine, Sampling, Wanted, Written, open_image
from mmfinereason.lab.wire import Counted, Reply
from mmfinereason.recipe.lab import EngineName, name_of

LINGER = 0.005
"""Seconds the first request of a batch waits for others."""
IGNORED = frozenset({"model", "messages", "n", "stream", "stream_options", "user", "metadata", "store"})
"""Fields that are read elsewhere or change nothing."""
NEUTRAL: dict[str, tuple[Any, ...]] = {
    "logprobs": (None, False),
    "presence_penalty": (None, 0),
    "frequency_penalty": (None, 0),
    "min_p": (None, 0),
    "response_format": (None, {"type": "text"}),
    "tools": (None, []),
    "logit_bias": (None, {}),
    "ignore_eos": (None, False),
    "skip_special_tokens": (None, True),
}
"""Fields that are served only with the value that does nothing."""
RANGES = {"temperature": (0.0, 2.0), "top_p": (0.0, 1.0), "repetition_penalty": (0.01, 10.0), "top_k": (-1, 2**31)}


@dataclass(frozen=True)
class LocalOptions:
    """Which checkpoint answers, and how."""

    path: str
    device: str = "auto"
    batch: int = 32
    """Replies written at once, at most."""
    threads: int | None = None
    """CPU threads; unless set, numpy takes one and PyTorch decides for itself."""
    engine: EngineName = "auto"
    """What runs it."""
    name: str | None = None
    """What clients call it; unless set, as its folder is called."""

    @property
    def called(self) -> str:
        """What clients call it."""
        return self.name or name_of(self.path)


@dataclass(frozen=True)
class _Job:
    """A reply that is wanted, and where it is awaited."""

    wanted: Wanted
    future: asyncio.Future[Written]

    def deliver(self, result: Written | Refusal) -> None:
        """From any thread; to nobody, where the server has been stopped meanwhile."""
        with suppress(RuntimeError):
            self.future.get_loop().call_soon_threadsafe(_settle, self.future, result)


class LocalModel:
    """Answers chat requests with a local checkpoint, `batch` replies at a time."""

    def __init__(self, engine: Engine, batch: int = 32) -> None:
        self._engine = engine
        self._batch = batch
        self._waiting: SimpleQueue[_Job | None] = SimpleQueue()
        """None ends the model's thread."""
        self._thread = Thread(target=self._work, name="mmfr-model", daemon=True)
        self._thread.start()

    async def answers(self, asked: ChatRequest) -> list[Reply]:
        """The choices of a request.

        Raises:
            Refusal: a field or an image that cannot be served, or a prompt that leaves no room for a reply.
        """
        wanted = [_wanted(asked, index) for index in range(asked.n)]
        if wanted[0].sampling.temperature == 0:
            wanted = wanted[:1]
        self._check(wanted[0])
        jobs = [_Job(one, asyncio.get_running_loop().create_future()) for one in wanted]
        for job in jobs:
            self._waiting.put(job)
        written = await asyncio.gather(*(job.future for job in jobs))
        stops, opened = _stops(asked.raw), self._engine.prompt(wanted[0]).rstrip().endswith("<think>")
        replies = [self._reply(one, stops, opened) for one in written]
        return replies if len(replies) == asked.n else replies * asked.n

    def close(self) -> None:
        """Let the model go once the replies that are being written have ended; no more can be had."""
        self._waiting.put(None)

    def _check(self, wanted: Wanted) -> None:
        try:
            tokens, most = self._engine.length(wanted), self._engine.context
        except ValueError as error:
            raise Refusal(400, "bad_request", str(error)) from error
        if tokens >= most:
            raise Refusal(400, "context_length_exceeded", f"the prompt has {tokens} tokens, and the model takes {most}")

    def _work(self) -> None:
        """Batch after batch, in the model's own thread."""
        while (job := self._waiting.get()) is not None:
            time.sleep(LINGER)
            self._write([job, *self._next(1)])

    def _next(self, busy: int) -> list[_Job]:
        """Waiting jobs, as many as may be written beside those that are."""
        jobs: list[_Job] = []
        while busy + len(jobs) < self._batch and not self._waiting.empty():
            job = self._waiting.get()
            if job is None:
                self._waiting.put(None)  # first what is being written
                break
            jobs.append(job)
        return jobs

    def _write(self, jobs: list[_Job]) -> None:
        """Write jobs, and those that come meanwhile; what is not written in the end is refused."""
        owed, numbers = dict(enumerate(jobs)), count(len(jobs))

        def later(busy: int) -> list[Wanted]:
            joining = self._next(busy)
            owed.update((next(numbers), job) for job in joining)
            return [job.wanted for job in joining]

        why = "the model broke down"
        try:
            for number, written in self._engine.write([job.wanted for job in jobs], later):
                owed.pop(number).deliver(written)
        except (RuntimeError, ValueError, MemoryError) as error:  # or a prompt without a place for each image
            why = str(error)
        finally:
            for job in owed.values():
                job.deliver(Refusal(500, "generation_failed", why))

    def _reply(self, written: Written, stops: tuple[str, ...], opened: bool) -> Reply:
        text, cut_off = written.text, written.cut_off
        if found := [place for stop in stops if (place := text.find(stop)) >= 0]:
            text, cut_off = text[: min(found)], False
        reasoning, content = apart(text, opened)
        thoughts = self._engine.count(reasoning) if reasoning else 0
        counted = Counted(written.prompt_tokens, written.tokens, thoughts)
        return Reply(content, reasoning, "length" if cut_off else "stop", counted=counted)


def _settle(future: asyncio.Future[Written], result: Written | Refusal) -> None:
    if future.done():  # its client has gone
        return
    if isinstance(result, Refusal):
        future.set_exception(result)
    else:
        future.set_result(result)


def apart(text: str, opened: bool = False) -> tuple[str | None, str | None]:
    """Thoughts and content of a reply; thoughts that never end leave no content. `opened`: the prompt began them."""
    before, close, after = text.partition("</think>")
    begun = opened or before.lstrip().startswith("<think>")
    thoughts = before.lstrip().removeprefix("<think>").strip()
    if close:
        return thoughts, after.lstrip("\n")
    return (thoughts, None) if begun else (None, text)


def _wanted(asked: ChatRequest, index: int) -> Wanted:
    _known(asked.raw)
    images = tuple(_image(data) for data in asked.images)
    template = asked.raw.get("chat_template_kwargs") or {}
    return Wanted([_turn(one) for one in asked.raw["messages"]], images, _sampling(asked, index), template)


def _known(raw: Mapping[str, Any]) -> None:
    for name, value in raw.items():
        if name in NEUTRAL and value in NEUTRAL[name]:
            continue
        if name in NEUTRAL or name not in IGNORED | READ:
            raise Refusal(400, "unsupported", f"`{name}` is not served here")


READ = frozenset(
    {"temperature", "top_p", "top_k", "repetition_penalty", "max_tokens", "max_completion_tokens", "seed", "stop"}
) | {"chat_template_kwargs"}
"""Fields that are honoured."""


def _sampling(asked: ChatRequest, index: int) -> Sampling:
    raw = asked.raw
    top_k = int(_number(raw, "top_k", 0))
    return Sampling(
        temperature=_number(raw, "temperature", 1.0),
        top_p=_number(raw, "top_p", 1.0) or 1e-9,
        top_k=max(0, top_k),
        repetition_penalty=_number(raw, "repetition_penalty", 1.0),
        max_tokens=asked.max_tokens,
        seed=None if asked.seed is None else _seed(asked.seed, index),
    )


def _number(raw: Mapping[str, Any], name: str, default: float) -> float:
    value = raw.get(name)
    if value is None:
        return default
    least, most = RANGES[name]
    if not isinstance(value, int | float) or isinstance(value, bool) or not least <= value <= most:
        raise Refusal(400, "bad_request", f"`{name}` must be a number from {least:g} to {most:g}")
    return float(value)


def _seed(seed: int, index: int) -> int:
    """A choice's own seed: the choices of a request differ, and each can be had again."""
    return int.from_bytes(hashlib.sha256(f"{seed}/{index}".encode()).digest()[:8]) >> 1


def _stops(raw: Mapping[str, Any]) -> tuple[str, ...]:
    given = raw.get("stop") or []
    stops = [given] if isinstance(given, str) else given
    if not isinstance(stops, list) or not all(isinstance(one, str) and one for one in stops):
        raise Refusal(400, "bad_request", "`stop` must be a text or a list of texts")
    return tuple(stops)


def _turn(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message as chat templates read it; `chat.parse` has already looked at its parts."""
    content = message.get("content") or ""
    if isinstance(content, list):
        content = [{"type": "image"} if part["type"] == "image_url" else part for part in content]
    return {"role": str(message.get("role", "user")), "content": content}


def _image(data: bytes) -> Image.Image:
    try:
        return open_image(data)
    except (OSError, Image.DecompressionBombError) as error:
        raise Refusal(400, "bad_image", f"an image cannot be opened: {error}") from error


def load(options: LocalOptions) -> LocalModel:
    """A checkpoint ready to answer. Raises TrainError when there is no Qwen3-VL, or nothing to run it with."""
    engine = engines.load(options.path, options.engine, options.device, options.threads)
    return LocalModel(engine, options.batch)
