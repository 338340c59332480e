"""A small run of built-in puzzles with its samples in place, and a teacher played in this process."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mmfinereason.collect.stage import collect
from mmfinereason.context import Context
from mmfinereason.lab.launch import LabServer, start
from mmfinereason.recipe import Recipe
from mmfinereason.recipe.lab import LabOptions
from mmfinereason.store import Run

DATA = Path(os.environ.get("MMFR_REAL_DATA", Path(__file__).resolve().parents[2].parent / "shared" / "data"))
ROWS = DATA / "mmfinereason" / "rows.parquet"

Serve = Callable[..., AbstractContextManager[tuple["Witness", Context]]]


def recipe(url: str, count: int = 24, shard_rows: int = 8, **sections: Any) -> Recipe:
    puzzles = {"use": "puzzles", "puzzles": {"count": count, "families": ["clock_reading", "bar_chart"]}}
    return Recipe.model_validate(
        {
            "name": "t",
            "run": url,
            "sources": [puzzles],
            "collect": {"shard_rows": shard_rows},
            "execute": {"workers": 0},
            **sections,
        }
    )


def role(name: str, url: str, mode: str = "simulated", **settings: Any) -> dict[str, Any]:
    return {"model": f"{mode}-{name}", "endpoints": [{"url": url}], "retries": {"first_wait": 0.01}} | settings


@dataclass
class Witness:
    """A lab server's request log from a moment on: servers are shared by the tests that want the same one."""

    server: LabServer
    seen: int

    def entries(self) -> list[dict[str, Any]]:
        return self.server.entries()[self.seen :]


@pytest.fixture(scope="session")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run folder with a samples table of 24 puzzles in three shards."""
    folder = tmp_path_factory.mktemp("runs") / "puzzles"
    made = recipe(str(folder))
    collect(Context(Run(str(folder)), made))
    return folder


@pytest.fixture(scope="session")
def servers(samples: Path) -> Iterator[Callable[[LabOptions], LabServer]]:
    """Lab servers that know the samples, one for each set of options."""
    with ExitStack() as stack:
        started: dict[str, LabServer] = {}

        def server(options: LabOptions) -> LabServer:
            key = options.model_dump_json()
            if key not in started:
                started[key] = stack.enter_context(start("simulated", [samples / "samples"], options))
            return started[key]

        yield server


@pytest.fixture
def serve(samples: Path, servers: Callable[[LabOptions], LabServer], tmp_path: Path) -> Serve:
    """A context on a run with the samples, its roles played by a lab server, and that server's witness."""

    @contextmanager
    def serving(options: LabOptions | None = None, **sections: Any) -> Iterator[tuple[Witness, Context]]:
        run = tmp_path / "run"
        if not run.exists():
            run.mkdir()
            (run / "samples").symlink_to(samples / "samples")
        server = servers(options or LabOptions())
        teacher = sections.pop("teacher", {})
        models = {name: role(name, server.url) for name in ("captioner", "prober")}
        models["teacher"] = role("teacher", server.url, **teacher)
        made = recipe(str(run), models=models, **sections)
        yield Witness(server, len(server.entries())), Context(Run(str(run)), made)

    return serving
