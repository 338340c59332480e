"""Tables and figures: failed cells are shown as failed, and a figure is drawn only where the grid holds its cells."""

import csv
import io

import numpy as np
import pytest
from tests.ablate.test_arms import cell, failed

from mmfinereason.ablate import arms, tables
from mmfinereason.ablate.figures import BY_ROWS, DIFFERENCES, SETTINGS, SOURCES, Ablation
from mmfinereason.recipe.ablate import AblateSettings
from mmfinereason.report.figures.drawing import drawn

DATA = {
    "full": "full",
    "hard": "123K",
    "clocks": {"subset": "full", "only": ["clocks"]},
    "captions": {"subset": "full", "caption": True},
    "coarse": {"subset": "full", "max_pixels": 65536},
}


@pytest.fixture(scope="module")
def cells():
    dice = np.random.default_rng(0)
    names = ("untrained", "full", "clocks", "captions", "coarse")
    made = [cell(name, seed, dice.random(30) < 0.6) for name in names for seed in (0, 1)]
    return [*made, failed("hard", 0), failed("coarse", 2)]


def ablation(cells, names=tuple(DATA)):
    settings = AblateSettings.model_validate({"data": {name: DATA[name] for name in names}})
    return Ablation(arms(cells, "full"), settings.data, "full", 589_824)


def test_the_results_have_a_row_a_cell(cells):
    rows = list(csv.DictReader(io.StringIO(tables.results(cells).csv())))
    assert len(rows) == 12
    assert rows[-2]["state"] == "failed" and rows[-2]["error"] == "out of memory" and rows[-2]["accuracy"] == ""


def test_the_summary_names_what_failed(cells):
    text = tables.summary(arms(cells, "full"), "full").text()
    assert "hard/sft/seed-0 failed: out of memory" in text
    assert [line.split()[-1] for line in text.splitlines() if line.startswith("hard ")] == ["failed"]
    figures = list(csv.DictReader(io.StringIO(tables.figures(arms(cells, "full")).csv())))
    assert {row["data"]: row["failed"] for row in figures}["coarse"] == "1"


def test_every_figure_that_the_grid_holds_is_drawn(cells):
    subject = ablation(cells)
    for spec in (BY_ROWS, DIFFERENCES, SETTINGS, SOURCES):
        assert spec.wanted(subject)
        one = drawn(spec, subject)
        assert one.png.startswith(b"\x89PNG") and b"<svg" in one.svg
        assert "Failed: hard / sft, coarse / sft (seed 2)" in one.note
    assert b">failed<" in drawn(DIFFERENCES, subject).svg


def test_nothing_is_drawn_that_the_grid_does_not_hold(cells):
    few = ablation([one for one in cells if one.data == "full"], names=("full",))
    assert [spec.wanted(few) for spec in (BY_ROWS, DIFFERENCES, SETTINGS, SOURCES)] == [True, False, False, False]
    nothing = ablation([failed("full", 0)], names=("full",))
    assert not BY_ROWS.wanted(nothing)
