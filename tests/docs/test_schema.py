"""The JSON Schema of the recipe says yes to what the program says yes to."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from mmfinereason.cli.app import app
from mmfinereason.cli.init import START
from mmfinereason.recipe.json_schema import json_schema

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.yaml"))
SCHEMA = Draft202012Validator(json.loads(json_schema()))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_a_recipe_of_the_project_fits_the_schema(path):
    assert [error.message for error in SCHEMA.iter_errors(yaml.safe_load(path.read_text()))] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a", "sources": [{"use": "puzzles"}], "probe": {"rolouts": 4}},
        {"sources": [{"use": "puzzles"}]},
        {"name": "a", "sources": [{"use": "puzzles"}], "probe": {"rollouts": 0}},
        {"name": "a", "sources": [{"use": "puzzles"}], "select": {"subsets": ["nobody"]}},
    ],
)
def test_what_the_program_refuses_the_schema_refuses(wrong):
    assert not SCHEMA.is_valid(wrong)


def test_a_recipe_that_only_evaluates_needs_no_sources():
    assert SCHEMA.is_valid({"name": "a"}) and SCHEMA.is_valid({"name": "a", "sources": []})


def test_the_command_prints_the_schema():
    assert CliRunner().invoke(app, ["schema"]).stdout.strip() == json_schema()


def test_the_recipe_to_start_from_can_be_used_and_is_never_written_over(tmp_path):
    file = tmp_path / "fruit.yaml"
    assert CliRunner().invoke(app, ["init", str(file)]).exit_code == 0
    assert file.read_text() == START.format(name="fruit", file=file)
    assert CliRunner().invoke(app, ["check", str(file)]).exit_code == 0
    assert CliRunner().invoke(app, ["init", str(file)]).exit_code == 2
