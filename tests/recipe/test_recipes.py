"""The recipes that come with the project."""

from pathlib import Path

import pytest

from mmfinereason.collect.sources import SOURCES
from mmfinereason.recipe import load

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.yaml"))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.name)
def test_a_recipe_that_comes_with_the_project_is_valid(path):
    load(path)


def test_the_papers_recipe_has_all_of_its_sources():
    recipe = load(next(path for path in RECIPES if path.name == "mmfinereason.yaml"))
    assert [source.use for source in recipe.sources] == [name for name in SOURCES if name != "MMFineReason"]
    assert len(recipe.sources) == 22


def test_a_users_own_data_takes_less_than_thirty_lines():
    local = next(path for path in RECIPES if path.name == "local-data.yaml")
    assert len(local.read_text().splitlines()) < 30
