"""Recorded replies come back exactly, and what was not recorded is said."""

import json
import os
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mmfinereason.lab.knowledge import load
from mmfinereason.schema import EARLIER_NAMES

from .asking import blocks, body, picture

REAL = Path(os.environ.get("MMFR_REAL_DATA", Path(__file__).parents[4] / "shared" / "data")) / "mmfinereason"
TRACE = "<think>I see\ntwo. </think>\n\nThere are two.\n\n<answer>2</answer>"
ROW = {
    "source": "S",
    "id": "7",
    "original_question": "图中有几个？",
    "original_answer": "so there are 2 of them",
    "question": "<image>How many are there?",
    "answer": "2",
    "qwen3vl_235b_instruct_caption": "### Image 1: Geometric Diagram",
    "qwen3vl_235b_thinking_response": TRACE,
    "qwen3vl_4b_pass_rate": 0.75,
    "is_consistent": True,
    "consistency_analysis": "Analysis: the same.\nJUDGMENT: EQUIVALENT",
}


@pytest.fixture
def published(tmp_path, puzzles):
    """One row in the published layout."""
    row = ROW | {"image": {"bytes": picture(puzzles[0])[0], "path": None}}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "rows.parquet")
    return load([tmp_path / "rows.parquet"])


@pytest.fixture
def replay(ask, published):
    return lambda *payloads, **options: ask(list(payloads), mode="replay", known=published, **options)


def trace(answer):
    return f"<think>{answer.message['reasoning']}</think>\n\n{answer.message['content']}"


def test_the_teacher_gives_the_published_trace_back(replay, puzzles):
    asked = body("replay-teacher", blocks(question="[image]How many are there?"), picture(puzzles[0])[0])
    by_field, in_pair = replay(asked)[0], replay(asked, reasoning="pair")[0]
    assert trace(by_field) == TRACE == in_pair.message["content"]


def test_the_captioner_gives_the_published_caption_back(replay, puzzles):
    (answer,) = replay(body("replay-captioner", "Describe.", picture(puzzles[0])[0]))
    assert answer.message["content"] == ROW["qwen3vl_235b_instruct_caption"]


def test_the_cleaner_gives_the_clean_question_and_the_short_answer(replay):
    question, answer = replay(
        body("replay-cleaner", blocks(question=ROW["original_question"])),
        body("replay-cleaner", blocks(question="How many are there?", solution=ROW["original_answer"])),
    )
    assert json.loads(question.message["content"])["corrected_text"] == ROW["question"]
    assert answer.message["content"] == "<answer>2</answer>"


def test_the_cleaner_leaves_a_question_alone_that_rules_have_trimmed(ask, tmp_path):
    question = "<image>How many red apples are in the basket on the table? Answer with the letter."
    row = ROW | {"original_question": "7. " + question, "question": question}
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "rows.parquet")
    prompt = blocks(question="How many red apples are in the basket on the table?")
    (answer,) = ask([body("replay-cleaner", prompt)], mode="replay", known=load([tmp_path / "rows.parquet"]))
    assert answer.message["content"] == "No Problem"


def test_the_cleaner_knows_no_strangers(replay):
    (answer,) = replay(body("replay-cleaner", blocks(question="Which planet is the farthest away?")))
    assert answer.status == 422 and answer.error["code"] == "unknown_question"


def test_the_judge_gives_the_published_analysis_for_the_published_answer_only(replay):
    prompts = [
        f"{blocks(question='How many are there?', reference='2', answer=given)} EQUIVALENT or DIFFERENT"
        for given in ("2", "3")
    ]
    recorded, other = replay(*(body("replay-judge", prompt) for prompt in prompts))
    assert recorded.message["content"] == ROW["consistency_analysis"]
    assert other.message["content"].endswith("Judgment: DIFFERENT")


@pytest.mark.parametrize("separate", [True, False])
def test_four_rollouts_meet_the_published_pass_rate(replay, puzzles, separate):
    question, image = blocks(question="How many are there?"), picture(puzzles[0])[0]
    if separate:
        answers = replay(*(body("replay-prober", question, image, seed=seed) for seed in (5, 71, 900, 4)))
        texts = [answer.message["content"] for answer in answers]
    else:
        (answer,) = replay(body("replay-prober", question, image, n=4))
        texts = [choice["message"]["content"] for choice in answer.json["choices"]]
    assert [re.findall("<answer>2</answer>", text) != [] for text in texts] == [True, True, True, False]


def test_a_rollout_sent_again_counts_once(replay, puzzles):
    image = picture(puzzles[0])[0]
    asked = [
        body("replay-prober", blocks(question="How many are there?"), image, seed=seed) for seed in (1, 1, 1, 1, 2)
    ]
    assert all("<answer>2</answer>" in answer.message["content"] for answer in replay(*asked))


def test_a_blind_rollout_guesses(replay):
    asked = [body("replay-prober", blocks(question="How many are there?"), seed=seed) for seed in range(4)]
    assert not any("<answer>2</answer>" in answer.message["content"] for answer in replay(*asked))


def test_what_was_not_recorded_is_named(ask, puzzles, tmp_path):
    pq.write_table(
        pa.Table.from_pylist([{"source": "S", "id": "1", "question": "How?", "answer": "2"}]), tmp_path / "a.parquet"
    )
    known = load([tmp_path / "a.parquet"])
    (answer,) = ask([body("replay-teacher", blocks(question="How?"))], mode="replay", known=known)
    assert answer.status == 422 and answer.error["code"] == "not_recorded"
    assert "'S/1'" in answer.error["message"] and "trace" in answer.error["message"]


def test_earlier_column_names_are_understood(tmp_path):
    earlier = {now: before for before, now in EARLIER_NAMES.items()}
    row = {earlier.get(name, name): value for name, value in ROW.items()}
    pq.write_table(pa.Table.from_pylist([ROW]), tmp_path / "now.parquet")
    pq.write_table(pa.Table.from_pylist([row]), tmp_path / "before.parquet")
    assert load([tmp_path / "now.parquet"]) == load([tmp_path / "before.parquet"])


@pytest.mark.realdata
@pytest.mark.skipif(not REAL.exists(), reason=f"real data not found at {REAL}")
def test_the_published_rows_come_back_exactly(ask):
    known = load([REAL / "rows.parquet"])
    rows = pq.read_table(REAL / "rows.parquet").to_pylist()
    images = [(row["image"] or {}).get("bytes") for row in rows]
    asked = [
        body("replay-teacher", blocks(question=row["question"].replace("<image>", "[image]")), image)
        for row, image in zip(rows, images, strict=True)
    ]
    answers = ask(asked, mode="replay", known=known)
    assert [trace(answer) for answer in answers] == [row["qwen3vl_235b_thinking_response"] for row in rows]

    described = [(row, image) for row, image in zip(rows, images, strict=True) if image]
    captions = ask([body("replay-captioner", "Describe.", image) for _, image in described], mode="replay", known=known)
    firsts = {}
    for row, image in described:
        firsts.setdefault(image, row["qwen3vl_235b_instruct_caption"])
    assert [answer.message["content"] for answer in captions] == [firsts[image] for _, image in described]
