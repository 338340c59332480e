"""A trained model behind the OpenAI protocol, for as long as it is evaluated.

Unless a command is given, the lab's server runs in this very process, in a thread with an event loop of its own: a
process for each model would spend more time on importing than on a small evaluation.
"""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

from mmfinereason.errors import EndpointError, MmfrError
from mmfinereason.lab.launch import HOST, serving
from mmfinereason.lab.local import LocalOptions
from mmfinereason.recipe.train_local import LocalSettings

READY_SECONDS = 1800.0
"""How long a server of one's own may take to load a model."""


@contextmanager
def served(model: str, command: str | None, folder: Path, local: LocalSettings) -> Iterator[tuple[str, str]]:
    """The base URL of a server with a checkpoint, and how it calls it.

    A `command` is run with its output in `serve.log` in `folder`. Raises EndpointError when it does not start, and
    TrainError where there is nothing to run the model with.
    """
    if command is None:
        options = LocalOptions(model, device=local.device, threads=local.threads)
        with _inside(options) as url:
            yield url, options.called
    else:
        with _beside(command, model, folder / "serve.log") as (url, name):
            yield url, name


def check(command: str | None) -> None:
    """Raises MmfrError for a command that does not say where model and port go."""
    if command is not None and not ("{model}" in command and "{port}" in command):
        raise MmfrError("`ablate.serve` needs {model} and {port}", 'such as "vllm serve {model} --port {port}"')


@contextmanager
def _inside(options: LocalOptions) -> Iterator[str]:
    ready: Future[tuple[str, Callable[[], None]]] = Future()
    thread = Thread(target=_run, args=(options, ready), name="mmfr-serve", daemon=True)
    thread.start()
    url, stop = ready.result()
    try:
        yield url
    finally:
        stop()
        thread.join()


def _run(options: LocalOptions, ready: Future[tuple[str, Callable[[], None]]]) -> None:
    async def serve() -> None:
        over, loop = asyncio.Event(), asyncio.get_running_loop()
        async with serving("simulated", [], model=options) as (url, _):
            ready.set_result((url, lambda: _call(loop, over.set)))
            await over.wait()

    try:
        asyncio.run(serve())
    except Exception as error:  # noqa: BLE001 - raised where the server was asked for
        ready.set_exception(error)


def _call(loop: asyncio.AbstractEventLoop, what: Callable[[], None]) -> None:
    loop.call_soon_threadsafe(what)


@contextmanager
def _beside(command: str, model: str, log: Path) -> Iterator[tuple[str, str]]:
    port = _free_port()
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        process = subprocess.Popen(_words(command, model, port), stdout=file, stderr=file, start_new_session=True)
        try:
            url = f"http://{HOST}:{port}/v1"
            yield url, _awaited(process, url, log)
        finally:
            _stop(process)


def _words(command: str, model: str, port: int) -> list[str]:
    return [word.replace("{model}", model).replace("{port}", str(port)) for word in shlex.split(command)]


def _awaited(process: subprocess.Popen[bytes], url: str, log: Path) -> str:
    """The name of the served model, once the server answers."""
    until = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with urlopen(f"{url}/models", timeout=10) as reply:
                return str(json.load(reply)["data"][0]["id"])
        except OSError:
            time.sleep(0.5)
    last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
    raise EndpointError(f"the server of `ablate.serve` did not start: {last[0]}", f"see {log}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and the processes it has started."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
            process.wait(20)
        except ProcessLookupError:
            break
        except subprocess.TimeoutExpired:
            continue
    process.wait()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        port: int = one.getsockname()[1]
        return port
