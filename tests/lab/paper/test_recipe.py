"""The recipe of a re-enactment is an ordinary one: every command takes it."""

import pytest

from mmfinereason import pipeline
from mmfinereason.ablate.grid import grid
from mmfinereason.lab.paper.recipe import ALONE, Place, write_recipe
from mmfinereason.lab.paper.scale import SCALES


@pytest.mark.parametrize("size", SCALES)
def test_the_recipe_can_be_used_at_every_size(tmp_path, size):
    place = Place(tmp_path / "run")
    recipe = pipeline.check(write_recipe(place, SCALES[size], seed=3, workers=1))
    assert recipe.run_url == str(tmp_path / "run") and recipe.seed == 3
    keys = grid(recipe.ablate)
    arms = {(key.data, key.training) for key in keys}
    assert {key.seed for key in keys} == set(range(SCALES[size].seeds))
    assert {(name, "short") for name in (*ALONE, "full")} <= arms
    assert {(name, how) for name in ("full", "not-one", "zero", "random") for how in ("epochs", "steps")} <= arms


def test_training_and_test_world_are_parts_that_share_nothing(tmp_path):
    recipe = pipeline.check(write_recipe(Place(tmp_path / "run"), SCALES["small"], seed=0, workers=1))
    train, test = recipe.sources[0].puzzles, recipe.evaluate.benchmarks[0].source.puzzles
    assert (train.world, train.part) == ("small", "train") and (test.world, test.part) == ("small", "test")


def test_reinforcement_goes_on_from_the_best_arm(tmp_path):
    place = Place(tmp_path / "run")
    before = pipeline.check(write_recipe(place, SCALES["small"], seed=0, workers=1))
    after = pipeline.check(write_recipe(place, SCALES["small"], seed=0, workers=1, best=("zero", "epochs")))
    added = [key for key in grid(after.ablate) if key not in grid(before.ablate)]
    assert {(key.data, key.training) for key in added} == {("zero", "rl")}
    assert after.ablate.training["rl"].after == "epochs"
