"""Runs to report on, written table by table."""

import io

import pytest
from PIL import Image

from mmfinereason.report import report
from mmfinereason.schema import Reason, Stage
from mmfinereason.store import Plan, Reject, Run

RECIPE = """
name: {name}
sources:
  - use: puzzles
"""


def png(colour="white", size=(64, 48)):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def sample(number, source="src", domain="Mathematics", **changes):
    return {
        "id": f"{source}/{number}",
        "source": source,
        "domain": domain,
        "licence": "MIT",
        "original_question": f"1. What is {number}+1?",
        "original_answer": f"It is {number + 1}.",
        "question": f"<image>What is ${number}+1$?",
        "answer": str(number + 1),
        "options": [],
        "image": {"bytes": png(), "path": f"{number}.png"},
        "width": 64,
        "height": 48,
        "image_sha256": f"{number:064x}",
        "edits": ["question_number"],
        "fixed_answer": True,
        **changes,
    }


def trace(id, **changes):
    return {
        "id": id,
        "candidate": 0,
        "attempt": 0,
        "last": True,
        "status": "ok",
        "reasoning": "I see a number and $\\frac{1}{2}$ more.",
        "answer_text": "The sum is <answer>1</answer>",
        "tokens": 500,
        "model": "teacher-large",
        "prompt": "distill@12345678",
        **changes,
    }


def caption(row, **changes):
    return {
        "id": row["id"],
        "image_sha256": row["image_sha256"],
        "caption": "### Image 1: Table / Matrix\nA table.",
        "category": "Table / Matrix",
        "known_category": True,
        "status": "ok",
        "completion_tokens": 300,
        "model": "captioner-large",
        "prompt": "caption@12345678",
        **changes,
    }


def verdict(id, consistent=True, **changes):
    return {
        "id": id,
        "candidate": 0,
        "chosen": True,
        "extracted_answer": "1",
        "extraction": "answer_tag",
        "outcome": {True: "equal", False: "different", None: "undecided"}[consistent],
        "method": "number",
        "detail": "1 and 1",
        "is_consistent": consistent,
        "consistency_analysis": "",
        **changes,
    }


def rollouts(id, right, count=4):
    outcomes = ["correct"] * right + ["wrong"] * (count - right)
    return {
        "id": id,
        "pass_rate": right / count,
        "rollouts": [
            {"index": n, "blind": False, "outcome": outcome, "answer": str(n), "model": "prober-small"}
            for n, outcome in enumerate(outcomes)
        ],
    }


def write(run, stage, rows, rejects=()):
    table, plan = run.table(stage), Plan(stage.command, {})
    table.begin(plan, "")
    table.write(0, rows, rejects, seconds=1.5)
    table.finish(plan)


def make_run(folder, samples, name="tiny", recipe=""):
    """A finished run over `samples`, every third row inconsistent, one of each kind of reject."""
    run = Run(str(folder))
    run.save_recipe(RECIPE.format(name=name) + recipe)
    ids = [one["id"] for one in samples]
    gone = [
        Reject(f"{ids[0]}-again", Reason.DUPLICATE, f"same image and question as {ids[0]}", "src", "f#1", "What is 1?"),
        Reject("src/bad", Reason.BAD_IMAGE, "cannot be opened", "src", "f#2", "What is it?"),
    ]
    write(run, Stage.COLLECT, samples, gone)
    write(run, Stage.CAPTION, [caption(one) for one in samples])
    write(run, Stage.DISTILL, [trace(id, tokens=300 + 40 * n) for n, id in enumerate(ids)])
    write(run, Stage.VERIFY, [verdict(id, n % 3 != 2) for n, id in enumerate(ids)])
    write(run, Stage.PROBE, [rollouts(id, n % 5) for n, id in enumerate(ids) if n % 3 != 2])
    chosen = [{"id": id, "subsets": ["full", "1.8M"] if n % 3 != 2 else ["full"]} for n, id in enumerate(ids)]
    write(run, Stage.SELECT, chosen)
    return run


@pytest.fixture(scope="session")
def reported(tmp_path_factory):
    """A run of 12 rows, with its report."""
    run = make_run(tmp_path_factory.mktemp("reported") / "run", [sample(n) for n in range(12)])
    report(run)
    return run
