"""What the model client costs: wall time beside the ideal, CPU, memory, the journal, faults, and the official SDK.

A lab server in its own process answers every request after one second. Each line is a process of its own that sends
the same number of requests, each with a 40-KB image and a question of its own. The ideal time is requests x latency /
requests in flight; with faults, the requests that the server's own log counts, retries included.

    python benchmarks/distill.py [--requests 5000] [--sdk-requests 1000] [--in-flight 128 256 512]

CPU is the client process's own, start-up and the making of the images excepted. Compare only figures of one run.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import io
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import fsspec
import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from mmfinereason.lab import launch
from mmfinereason.models import Client, Failure, Reply, Request
from mmfinereason.recipe.lab import FaultSettings, LabOptions
from mmfinereason.recipe.models import EndpointSettings, RetrySettings, RoleSettings
from mmfinereason.store.journal import Entry, Journal

LATENCY = 1.0
SHARD = 500
OPEN_SHARDS = 4
MODEL = "simulated-teacher"
MAX_TOKENS = 4096
QUESTION = "How many dots are there?"


class Unkept:
    """A journal that forgets, to see what the real one costs."""

    def lookup(self, key: str) -> Entry | None:
        return None

    def check(self) -> None:
        pass

    def expect(self, task: asyncio.Task[Any]) -> None:
        pass

    async def append(self, entry: Entry, tally: object = None) -> None:
        pass

    async def __aenter__(self) -> Unkept:
        return self

    async def __aexit__(self, *_: object) -> None:
        pass


def pictures(count: int = 64) -> list[bytes]:
    """Noise that makes JPEG files of about 40 KB."""
    random = np.random.default_rng(0)
    made = []
    for _ in range(count):
        out = io.BytesIO()
        noise = random.integers(0, 255, (210, 280, 3), dtype=np.uint8)
        Image.fromarray(noise).save(out, "JPEG", quality=75)
        made.append(out.getvalue())
    return made


def text(number: int) -> str:
    """A prompt of its own for each request, about a question that the server knows."""
    return f"<question-00000000>\n{QUESTION}\n</question-00000000>\nRequest {number}."


def known_rows(path: str) -> None:
    """The rows from which the lab server writes its traces."""
    rows = [
        {"id": f"bench/{i}", "question": QUESTION, "answer": str(i), "image_sha256": hashlib.sha256(image).hexdigest()}
        for i, image in enumerate(pictures())
    ]
    pq.write_table(pa.Table.from_pylist(rows), path)


async def ours(url: str, requests: int, in_flight: int, *, journal: bool) -> tuple[int, int]:
    """Requests in shards, each with its journal, the next one opened when the line runs dry."""
    images = pictures()
    role = RoleSettings(
        model=MODEL,
        endpoints=[EndpointSettings(url=url, concurrency=in_flight)],
        max_tokens=MAX_TOKENS,
        max_pixels=1_000_000,
        retries=RetrySettings(tries=10, first_wait=0.05, longest_wait=1.0),
    )
    good = bad = 0

    async def shard(first: int) -> None:
        nonlocal good, bad
        kept: Any = Journal(fsspec.filesystem("file"), f"{folder}/part-{first:05d}.jsonl") if journal else Unkept()
        async with kept:
            numbers = range(first, min(first + SHARD, requests))
            asked = (Request("teacher", text(i), image=images[i % len(images)]) for i in numbers)
            outcomes = await asyncio.gather(*(client.ask(request, kept) for request in asked))
        good += sum(isinstance(outcome, Reply) for outcome in outcomes)
        bad += sum(isinstance(outcome, Failure) for outcome in outcomes)

    with tempfile.TemporaryDirectory() as folder:
        async with Client({"teacher": role}) as client:
            begin()
            tasks: set[asyncio.Task[None]] = set()
            for first in range(0, requests, SHARD):
                while len(tasks) >= OPEN_SHARDS or (tasks and not client.hungry("teacher")):
                    _, tasks = await asyncio.wait(tasks, timeout=0.02, return_when=asyncio.FIRST_COMPLETED)
                tasks.add(asyncio.create_task(shard(first)))
                await asyncio.sleep(0.02)
            await asyncio.gather(*tasks)
            end()
    return good, bad


async def sdk(url: str, requests: int, in_flight: int) -> tuple[int, int]:
    """The official SDK as its documentation shows it, with a semaphore around."""
    from openai import AsyncOpenAI

    images = pictures()
    gate = asyncio.Semaphore(in_flight)

    async def one(number: int) -> bool:
        async with gate:
            data = base64.b64encode(images[number % len(images)]).decode()
            image = {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}}
            content = [image, {"type": "text", "text": text(number)}]
            reply = await client.chat.completions.create(
                model=MODEL, max_tokens=MAX_TOKENS, messages=[{"role": "user", "content": content}]
            )
            return bool(reply.choices)

    async with AsyncOpenAI(base_url=url, api_key="none", timeout=600) as client:
        begin()
        good = sum(await asyncio.gather(*(one(i) for i in range(requests))))
        end()
    return good, requests - good


async def bare(url: str, requests: int, in_flight: int) -> tuple[int, int]:
    """Nothing but aiohttp and orjson with a semaphore around: what a POST costs here whatever is built on it."""
    images = pictures()
    gate = asyncio.Semaphore(in_flight)

    async def one(number: int) -> bool:
        async with gate:
            data = base64.b64encode(images[number % len(images)]).decode()
            image = {"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{data}"}}
            content = [image, {"type": "text", "text": text(number)}]
            body = {"model": MODEL, "max_tokens": MAX_TOKENS, "messages": [{"role": "user", "content": content}]}
            async with session.post(f"{url}/chat/completions", data=orjson.dumps(body), headers=headers) as reply:
                return bool(orjson.loads(await reply.read())["choices"])

    headers = {"Content-Type": "application/json"}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        begin()
        good = sum(await asyncio.gather(*(one(i) for i in range(requests))))
        end()
    return good, requests - good


MARKS: list[tuple[float, float]] = []


def begin() -> None:
    MARKS.append((time.perf_counter(), time.process_time()))


end = begin

CLIENTS: dict[str, Callable[[str, int, int], Awaitable[tuple[int, int]]]] = {
    "client": lambda url, requests, in_flight: ours(url, requests, in_flight, journal=True),
    "client, no journal": lambda url, requests, in_flight: ours(url, requests, in_flight, journal=False),
    "bare aiohttp": bare,
    "official SDK": sdk,
}


def measure(name: str, url: str, requests: int, in_flight: int) -> None:
    """In a process of its own: run one client and print its figures as JSON."""
    good, bad = asyncio.run(CLIENTS[name](url, requests, in_flight))
    (wall, cpu), (wall_end, cpu_end) = MARKS
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"good": good, "bad": bad, "wall": wall_end - wall, "cpu": cpu_end - cpu, "peak": peak}))


def cpu_of(pid: int) -> float:
    """Seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def line(name: str, requests: int, in_flight: int, faults: float = 0.0) -> None:
    """Start a server, measure one client against it, and read the server's log."""
    options = LabOptions(latency=LATENCY, faults=FaultSettings.evenly(faults))
    with tempfile.TemporaryDirectory() as folder:
        known_rows(f"{folder}/rows.parquet")
        server = launch.start("simulated", [f"{folder}/rows.parquet"], options)
    with server:
        before = cpu_of(server.pid)
        child = [sys.executable, __file__, "--measure", name, server.url, str(requests), str(in_flight)]
        found = json.loads(subprocess.run(child, stdout=subprocess.PIPE, check=True).stdout)
        busy = cpu_of(server.pid) - before
        log = server.entries()
    answered = Counter(entry["key"] for entry in log if entry["status"] == 200 and entry["fault"] is None)
    twice = sum(count - 1 for count in answered.values())
    ideal = len(log) * LATENCY / in_flight
    print(
        f"{name + (f', {faults:.0%} faults' if faults else ''):26} {requests:6,} {in_flight:5} {found['wall']:7.2f} s"
        f" {found['wall'] / ideal:6.3f} {1000 * found['cpu'] / len(log):8.2f} ms {found['peak']:7.0f} MiB"
        f" {found['good']:6,} {len(log):6,} {twice:4} {1000 * busy / len(log):10.2f} ms",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--sdk-requests", type=int, default=1000)
    parser.add_argument("--in-flight", type=int, nargs="+", default=[128, 256, 512])
    parser.add_argument("--measure", nargs=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        name, url, requests, in_flight = options.measure
        measure(name, url, int(requests), int(in_flight))
        return
    print(f"Python {platform.python_version()}, images of {np.mean([len(p) for p in pictures()]) / 1000:.0f} KB")
    print(f"{'':26}  asked   fly      wall /ideal    CPU/sent        peak   good   sent twice  server CPU")
    for in_flight in options.in_flight:
        line("client", options.requests, in_flight)
        line("client, no journal", options.requests, in_flight)
        line("client", options.requests, in_flight, faults=0.1)
        line("bare aiohttp", options.requests, in_flight)
        line("official SDK", options.sdk_requests, in_flight)


if __name__ == "__main__":
    main()
