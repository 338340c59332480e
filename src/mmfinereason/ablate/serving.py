"""A trained model behind the OpenAI protocol, for as long as it is evaluated."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from mmfinereason.errors import EndpointError, MmfrError
from mmfinereason.lab import local
from mmfinereason.lab.launch import HOST, start
from mmfinereason.lab.local import LocalOptions

READY_SECONDS = 1800.0
"""How long a server may take to load a model."""


@contextmanager
def served(model: str, command: str | None, folder: Path) -> Iterator[tuple[str, str]]:
    """The base URL of a server with a checkpoint, and how it calls it. What it says goes to `serve.log` in `folder`.

    Raises EndpointError when it does not start.
    """
    if command is None:
        with start(model=LocalOptions(model, threads=1)) as server:
            yield server.url, local.name_of(model)
        return
    port = _free_port()
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "serve.log").open("wb") as log:
        process = subprocess.Popen(_words(command, model, port), stdout=log, stderr=log, start_new_session=True)
        try:
            url = f"http://{HOST}:{port}/v1"
            yield url, _awaited(process, url, folder / "serve.log")
        finally:
            _stop(process)


def check(command: str | None) -> None:
    """Raises MmfrError for a command that does not say where model and port go."""
    if command is not None and not ("{model}" in command and "{port}" in command):
        raise MmfrError("`ablate.serve` needs {model} and {port}", 'such as "vllm serve {model} --port {port}"')


def _words(command: str, model: str, port: int) -> list[str]:
    return [word.replace("{model}", model).replace("{port}", str(port)) for word in shlex.split(command)]


def _awaited(process: subprocess.Popen[bytes], url: str, log: Path) -> str:
    """The name of the served model, once the server answers."""
    until = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            with urlopen(f"{url}/models", timeout=10) as reply:
                return str(json.load(reply)["data"][0]["id"])
        except (URLError, OSError):
            time.sleep(0.5)
    last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
    raise EndpointError(f"the server of `ablate.serve` did not start: {last[0]}", f"see {log}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and the processes it has started."""
    for sign, seconds in ((signal.SIGTERM, 20), (signal.SIGKILL, 20)):
        try:
            os.killpg(process.pid, sign)
            process.wait(seconds)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _free_port() -> int:
    with socket.socket() as one:
        one.bind((HOST, 0))
        port: int = one.getsockname()[1]
        return port
