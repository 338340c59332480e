"""Start a lab server: as a child process on a free port, or inside a running event loop.

A child never outlives its purpose: it ends when its parent is gone, however that died, and after a time limit.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import select
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.request import urlopen

from aiohttp import web

from mmfinereason.errors import EndpointError, MmfrError
from mmfinereason.lab import local
from mmfinereason.lab.knowledge import Known, load
from mmfinereason.lab.local import LocalOptions
from mmfinereason.lab.server import LabApp
from mmfinereason.recipe.lab import LabOptions, Mode

HOST = "127.0.0.1"
START_SECONDS = 120.0
"""How long a server may take to read its rows."""


@dataclass(frozen=True)
class Launch:
    """What a server is started with. `port` 0 takes a free one; `time_limit` is in seconds."""

    mode: Mode
    options: LabOptions
    known: tuple[str, ...] = ()
    port: int = 0
    log: str | None = None
    time_limit: float = 24 * 3600.0
    model: LocalOptions | None = None
    """A checkpoint that answers in place of the roles."""

    def to_json(self) -> str:
        """For the child's standard input."""
        model = asdict(self.model) if self.model else None
        return json.dumps({**self.__dict__, "options": self.options.model_dump(mode="json"), "model": model})

    @classmethod
    def from_json(cls, text: str) -> Launch:
        """The reverse of `to_json`."""
        raw: dict[str, Any] = json.loads(text)
        model = LocalOptions(**raw["model"]) if raw["model"] else None
        options = LabOptions.model_validate(raw["options"])
        return cls(**raw | {"options": options, "known": tuple(raw["known"]), "model": model})


class LabServer:
    """A server in a child process. `url` is the base URL, up to and with `/v1`."""

    def __init__(self, process: subprocess.Popen[str], url: str) -> None:
        self._process = process
        self.url = url

    @property
    def pid(self) -> int:
        """Process id of the server."""
        return self._process.pid

    def entries(self) -> list[dict[str, Any]]:
        """The server's request log so far, oldest first."""
        with urlopen(self.url.removesuffix("/v1") + "/lab/log", timeout=60) as reply:
            return [json.loads(line) for line in reply]

    def stop(self) -> None:
        """End the server; harmless when it has ended already."""
        self._process.terminate()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def start(
    mode: Mode = "simulated",
    known: Sequence[str | Path] = (),
    options: LabOptions | None = None,
    *,
    port: int = 0,
    log: str | Path | None = None,
    time_limit: float = 24 * 3600.0,
    model: LocalOptions | None = None,
) -> LabServer:
    """Start a server as a child process and wait until it answers.

    `known` are Parquet files or folders of shards with the rows it knows; `log` is a file for its request log,
    `time_limit` the most seconds it lives. A `model` answers alone; mode `local` needs one.

    Raises:
        EndpointError: it did not start; the message says why.
    """
    settings = options or LabOptions()
    launch = Launch(mode, settings, tuple(map(str, known)), port, str(log) if log else None, time_limit, model)
    process = subprocess.Popen(
        [sys.executable, "-m", "mmfinereason.lab.launch"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin and process.stdout
    process.stdin.write(launch.to_json() + "\n")
    process.stdin.flush()
    said = _first_line(process.stdout)
    if "url" in said:
        return LabServer(process, said["url"])
    process.kill()
    process.wait()
    raise EndpointError(f"the lab server did not start: {said.get('error', 'it said nothing')}", said.get("next_step"))


def _first_line(stdout: IO[str]) -> dict[str, Any]:
    ready, _, _ = select.select([stdout], [], [], START_SECONDS)
    line = stdout.readline() if ready else ""
    said: dict[str, Any] = json.loads(line) if line else {}
    return said


@contextlib.asynccontextmanager
async def serving(
    mode: Mode,
    rows: list[Known],
    options: LabOptions | None = None,
    *,
    port: int = 0,
    log: str | Path | None = None,
    model: LocalOptions | None = None,
) -> AsyncIterator[tuple[str, LabApp]]:
    """A server inside this event loop: its base URL, and the application with its `entries`."""
    loaded = local.load(model) if model else None
    with contextlib.ExitStack() as stack:
        if loaded:
            stack.callback(loaded.close)
        file = stack.enter_context(Path(log).open("ab", buffering=0)) if log else None
        name = model.called if model else ""
        lab = LabApp(mode, rows, options or LabOptions(), file, model=loaded, name=name)
        runner = web.AppRunner(lab.application(), access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            site = web.TCPSite(runner, HOST, port, backlog=2048)
            await site.start()
            yield f"http://{HOST}:{runner.addresses[0][1]}/v1", lab
        finally:
            await runner.cleanup()


async def run(launch: Launch, ready: Callable[[str], None], wanted: Callable[[], bool]) -> None:
    """Serve as long as `wanted` says so and at most to the time limit; `ready` is told the base URL.

    Raises:
        EndpointError: a replay without rows. SourceError: rows that cannot be read. TrainError: no model.
        OSError: a port that is taken.
    """
    rows = load(launch.known)
    if launch.mode == "replay" and not rows:
        raise EndpointError("replay needs recorded rows, and none were given", "name a Parquet file of recorded rows")
    until = time.monotonic() + launch.time_limit
    server = serving(launch.mode, rows, launch.options, port=launch.port, log=launch.log, model=launch.model)
    async with server as (url, _):
        ready(url)
        while time.monotonic() < until and wanted():
            await asyncio.sleep(0.5)


def main() -> None:
    """The child process: read a `Launch` from standard input, serve, say on standard output where."""
    parent = os.getppid()
    launch = Launch.from_json(sys.stdin.readline())
    try:
        asyncio.run(run(launch, lambda url: _say({"url": url}), lambda: os.getppid() == parent))
    except (MmfrError, OSError) as error:
        _say({"error": getattr(error, "message", str(error)), "next_step": getattr(error, "next_step", None)})
        raise SystemExit(1) from error


def _say(content: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
