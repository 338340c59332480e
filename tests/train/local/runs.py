"""Small runs with nothing but a recipe and a TRL export of built-in puzzles."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from mmfinereason.context import Context
from mmfinereason.execute import Silent
from mmfinereason.export.asking import ANSWER_REQUEST
from mmfinereason.export.formats import TRL_RL, TRL_SFT
from mmfinereason.lab.puzzles import generate
from mmfinereason.recipe import parse
from mmfinereason.store import Run


def png(image) -> bytes:
    data = io.BytesIO()
    image.save(data, "PNG")
    return data.getvalue()


def puzzles(family, count, *, seed=0, level=1):
    return [generate(family, seed=seed, index=i, level=level, multiple_choice=False) for i in range(count)]


def trace(puzzle) -> str:
    """A short one: the steps of the solution, then the answer in tags."""
    thoughts = " ".join(puzzle.steps)
    return f"<think>\n{thoughts}\n</think>\n\n<answer>{puzzle.answer}</answer>"


def _row(puzzle, size):
    name = f"{puzzle.family}-{puzzle.seed}-{puzzle.index}"
    return {"id": name, "images": [{"bytes": png(puzzle.draw(size)), "path": f"{name}.png"}]}


def sft_row(puzzle, size=96, target=None):
    prompt = [{"role": "user", "content": f"{puzzle.question}\n\n{ANSWER_REQUEST}"}]
    return {
        **_row(puzzle, size),
        "prompt": prompt,
        "completion": [{"role": "assistant", "content": target or trace(puzzle)}],
    }


def rl_row(puzzle, size=96):
    prompt = [{"role": "user", "content": f"{puzzle.question}\n\n{ANSWER_REQUEST}"}]
    return {**_row(puzzle, size), "prompt": prompt, "ground_truth": puzzle.answer, "question": puzzle.question}


def make_run(folder, train, *, sft=(), rl=(), tokens=None, seed=0, progress=None) -> Context:
    """A run folder whose exports are done, and a context for it."""
    recipe = parse(
        yaml.safe_dump(
            {
                "name": "small",
                "run": str(folder),
                "seed": seed,
                "sources": [{"use": "puzzles"}],
                "export": {"formats": ["trl"], "tokens": tokens or {}},
                "train": train,
            }
        )
    )
    run = Run(str(folder))
    run.save_recipe(yaml.safe_dump(recipe.model_dump(mode="json")))
    rows, files = {}, []
    for kind, subset, schema, made in (("sft", "full", TRL_SFT, sft), ("rl", "rl", TRL_RL, rl)):
        if made:
            path = f"exports/trl/{kind}/{subset}/train-00000.parquet"
            with run.folder.writer(path) as file:
                pq.write_table(pa.Table.from_pylist(list(made), schema), file)
            rows[subset] = len(made)
            files.append(path)
    made_with = recipe.export.model_dump(mode="json", include={"tokens", "variant"})
    manifest = {"rows": rows, "files": files, "made_with": made_with}
    run.folder.write("exports/trl/export.json", json.dumps(manifest).encode())
    return Context(run, recipe, progress or Silent())
