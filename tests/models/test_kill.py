"""A client killed without warning, again and again, loses nothing and pays nothing twice."""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

import orjson
from aiohttp import web

from .conftest import run
from .fake_server import FakeServer, completion, status

COUNT = 600


async def echo(number, body):
    await asyncio.sleep(0.03)
    if random.Random(number).random() < 0.1:
        return await status(503)(number, body)
    return web.json_response(completion(body["messages"][-1]["content"]))


def journalled(folder: Path) -> set[str]:
    """Questions whose reply stands in a whole line of a journal."""
    lines = [line for path in folder.glob("*.jsonl") for line in path.read_bytes().split(b"\n")[:-1]]
    records = [orjson.loads(line) for line in lines]
    return {orjson.loads(record["body"]["raw"])["content"] for record in records if record["outcome"] == "ok"}


def question_of(body) -> str:
    return body["messages"][-1]["content"]


def test_kill_minus_nine_loses_no_reply_and_sends_no_finished_request_twice(tmp_path):
    script = str(Path(__file__).with_name("doomed.py"))
    arguments = [sys.executable, script, "", str(tmp_path), str(COUNT)]

    async def start(server):
        arguments[2] = server.url
        return await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE)

    async def go():
        async with FakeServer(echo) as server:
            for point in sorted(random.Random(4).sample(range(20, COUNT), 4)):
                finished, sent_before = journalled(tmp_path), len(server.seen)
                client = await start(server)
                while len(server.seen) < point:
                    await asyncio.sleep(0.001)
                client.kill()
                await client.wait()
                assert finished <= journalled(tmp_path)
                assert not finished & set(map(question_of, server.seen[sent_before:]))
            finished, sent_before = journalled(tmp_path), len(server.seen)
            client = await start(server)
            out, _ = await client.communicate()
            assert not finished & set(map(question_of, server.seen[sent_before:]))
            return int(out), len(set(map(question_of, server.seen)))

    assert run(go(), 60) == (COUNT, COUNT)
