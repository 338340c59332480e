"""A lab server that gives back the recorded replies of some puzzles, and recipes that evaluate it."""

import pytest
from tests.evaluate import drawn as puzzles

from mmfinereason.context import Context
from mmfinereason.lab.launch import start
from mmfinereason.recipe.load import parse
from mmfinereason.store import Run


@pytest.fixture(scope="session")
def rows():
    return puzzles.drawn()


@pytest.fixture(scope="session")
def server(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("replies") / "replies.parquet"
    puzzles.write_replies(path, rows)
    with start("replay", [path]) as running:
        yield running


@pytest.fixture
def tsv(tmp_path, rows):
    path = tmp_path / "OURS.tsv"
    puzzles.write_tsv(path, rows)
    return path


@pytest.fixture
def recipe_text(tmp_path, tsv, server):
    return f"""
name: held-out
run: {tmp_path}/run
models:
  student:
    model: replay-teacher
    endpoints: [{{url: "{server.url}"}}]
evaluate:
  benchmarks:
    - name: ours
      source: {{name: ours, path: "{tsv}", format: vlmevalkit}}
"""


@pytest.fixture
def context(recipe_text):
    return context_of(recipe_text)


def context_of(text, overrides=()):
    recipe = parse(text, "recipe", overrides)
    return Context(Run(recipe.run_url), recipe)
