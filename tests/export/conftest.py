"""A small finished run, written table by table."""

import io

import pytest
from PIL import Image

from mmfinereason.context import Context
from mmfinereason.recipe import parse
from mmfinereason.schema import Stage
from mmfinereason.store import Plan, Run

RECIPE = """
name: tiny
sources:
  - use: puzzles
"""


def png(width=64, height=48):
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(buffer, "PNG")
    return buffer.getvalue()


def sample(number, **changes):
    return {
        "id": f"src/{number}",
        "source": "src",
        "domain": "Mathematics",
        "licence": "MIT",
        "original_question": f"1. What is {number}+1?",
        "original_answer": f"It is {number + 1}.",
        "question": f"<image>What is {number}+1?",
        "answer": str(number + 1),
        "options": [],
        "image": {"bytes": png(), "path": f"{number}.png"},
        "width": 64,
        "height": 48,
        "fixed_answer": True,
        **changes,
    }


def trace(number, **changes):
    return {
        "id": f"src/{number}",
        "candidate": 0,
        "attempt": 0,
        "last": True,
        "status": "ok",
        "reasoning": f"I see {number} and one more.",
        "answer_text": f"The sum is <answer>{number + 1}</answer>",
        "model": "simulated-teacher",
        "prompt": "distill@12345678",
        **changes,
    }


def make_run(url, samples, traces, subsets, overrides=()):
    context = Context(Run(str(url)), parse(RECIPE, overrides=overrides))
    context.run.save_recipe(RECIPE)
    ids = [one["id"] for one in samples]
    rows = {
        Stage.COLLECT: samples,
        Stage.CAPTION: [{"id": id, "caption": f"A picture for {id}.", "status": "ok"} for id in ids],
        Stage.DISTILL: traces,
        Stage.VERIFY: [
            {"id": id, "candidate": 0, "chosen": True, "is_consistent": True, "consistency_analysis": "Same number."}
            for id in ids
        ],
        Stage.PROBE: [{"id": id, "pass_rate": 0.25} for id in ids],
        Stage.SELECT: [{"id": id, "subsets": subsets.get(id, [])} for id in ids],
    }
    for stage, records in rows.items():
        table = context.table(stage)
        plan = Plan(stage.command, {})
        table.begin(plan, "")
        table.write(0, records)
        table.finish(plan)
    return context


@pytest.fixture
def context(tmp_path):
    subsets = {"src/0": ["full", "rl"], "src/1": ["full"], "src/2": []}
    return make_run(tmp_path / "run", [sample(n) for n in range(3)], [trace(n) for n in range(3)], subsets)
