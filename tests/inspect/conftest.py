"""Runs small enough to be read, with one row for every fate."""

import pytest

from mmfinereason.schema import TABLES, Reason, Stage
from mmfinereason.store import Plan, Reject, Run

IDS = ("puzzles/1", "puzzles/2", "puzzles/3", "charts/1")


def put(run, stage, rows, rejects=(), **settings):
    table, plan = run.table(stage), Plan(stage.command, settings, {})
    table.begin(plan, "")
    table.write(0, [dict.fromkeys(TABLES[stage].names) | row for row in rows], rejects)
    table.finish(plan)


def sample(id, **values):
    return {
        "id": id,
        "source": id.split("/")[0],
        "domain": "Puzzle/Game",
        "licence": "Apache-2.0",
        "original_question": "题：几只？",
        "original_answer": "The answer is 12.",
        "question": "How many?",
        "answer": "12",
        "options": ["10", "12"],
        "image": {"bytes": b"secret bytes", "path": "a.png"},
        "width": 640,
        "height": 480,
        "format": "PNG",
        "byte_size": 12345,
        "image_sha256": "ab" * 32,
        "image_phash": "0123456789abcdef",
        "edits": ["question_number", "cleaner:translation"],
        "fixed_answer": True,
        "origin": "rows.parquet, row 7",
    } | values


def trace(id, attempt=0, **values):
    return {
        "id": id,
        "candidate": 0,
        "attempt": attempt,
        "last": True,
        "status": "ok",
        "tokens": 1234,
        "model": "teacher",
        "temperature": 1.0,
        "seed": 7,
        "finish_reason": "stop",
        "cost": 0.01,
    } | values


def verdict(id, answer="12", outcome="equal", **values):
    return {
        "id": id,
        "candidate": 0,
        "chosen": True,
        "extracted_answer": answer,
        "extraction": "answer_tag",
        "outcome": outcome,
        "method": "number",
        "detail": f"{answer} against 12",
        "is_consistent": {"equal": True, "different": False}.get(outcome),
        "consistency_analysis": "Compared as numbers.",
    } | values


ROLLOUT = {
    "index": 0,
    "blind": False,
    "outcome": "wrong",
    "answer": "10",
    "method": "number",
    "detail": "10 against 12",
}


def rollouts(id, correct, **values):
    rate = correct / 4
    counts = {"correct": correct, "wrong": 4 - correct, "truncated": 0, "error": 0, "unparsable": 0, "undecided": 0}
    return {
        "id": id,
        "pass_rate": rate,
        "pass_low": 0.1,
        "pass_high": 0.9,
        **counts,
        "reference_suspect": False,
        "rollouts": [ROLLOUT],
    } | values


def make(url, *, verdict_of_2="different", correct_of_3=4, hard=("full", "1.8M"), selected=True):
    run = Run(url)
    run.save_recipe("name: demo\n")
    duplicate = Reject(
        "charts/1", Reason.DUPLICATE, "same as puzzles/1", "charts", "charts.csv, row 3", "How many bars?"
    )
    put(run, Stage.COLLECT, [sample(id) for id in IDS[:3]], [duplicate])
    put(
        run,
        Stage.DISTILL,
        [
            trace("puzzles/1", last=False, status="truncated", detail="no closing tag", finish_reason="length"),
            trace("puzzles/1", 1),
            trace("puzzles/2"),
            trace("puzzles/3"),
        ],
    )
    second = verdict("puzzles/2", "12" if verdict_of_2 == "equal" else "13", verdict_of_2)
    put(run, Stage.VERIFY, [verdict("puzzles/1"), second, verdict("puzzles/3")])
    suspect = {"reference_suspect": True, "suspect_evidence": "two models say 10"}
    put(run, Stage.PROBE, [rollouts("puzzles/1", 3, **suspect), rollouts("puzzles/3", correct_of_3)])
    inside = {"puzzles/1": ["full", "1.8M"], "puzzles/3": list(hard)}
    inside["puzzles/2"] = ["full", "1.8M"] if verdict_of_2 == "equal" else []
    out = {"reason": "inconsistent", "detail": "number: 13 against 12"}
    rows = [{"id": id, "subsets": inside[id]} | ({} if inside[id] else out) for id in IDS[:3]]
    if selected:
        put(run, Stage.SELECT, rows, subsets=list(hard))
    return run


@pytest.fixture
def run(tmp_path):
    return make(str(tmp_path / "run"))
