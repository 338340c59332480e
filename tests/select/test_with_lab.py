"""The three stages against the lab server: real requests, real journals, a prober of mixed skill."""

import dataclasses

import pytest

from mmfinereason import pipeline
from mmfinereason.models.session import spent
from mmfinereason.recipe import Recipe
from mmfinereason.schema import Stage

STAGES = [Stage.COLLECT, Stage.DISTILL, Stage.VERIFY, Stage.PROBE, Stage.SELECT]


def recipe(folder, **changes):
    return Recipe.model_validate(
        {
            "name": "demo",
            "run": folder,
            "sources": [{"use": "puzzles", "puzzles": {"count": 40, "seed": 3}}],
            "collect": {"shard_rows": 20},
            "models": {
                "teacher": {"lab": {"wrong": 0.3}},
                "judge": {"lab": "simulated"},
                "prober": {"lab": {"skill": "mixed", "prober_truncated": 0.1, "prober_unparsable": 0.1}},
            },
            "probe": {"only_consistent": False, "blind": 1},
            "execute": {"workers": 0},
        }
        | changes
    )


@pytest.fixture(scope="module")
def context(tmp_path_factory):
    made = pipeline.prepare(recipe(str(tmp_path_factory.mktemp("run"))))
    pipeline.run(made, STAGES)
    return made


def rows(context, stage):
    table = context.table(stage)
    return [row for shard in table.shards() for row in table.read(shard).to_pylist()]


def test_every_row_is_verified_probed_and_selected(context):
    samples = context.table(Stage.COLLECT).manifest().rows
    verdicts, rollouts, selection = (rows(context, stage) for stage in (Stage.VERIFY, Stage.PROBE, Stage.SELECT))
    assert len(selection) == samples
    assert {row["is_consistent"] for row in verdicts} == {True, False}
    assert sum(row["is_consistent"] is True for row in verdicts) / len(verdicts) == pytest.approx(0.7, abs=0.2)
    assert all(len(row["rollouts"]) == 5 for row in rollouts)
    assert len({row["pass_rate"] for row in rollouts}) > 2
    outcomes = {one["outcome"] for row in rollouts for one in row["rollouts"]}
    assert {"correct", "wrong", "truncated", "unparsable"} <= outcomes


def test_another_tolerance_or_subset_costs_no_request(context):
    before = spent(context.run)
    changed = recipe(context.run.url, verify={"tolerance": {"relative": 0.05}}, select={"subsets": ["full", "band"]})
    again = dataclasses.replace(context, recipe=changed)
    pipeline.redo(again, Stage.VERIFY)
    pipeline.run(again, STAGES)
    assert before["prober.requests"] > 0
    assert spent(context.run) == before
    assert {name for row in rows(again, Stage.SELECT) for name in row["subsets"]} == {"full", "band"}
