"""What `mmfr sources` prints."""

import pytest
from typer.testing import CliRunner

from mmfinereason.cli.app import app
from mmfinereason.collect.sources import SOURCES
from mmfinereason.recipe import parse


def printed(monkeypatch, *arguments, columns=80):
    monkeypatch.setenv("COLUMNS", str(columns))
    return CliRunner().invoke(app, ["sources", *arguments])


@pytest.mark.parametrize("columns", [80, 170])
def test_every_source_has_one_line_with_its_whole_name(monkeypatch, columns):
    lines = printed(monkeypatch, columns=columns).output.splitlines()
    assert max(map(len, lines)) <= columns
    for name in SOURCES:
        assert sum(line.startswith(f"{name} ") for line in lines) == 1


@pytest.mark.parametrize("name", SOURCES)
def test_the_line_for_a_recipe_can_be_used(monkeypatch, name):
    shown = printed(monkeypatch, name, columns=170).output
    line = next(line for line in shown.splitlines() if line.startswith("recipe")).removeprefix("recipe").strip()
    recipe = parse(f"name: x\nsources:\n  {line}\n")
    assert recipe.sources[0].use == name
    assert bool(recipe.sources[0].path) == (SOURCES[name].hub_id is None or SOURCES[name].unpack is not None)


def test_an_unknown_source_is_an_error(monkeypatch):
    assert printed(monkeypatch, "MMK13").exit_code == 2
