from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from mmfinereason.context import Context
from mmfinereason.distill import caption
from mmfinereason.errors import RecipeError
from mmfinereason.schema import SAMPLES, Stage
from mmfinereason.store import Plan, Run

from .conftest import Serve


def table(context: Context, stage: Stage = Stage.CAPTION) -> list[dict[str, Any]]:
    found = context.table(stage)
    return [row for shard in found.shards() for row in found.read(shard).to_pylist()]


@pytest.fixture
def shared(samples: Path, tmp_path: Path) -> Run:
    """A run in which four images are shared by all rows, within shards and across them."""
    source, run = Run(str(samples)).table(Stage.COLLECT), Run(str(tmp_path / "run"))
    images = source.read(0).slice(0, 4).to_pylist()
    target = run.table(Stage.COLLECT)
    plan = Plan("collect", {})
    target.begin(plan, "")
    for shard in range(3):
        rows = [images[(shard + i) % 4] | {"id": f"x/{shard}-{i}"} for i in range(6)]
        target.write(shard, pa.Table.from_pylist(rows, schema=SAMPLES))
    target.finish(plan)
    return run


def test_every_image_gets_a_caption_with_category_and_sections(serve: Serve) -> None:
    with serve() as (server, context):
        manifest = caption(context)
        rows, samples = table(context), table(context, Stage.COLLECT)
        assert [row["id"] for row in rows] == [row["id"] for row in samples]
        assert all(row["status"] == "ok" and row["known_category"] and len(row["sections"]) == 5 for row in rows)
        assert manifest is not None
        assert (manifest.figures["captioned"], manifest.figures["images"]) == (len(rows), len(server.entries()))


def test_a_shared_image_is_asked_for_once_in_the_whole_run(serve: Serve, shared: Run) -> None:
    with serve() as (server, context):
        manifest = caption(context)
        rows = table(context)
        assert len(rows) == 18 and len(server.entries()) == 4
        assert Counter(row["image_sha256"] for row in rows) == Counter(
            row["image_sha256"] for row in table(context, Stage.COLLECT)
        )
        assert len({(row["image_sha256"], row["caption"]) for row in rows}) == 4
        assert sum(row["latency"] is not None for row in rows) == 4
        assert manifest is not None and manifest.figures == {"captioned": 18, "cost": 0.0, "images": 4}


def test_shared_captions_are_remembered_from_finished_shards(serve: Serve, shared: Run) -> None:
    with serve() as (server, context):
        caption(context)
        for shard in (1, 2):
            context.run.folder.remove(f"captions/part-{shard:05d}.parquet")
        context.run.folder.remove("captions/manifest.json")
        before = table(context, Stage.COLLECT)
        assert caption(context) is not None
        assert len(server.entries()) == 4
        assert [row["id"] for row in table(context)] == [row["id"] for row in before]


def test_a_crash_before_the_table_finds_every_caption_in_the_journal(serve: Serve, shared: Run) -> None:
    with serve() as (server, context):
        caption(context)
        context.table(Stage.CAPTION).clear()
        caption(context)
        assert len(server.entries()) == 4


def test_a_caption_that_stays_too_short_says_so_and_the_row_stays(serve: Serve, shared: Run) -> None:
    with serve(caption={"min_words": 5000, "retries": 2}) as (server, context):
        manifest = caption(context)
        rows = table(context)
        assert {row["status"] for row in rows} == {"too_short"}
        assert rows[0]["detail"].endswith("words, fewer than 5000") and rows[0]["caption"]
        assert len(server.entries()) == 4 * 3
        assert manifest is not None and manifest.figures["captioned"] == 0 and manifest.rejects == {}


def test_a_recipe_without_a_captioner_says_what_to_add(serve: Serve) -> None:
    with serve() as (_, context):
        models = context.recipe.models.model_copy(update={"captioner": None})
        with pytest.raises(RecipeError, match="needs a captioner"):
            caption(Context(context.run, context.recipe.model_copy(update={"models": models})))
