"""A run folder with exports as far as training looks at them: the manifest and the saved recipe."""

import json

import pytest

from mmfinereason.recipe import dump, parse
from mmfinereason.store import Run

RECIPE = """
name: demo
sources: [{use: puzzles}]
select: {subsets: [rl, sft]}
"""


@pytest.fixture
def demo(tmp_path):
    """Give overrides, get the recipe of a run that was exported with the recipe as it stands above.

    Its `train.python` is one that has neither LLaMA-Factory nor veRL.
    """
    url = str(tmp_path / "run")
    python = tmp_path / "python-without"
    python.write_text("#!/bin/sh\nexit 3\n")
    python.chmod(0o755)
    run = Run(url)
    run.save_recipe(dump(parse(RECIPE)))
    made_with = parse(RECIPE).export.model_dump(mode="json", include={"tokens", "variant"})
    for format, rows, file in (
        ("llamafactory", {"sft": 500}, "sft/part-00000.parquet"),
        ("verl", {"rl": 300}, "rl/train-00000.parquet"),
    ):
        export = {"rows": rows, "files": [f"exports/{format}/{file}"], "made_with": made_with}
        run.folder.write(f"exports/{format}/export.json", json.dumps(export).encode())

    def recipe(*overrides, text=RECIPE):
        return parse(text, overrides=[f"run={url}", f"train.python={python}", *overrides])

    return recipe
