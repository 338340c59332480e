"""The published traces and captions: all parse, and only what was looked at by eye is flagged."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from mmfinereason.recipe.distill import ScreenSettings
from mmfinereason.schema import Reason
from mmfinereason.trace import SECTIONS, assemble, parse, parse_caption, screen

pytestmark = pytest.mark.realdata

DATA = Path(os.environ.get("MMFR_REAL_DATA", Path(__file__).resolve().parents[2].parent / "shared" / "data"))
ROWS = DATA / "mmfinereason" / "rows.parquet"

KNOWN_FLAGS = {
    "FineVision-raven/2": Reason.BLIND_REPLY,  # "let's check the original image again (mentally, since I can't see it)"
    "GameQA-140K/75812": Reason.BLIND_REPLY,  # "Without seeing the exact image, but based on typical maze structures"
}


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    if not ROWS.exists():
        pytest.skip(f"real rows not found at {ROWS}")
    columns = ["source", "id", "qwen3vl_235b_thinking_response", "qwen3vl_235b_instruct_caption"]
    return pq.read_table(ROWS, columns=columns).to_pylist()


def test_all_traces_parse_and_the_flags_are_the_known_ones(rows: list[dict[str, Any]]) -> None:
    settings = ScreenSettings()
    flagged = {}
    for row in rows:
        trace = parse(row["qwen3vl_235b_thinking_response"])
        assert trace.think_parts == 1 and trace.reasoning and trace.answer_text
        exempt = row["source"] in settings.answer_tag_exempt
        if flags := screen(trace, settings, finish_reason="stop", exempt=exempt):
            flagged[f"{row['source']}/{row['id']}"] = flags[0].reason
    assert flagged == KNOWN_FLAGS


def test_taking_apart_and_putting_together_keeps_every_trace(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        published = row["qwen3vl_235b_thinking_response"]
        trace = parse(published)
        assert "".join(assemble(trace.reasoning, trace.answer_text).split()) == "".join(published.split())


def test_all_captions_have_a_known_category_and_all_sections(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        caption = parse_caption(row["qwen3vl_235b_instruct_caption"])
        assert caption.known, caption
        assert caption.sections == SECTIONS
