from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import fsspec
import pytest

from mmfinereason.models import Request
from mmfinereason.recipe.models import EndpointSettings, RetrySettings, RoleSettings
from mmfinereason.store.journal import Journal

T = TypeVar("T")


def run(work: Awaitable[T], seconds: float = 30) -> T:
    async def bounded() -> T:
        return await asyncio.wait_for(work, seconds)

    return asyncio.run(bounded())


def teacher(*urls: str, **settings: Any) -> RoleSettings:
    """A teacher with quick retries, served at the given URLs."""
    endpoint = settings.pop("endpoint", {})
    retries = RetrySettings(tries=settings.pop("tries", 3), first_wait=0.01, longest_wait=0.02)
    endpoints = [EndpointSettings(url=url, **endpoint) for url in urls]
    return RoleSettings(model="m", endpoints=endpoints, retries=retries, **settings)


def question(number: int = 0, **fields: Any) -> Request:
    return Request(role="teacher", text=f"question {number}", prompt="distill@00000000", **fields)


@pytest.fixture
def journal(tmp_path) -> Callable[..., Journal]:
    """Opens the test's journal; open it again to see what a restarted run sees."""

    def open_journal(name: str = "part-00000.jsonl", **options: Any) -> Journal:
        return Journal(fsspec.filesystem("file"), str(tmp_path / "journal" / name), **options)

    return open_journal
