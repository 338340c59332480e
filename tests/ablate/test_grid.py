"""The product of a grid, its union and its order."""

import pytest

from mmfinereason.ablate.grid import Key, chosen, grid, started_from
from mmfinereason.errors import MmfrError, RecipeError
from mmfinereason.recipe import parse
from mmfinereason.recipe.ablate import AblateSettings

BOTH = {
    "data": {"full": "full", "hard": "123K"},
    "training": {"rl": {"rl": {}, "after": "steps"}, "steps": {"sft": {"max_steps": 5}}, "epochs": {}},
    "seeds": [0, 1],
}


def names(**changes):
    return [str(key) for key in grid(AblateSettings.model_validate(BOTH | changes))]


def test_the_grid_is_everything_with_everything_and_gspo_comes_last():
    found = names()
    assert len(found) == len(set(found)) == 12
    assert found[:4] == ["full/steps/seed-0", "full/epochs/seed-0", "hard/steps/seed-0", "hard/epochs/seed-0"]
    assert found[8:] == ["full/rl/seed-0", "hard/rl/seed-0", "full/rl/seed-1", "hard/rl/seed-1"]


def test_products_are_united_and_bring_what_they_start_from():
    found = names(
        grid=[{"data": ["hard"], "training": ["rl"], "seeds": [7]}, {"data": ["full"], "training": ["epochs"]}]
    )
    assert found == ["full/epochs/seed-0", "full/epochs/seed-1", "hard/steps/seed-7", "hard/rl/seed-7"]


def test_gspo_starts_from_the_same_data_and_seed():
    settings = AblateSettings.model_validate(BOTH)
    assert started_from(settings, Key("hard", "rl", 1)) == Key("hard", "steps", 1)
    assert started_from(settings, Key("hard", "steps", 1)) is None


def test_cells_are_chosen_by_their_names():
    keys = grid(AblateSettings.model_validate(BOTH))
    assert {key.data for key in chosen(keys, ["data=hard,seed=1"])} == {"hard"}
    assert len(chosen(keys, ["training=steps", "training=rl"])) == 8
    with pytest.raises(MmfrError, match=r"no cell has data=medium"):
        chosen(keys, ["data=medium"])
    with pytest.raises(MmfrError, match=r"not a choice of cells"):
        chosen(keys, ["size=3"])


@pytest.mark.parametrize(
    ("ablate", "said"),
    [
        ("{data: {untrained: full}}", "choose another name"),
        ("{data: {a: {subset: full, only: [x], without: [x]}}}", "both alone and left out"),
        ("{training: {a: {sft: {epochz: 1}}}}", "epochz"),
        ("{training: {a: {sft: {epochs: -1}}}}", "epochs: Input should be greater than 0"),
        ("{training: {a: {rl: {}}}}", "a GSPO training needs `after`"),
        ("{training: {a: {rl: {}, after: b}}}", "no `sft` training `b`; there is none"),
        ("{data: {a: full}, grid: [{data: [b]}]}", "no data variant `b`; there is a"),
        ("{data: {a: full}, baseline: c}", "no data variant `c`"),
    ],
)
def test_what_does_not_fit_is_said(ablate, said):
    with pytest.raises(RecipeError, match=said):
        parse(f"name: x\nsources: [{{use: puzzles}}]\nablate: {ablate}")
