"""The rules on real rows: agreement with the published cleaning, and not one good question lost or bent.

The published rows were cleaned by a model. Where a row has an original, what the rules make of it is compared with what
was published; everywhere else the published question must come through as it is, but for listed edits.
"""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from mmfinereason.collect.text import clean_question, without_marker
from mmfinereason.collect.text.instructions import REASONING_LETTER
from mmfinereason.recipe.clean import TextSettings

DATA = Path(os.environ.get("MMFR_REAL_DATA") or Path(__file__).parents[3].parent / "shared" / "data")
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not (DATA / "mmfinereason").is_dir(), reason=f"no real data at {DATA}"),
]


def published():
    import pyarrow.parquet as pq

    return pq.read_table(DATA / "mmfinereason" / "rows.parquet").to_pylist()


def native_questions():
    for path in sorted((DATA / "puzzlevqa").glob("*.json")):
        yield from (json.loads(line)["question"] for line in path.read_text(encoding="utf-8").splitlines())
    for path in sorted((DATA / "gameqa").glob("*/data.json")):
        yield from (row["question"] for row in json.loads(path.read_text(encoding="utf-8")))


def agreement(row):
    cleaned = clean_question(row["original_question"], TextSettings())
    wanted = without_marker(row["question"])
    if without_marker(row["original_question"]) == wanted:
        return "nothing to do" if without_marker(cleaned.text) == wanted else "rules bent it"
    if without_marker(cleaned.text) == wanted:
        return "rules alone reach it"
    return f"needs the model, asked to {cleaned.needs[0]}" if cleaned.needs else "needs the model, not noticed"


def test_the_rules_agree_with_the_published_cleaning_or_ask_for_the_model():
    rows = [row for row in published() if row["original_question"]]
    counted = Counter(map(agreement, rows))
    print(dict(counted))
    assert counted == {
        "nothing to do": 6,
        "needs the model, asked to translate": 5,
        "needs the model, asked to clean": 1,
    }


def test_published_questions_come_through_but_for_the_marker_and_what_is_plainly_dirt():
    edits = Counter()
    for row in published():
        cleaned = clean_question(row["question"], TextSettings())
        edits.update(cleaned.edits)
        assert cleaned.reason is None, (row["source"], row["id"], cleaned.detail)
        if set(cleaned.edits) <= {"image_marker"}:
            assert cleaned.text == "<image>" + without_marker(row["question"])
    assert edits == {"image_marker": 22, "shallow_instruction": 11, "control_characters": 2, "unicode": 2}


def test_shallow_instructions_of_real_rows_ask_for_reasoning_now():
    [text] = [
        clean_question(row["question"], TextSettings()).text
        for row in published()
        if (row["source"], row["id"]) == ("FineVision-ai2d_merged", "0")
    ]
    assert text.endswith(f"D. Heat\n{REASONING_LETTER}")


def test_no_native_question_is_rejected_or_reworded():
    for question in native_questions():
        cleaned = clean_question(question, TextSettings())
        assert cleaned.reason is None
        assert cleaned.language == "en"
        if "unicode" not in cleaned.edits:
            assert cleaned.text == "<image>" + question.strip()


def test_captions_and_analyses_which_are_clean_prose_and_math_are_not_touched():
    for row in published():
        caption = row["qwen3vl_235b_instruct_caption"] or ""
        assert without_marker(clean_question(caption, TextSettings()).text) == without_marker(caption)
