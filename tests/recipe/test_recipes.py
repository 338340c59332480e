"""The recipes that come with the project."""

from pathlib import Path

import pytest

from mmfinereason import pipeline
from mmfinereason.collect.sources import SOURCES
from mmfinereason.errors import RecipeError
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


def test_an_unknown_source_or_puzzle_family_is_found_before_anything_runs(tmp_path):
    recipe = tmp_path / "r.yaml"
    recipe.write_text("name: x\nsources:\n  - use: GameQA-140\n  - {use: puzzles, puzzles: {families: [mazes]}}\n")
    with pytest.raises(RecipeError) as caught:
        pipeline.check(recipe)
    assert caught.value.problems == [
        "unknown source 'GameQA-140'; did you mean 'GameQA-140K'?",
        "unknown puzzle family 'mazes'; did you mean 'maze'?",
    ]


def test_a_path_that_is_not_there_yet_is_worth_a_note(tmp_path):
    recipe = tmp_path / "r.yaml"
    columns = "columns: {question: q, image: i}"
    recipe.write_text(f"name: x\nsources:\n  - {{name: a, path: {tmp_path}/no.jsonl, {columns}}}\n  - use: puzzles\n")
    assert pipeline.missing_files(pipeline.check(recipe)) == [f"{tmp_path}/no.jsonl"]
