"""What the server knows in these tests, and a server inside the test's own event loop."""

import asyncio

import aiohttp
import pytest

from mmfinereason.lab.knowledge import load
from mmfinereason.lab.launch import serving
from mmfinereason.lab.puzzles import FAMILIES, generate
from mmfinereason.recipe.lab import LabOptions

from .asking import post, sample, write_samples


@pytest.fixture(scope="session")
def puzzles():
    """Two puzzles of each family, one of them with options."""
    return [generate(name, seed=5, index=i, multiple_choice=bool(i)) for name in FAMILIES for i in range(2)]


@pytest.fixture(scope="session")
def samples(puzzles, tmp_path_factory):
    """A samples folder with the puzzles."""
    return write_samples([sample(puzzle) for puzzle in puzzles], tmp_path_factory.mktemp("run") / "samples")


@pytest.fixture(scope="session")
def rows(samples):
    """What the server knows of them."""
    return load([samples])


@pytest.fixture
def ask(rows):
    """`ask(payloads, mode=, known=, **options)`: the answers to several requests, sent one after the other."""

    def ask_all(payloads, *, mode="simulated", known=None, **options):
        async def talk():
            served = serving(mode, known if known is not None else rows, LabOptions(**options))
            async with served as (url, _), aiohttp.ClientSession() as session:
                return [await post(session, url, payload) for payload in payloads]

        return asyncio.run(talk())

    return ask_all
