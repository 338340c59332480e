"""The grid worked off: resumed, failed, changed, redone."""

import pytest

from mmfinereason.ablate import ablate, read_cells
from mmfinereason.errors import SettingsChanged, TrainError

TWO = ("ablate.data={full: full, mazes: {subset: full, only: [mazes]}}",)


def test_every_cell_is_trained_and_evaluated(run_of, pretend):
    context = run_of(*TWO, "ablate.seeds=[0, 1]")
    cells = ablate(context, means=pretend.means)
    assert [str(cell.key) for cell in cells] == [
        "full/sft/seed-0",
        "mazes/sft/seed-0",
        "full/sft/seed-1",
        "mazes/sft/seed-1",
    ]
    assert all(cell.done and cell.scores["held-out"].items == 12 for cell in cells)
    assert set(cells[0].scores["held-out"].by["family"]) == {"clock_reading", "maze"}
    assert read_cells(context.run) == sorted(cells, key=lambda cell: cell.key)


def test_what_is_done_is_not_done_again(run_of, pretend):
    context = run_of(*TWO)
    first = ablate(context, means=pretend.means)
    assert ablate(context, means=pretend.means) == first
    assert len(pretend.trained) == 2


def test_a_failed_cell_says_why_and_is_tried_again(run_of, pretend):
    context = run_of(*TWO)
    pretend.failing = {"full/sft/seed-0": TrainError("out of luck", "try again")}
    failed, done = ablate(context, means=pretend.means)
    assert (failed.state, failed.error) == ("failed", "out of luck\n  next: try again")
    assert done.done
    pretend.failing = {"full/sft/seed-0": ZeroDivisionError("oh")}
    assert "ZeroDivisionError: oh" in ablate(context, means=pretend.means)[0].error
    pretend.failing = {}
    assert all(cell.done for cell in ablate(context, means=pretend.means))
    assert len(pretend.trained) == 4


def test_other_settings_are_refused_by_name_and_redone_on_demand(run_of, pretend):
    ablate(run_of(*TWO), means=pretend.means)
    changed = run_of(*TWO, "ablate.training={sft: {sft: {epochs: 2}}}")
    with pytest.raises(SettingsChanged, match=r"training.sft.epochs \(1.0 → 2.0\)"):
        ablate(changed, means=pretend.means)
    ablate(changed, means=pretend.means, redo=True)
    assert len(pretend.trained) == 4


def test_another_evaluation_keeps_the_model(run_of, pretend):
    ablate(run_of(*TWO), means=pretend.means)
    context = run_of(*TWO, "evaluate.max_tokens=256")
    with pytest.raises(SettingsChanged, match=r"evaluation.max_tokens"):
        ablate(context, means=pretend.means)
    cells = ablate(context, means=pretend.means, redo=True)
    assert all(cell.done for cell in cells)
