"""The published rows by replay: a whole distill and caption run gives the published traces and captions back."""

from __future__ import annotations

from pathlib import Path

import pytest

from mmfinereason.collect.stage import collect
from mmfinereason.context import Context
from mmfinereason.distill import caption, distill
from mmfinereason.lab.roles import served
from mmfinereason.recipe import Recipe
from mmfinereason.schema import Stage
from mmfinereason.store import Run
from mmfinereason.trace import assemble

from .conftest import ROWS

pytestmark = pytest.mark.realdata


def test_published_traces_and_captions_come_back(tmp_path: Path) -> None:
    if not ROWS.exists():
        pytest.skip(f"real rows not found at {ROWS}")
    replay = {"lab": {"mode": "replay", "file": str(ROWS)}}
    recipe = Recipe.model_validate(
        {
            "name": "real",
            "run": str(tmp_path),
            "sources": [{"use": "mmfinereason", "path": str(ROWS)}],
            "execute": {"workers": 0},
            "models": {"teacher": replay, "captioner": replay},
        }
    )
    context = Context(Run(str(tmp_path)), recipe)
    collect(context)
    with served(context, ["teacher", "captioner"], Stage.COLLECT.value) as ready:
        distill(ready)
        caption(ready)
    samples = {row["id"]: row for row in context.table(Stage.COLLECT).read(0).to_pylist()}
    traces = [row for row in context.table(Stage.DISTILL).read(0).to_pylist() if row["last"]]
    assert len(traces) == len(samples) == 126  # six published rows lack their image
    for row in traces:
        whole = assemble(row["reasoning"], row["answer_text"])
        assert whole.split() == _spaced(samples[row["id"]]["published"]["trace"])
    rejected = {row["id"]: row["reason"] for row in context.table(Stage.DISTILL).rejects(0).to_pylist()}
    assert rejected == {"FineVision-raven/2": "blind_reply", "GameQA-140K/75812": "blind_reply"}
    captions = context.table(Stage.CAPTION).read(0).to_pylist()
    published = {samples[row["id"]]["image_sha256"]: set() for row in captions}  # type: ignore[var-annotated]
    for row in captions:
        published[row["image_sha256"]].add(samples[row["id"]]["published"]["caption"].strip())
    assert all(row["status"] == "ok" and row["caption"] in published[row["image_sha256"]] for row in captions)
    assert sum(row["latency"] is not None for row in captions) == len(published) == 112


def _spaced(published: str) -> list[str]:
    return published.replace("<think>", "<think> ").replace("</think>", " </think> ").split()
