"""Asks one server many questions and is killed while at it. Arguments: URL, journal folder, number of requests."""

from __future__ import annotations

import asyncio
import sys

import fsspec

from mmfinereason.models import Client, Reply, Request
from mmfinereason.recipe.models import EndpointSettings, RetrySettings, RoleSettings
from mmfinereason.store.journal import Journal

SHARD = 100


async def work(url: str, folder: str, count: int) -> int:
    teacher = RoleSettings(
        model="m",
        endpoints=[EndpointSettings(url=url, concurrency=32)],
        retries=RetrySettings(tries=8, first_wait=0.01, longest_wait=0.05),
    )

    async def shard(first: int) -> int:
        questions = [f"question {i}" for i in range(first, first + SHARD)]
        async with Journal(fsspec.filesystem("file"), f"{folder}/part-{first:05d}.jsonl") as journal:
            replies = await asyncio.gather(*(client.ask(Request("teacher", text), journal) for text in questions))
        pairs = zip(replies, questions, strict=True)
        return sum(isinstance(reply, Reply) and reply.answer_text == text for reply, text in pairs)

    async with Client({"teacher": teacher}) as client:
        return sum(await asyncio.gather(*(shard(first) for first in range(0, count, SHARD))))


if __name__ == "__main__":
    print(asyncio.run(work(sys.argv[1], sys.argv[2], int(sys.argv[3]))), flush=True)
