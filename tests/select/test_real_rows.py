"""The 132 published rows by replay: our verdicts beside those of the published judge, pass rates given back."""

import os
from pathlib import Path

import pytest

from mmfinereason import pipeline
from mmfinereason.recipe import Recipe
from mmfinereason.schema import Stage
from mmfinereason.store.query import connect

DATA = (
    Path(os.environ.get("MMFR_REAL_DATA", Path(__file__).parents[2] / "../shared/data")) / "mmfinereason/rows.parquet"
)
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.is_file(), reason=f"no published rows at {DATA}; set MMFR_REAL_DATA"),
]
STAGES = [Stage.COLLECT, Stage.DISTILL, Stage.VERIFY, Stage.PROBE, Stage.SELECT]


@pytest.fixture(scope="module")
def ask(tmp_path_factory):
    replay = {"lab": {"mode": "replay", "file": str(DATA)}}
    recipe = Recipe.model_validate(
        {
            "name": "real",
            "run": str(tmp_path_factory.mktemp("run")),
            "sources": [{"use": "MMFineReason", "path": str(DATA)}],
            "models": {"teacher": replay, "judge": replay, "prober": replay},
            "verify": {"undecided": "published"},
            "probe": {"only_consistent": False},
            "execute": {"workers": 0},
        }
    )
    context = pipeline.prepare(recipe)
    pipeline.run(context, STAGES)
    with connect(context.run) as connection:
        yield lambda query: connection.execute(query).fetchall()


BOTH = "verdicts JOIN samples USING (id) WHERE chosen"


def test_our_verdicts_are_the_published_ones_but_for_one_reference_we_repeat(ask):
    differing = ask(f"SELECT id FROM {BOTH} AND verdicts.is_consistent <> samples.published.is_consistent")
    assert differing == [("Euclid30K/23546",)]  # reference B, trace B: the published judge solved the task itself


def test_rules_decide_nearly_all_and_nothing_is_left_open(ask):
    counts = dict(ask(f"SELECT method = 'published', count(*) FROM {BOTH} GROUP BY 1"))
    assert counts[True] <= 15 < 100 < counts[False]
    assert ask(f"SELECT count(*) FROM {BOTH} AND verdicts.is_consistent IS NULL") == [(0,)]


def test_replayed_rollouts_have_the_published_pass_rates(ask):
    differing = ask(
        "SELECT id, rollouts.pass_rate FROM rollouts JOIN samples USING (id) "
        "WHERE rollouts.pass_rate IS DISTINCT FROM samples.published.pass_rate"
    )
    assert differing == [("FineVision-ai2d_merged/1", None)]  # without a reference nothing can be wrong


def test_the_papers_subsets_nest(ask):
    counts = dict(ask("SELECT s, count(*) FROM (SELECT unnest(subsets) AS s FROM selection) GROUP BY s"))
    assert counts["full"] > counts["1.8M"] > counts["586K"] > counts["123K"] > 0
