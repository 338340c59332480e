"""Tiny runs written out row by row, and a model that answers from a function."""

import asyncio
import threading
from contextlib import asynccontextmanager

import pytest

from mmfinereason.context import Context
from mmfinereason.models import Failure, Reply
from mmfinereason.recipe import Recipe
from mmfinereason.schema import TABLES, Reason
from mmfinereason.store import Plan, Run

ROLES = {
    "prober": {"model": "small", "endpoints": [{"url": "http://localhost:1/v1"}]},
    "judge": {"model": "judge", "endpoints": [{"url": "http://localhost:1/v1"}]},
}


class Lab:
    """One run in the making: put tables, get a context."""

    def __init__(self, url):
        self.run = Run(url)

    def put(self, stage, *shards, upstream=()):
        table = self.run.table(stage)
        plan = Plan(stage.command, {}, {})
        table.begin(plan, "")
        for shard, rows in enumerate(shards):
            table.write(shard, [dict.fromkeys(TABLES[stage].names) | row for row in rows])
        table.finish(plan)

    def context(self, *, models=(), **sections):
        recipe = {
            "name": "demo",
            "sources": [{"use": "puzzles"}],
            "models": {role: ROLES[role] for role in models},
            "execute": {"workers": 0},
        }
        return Context(self.run, Recipe.model_validate(recipe | sections))

    def rows(self, stage, shard=0):
        return self.run.table(stage).read(shard).to_pylist()


@pytest.fixture
def lab(tmp_path):
    return Lab(str(tmp_path / "run"))


def sample(id, **values):
    source = id.split("/")[0]
    return {
        "id": id,
        "source": source,
        "domain": "Mathematics",
        "question": "How many?",
        "answer": "12",
        "options": [],
        "fixed_answer": True,
        "image": {"bytes": b"picture", "path": "a.png"},
        "image_sha256": "00",
    } | values


def trace(id, answer="12", candidate=0, **values):
    text = f"So it is.\n\n<answer>{answer}</answer>"
    return {
        "id": id,
        "candidate": candidate,
        "attempt": 0,
        "last": True,
        "status": "ok",
        "reasoning": "Let me count.",
        "answer_text": text,
        "tokens": 100,
        "words": 80,
    } | values


class FakeModel:
    """A client whose replies are made by `say(request) -> text | Reply | Failure`; it keeps what it was asked."""

    def __init__(self, say):
        self.say = say
        self.asked = []
        self.main = threading.get_ident()

    async def ask(self, request, journal):
        self.asked.append(request)
        await asyncio.sleep(0)
        said = self.say(request)
        return reply(said, request) if isinstance(said, str) else said

    def hungry(self, role):
        return True

    def connect(self):
        @asynccontextmanager
        async def connected(context, role):
            self.role = role
            yield self

        return connected


def reply(text, request=None, **values):
    key = f"{request.role}/{request.attempt}/{request.image is None}" if request else "key"
    return Reply(
        **{
            "key": key,
            "reasoning": "hm",
            "answer_text": text,
            "finish_reason": "stop",
            "prompt_tokens": 10,
            "completion_tokens": 20,
            "reasoning_tokens": 0,
            "cost": 0.5,
            "latency": 0.1,
            "endpoint": "http://localhost:1/v1",
            "model": "small",
            "prompt": "",
            "temperature": None,
            "max_tokens": None,
            "seed": request.attempt if request else 0,
            "tries": 1,
            "raw": "{}",
        }
        | values
    )


def failure(reason=Reason.TIMEOUT, detail="no reply in time"):
    return Failure("key", reason, detail, 6, 0.0, "http://localhost:1/v1", "small", "", None, None, 0)
