"""The grid worked off: resumed, failed, changed, redone."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.ablate import in_worker

from mmfinereason.ablate import ablate, read_cells, variants
from mmfinereason.ablate.work import Means
from mmfinereason.errors import MmfrError, SettingsChanged, TrainError
from mmfinereason.execute import Silent
from mmfinereason.recipe import dump

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


GSPO = ("ablate.training={sft: {}, rl: {rl: {}, after: sft}}",)


def test_gspo_goes_on_from_the_model_of_its_cell(run_of, pretend):
    context = run_of(*TWO, *GSPO)
    started = {}

    def train(context, order):
        if order.reinforces:
            started[order.key.data] = order.recipe.train.rl.model
        return pretend.train(context, order)

    cells = ablate(context, means=Means(train, pretend.serve))
    assert all(cell.done for cell in cells)
    root = context.run.folder.path("ablate/cells")
    assert started == {name: f"{root}/{name}/sft/seed-0/train/pretend/model" for name in ("full", "mazes")}


def test_a_grid_that_gains_gspo_keeps_its_fine_tuned_cells(run_of, pretend):
    before = ablate(run_of(*TWO), means=pretend.means)
    after = ablate(run_of(*TWO, *GSPO), means=pretend.means)
    assert [cell for cell in after if cell.training == "sft"] == before
    assert len(pretend.trained) == len(before) + 2


def test_as_many_samples_as_a_subset_are_its_rows(run_of, pretend):
    data = "ablate.data={mazes: {subset: full, only: [mazes]}, as-many: {subset: full, samples: full}}"
    mazes, as_many = ablate(run_of(data), means=pretend.means)
    assert 0 < mazes.rows < as_many.rows
    with pytest.raises(MmfrError, match="the run has no subset nothing"):
        ablate(run_of("ablate.data={some: {subset: full, samples: nothing}}"), means=pretend.means)


def test_gspo_fails_with_the_cell_it_starts_from_and_alone(run_of, pretend):
    pretend.failing = {"full/sft/seed-0": TrainError("out of luck")}
    by_name = {str(cell.key): cell for cell in ablate(run_of(*TWO, *GSPO), means=pretend.means)}
    assert by_name["full/rl/seed-0"].error == "the cell it starts from, full/sft/seed-0, failed"
    assert by_name["mazes/rl/seed-0"].done


def test_models_are_not_kept_where_none_are_wanted(run_of, pretend):
    context = run_of(*TWO, *GSPO, "ablate.keep=none")
    cells = ablate(context, means=pretend.means)
    assert all(cell.done for cell in cells)
    assert not list(Path(context.run.folder.root).glob("ablate/cells/*/*/*/train/*/model"))
    assert not list(Path(context.run.folder.root).glob("ablate/cells/*/*/*/train/*/checkpoints"))


def test_a_variant_without_rows_fails_and_says_so(run_of, pretend):
    context = run_of("ablate.data={full: full, none: {subset: full, only: [mazes], prompts: [one], samples: 1}}")
    variants.prepare(context, "none")
    books = Path(context.run.folder.path("ablate/data/none/variant.json"))
    books.write_text(json.dumps(json.loads(books.read_text()) | {"rows": {}}))
    cells = {cell.data: cell for cell in ablate(context, means=pretend.means)}
    assert cells["none"].error == "no row of the run fits the data variant" and cells["full"].done


def test_the_model_before_training_is_a_row_of_its_own(run_of, pretend, tmp_path):
    (tmp_path / "base").mkdir()
    cells = ablate(run_of(f"train.sft.model={tmp_path}/base"), means=pretend.means)
    assert [cell.data for cell in cells] == ["untrained", "full"]
    assert cells[0].done and cells[0].rows == 0 and pretend.served[0] == f"{tmp_path}/base"
    assert [str(key) for key in pretend.trained] == ["full/sft/seed-0"]


def test_it_starts_only_where_every_cell_could(run_of, pretend):
    with pytest.raises(MmfrError, match="nothing to ablate"):
        ablate(run_of("ablate.data={}"), means=pretend.means)
    with pytest.raises(MmfrError, match="no benchmark"):
        ablate(run_of("evaluate.benchmarks=[]"), means=pretend.means)
    with pytest.raises(MmfrError, match=r"needs \{model\} and \{port\}"):
        ablate(run_of("ablate.serve=vllm serve"), means=pretend.means)
    with pytest.raises(MmfrError, match="no subset nosuch for RL; there is rl"):
        ablate(run_of("ablate.training={a: {}, b: {rl: {}, after: a, subset: nosuch}}"), means=pretend.means)


def test_a_part_of_the_grid_brings_what_it_starts_from(run_of, pretend):
    cells = ablate(run_of(*TWO, *GSPO), only=["data=mazes,training=rl"], means=pretend.means)
    assert [str(cell.key) for cell in cells] == ["mazes/sft/seed-0", "mazes/rl/seed-0"]


def test_its_progress_counts_cells(run_of, pretend):
    told = []

    class Listening(Silent):
        def begin(self, stage, *, shards, rows, done):
            told.append((stage, shards))

        def say(self, line):
            told.append(line)

        def end(self, stage):
            told.append(stage)

    context = replace(run_of(*TWO), progress=Listening())
    pretend.failing = {"full/sft/seed-0": TrainError("out of luck")}
    ablate(context, means=pretend.means)
    assert told[0] == ("ablate", 2) and told[-1] == "ablate"
    assert told[1].startswith("full/sft/seed-0: failed: out of luck; 1 left, about ")
    assert told[2].startswith("mazes/sft/seed-0: held-out ") and told[2].endswith("; the last cell")


# --- worker processes -------------------------------------------------------------------------------------------------


def test_a_killed_worker_takes_one_cell_along(run_of, students, monkeypatch):
    monkeypatch.setattr("mmfinereason.ablate.results.figures", lambda ablation: [])
    monkeypatch.setenv("STUDENT", students[0.9])
    context = run_of(*TWO, "ablate.seeds=[0, 1]", "ablate.workers=1")
    workers = set()

    class Listening(Silent):
        def live(self, figures):
            workers.update([figures["worker"]] if "worker" in figures else [])

    cells = ablate(replace(context, progress=Listening()), means=Means(in_worker.train, in_worker.serve))
    assert [cell.state for cell in cells] == ["done", "failed", "done", "failed"]
    assert cells[1].error == "its worker process died (exit code -9)"
    assert len(workers) == 2


def test_the_command_prints_grid_and_summary_and_exits_with_2(run_of, pretend, tmp_path, monkeypatch, capsys):
    from mmfinereason.cli import main

    context = run_of(*TWO)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(dump(context.recipe))
    monkeypatch.setattr("sys.argv", ["mmfr", "ablate", str(recipe), "--dry-run"])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 0 and "2 cells, 0 done" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["mmfr", "ablate", str(recipe)])
    with pytest.raises(SystemExit) as left:
        main()
    said = capsys.readouterr()
    assert left.value.code == 2
    assert "2 cells failed" in said.err and "full/sft/seed-0" in said.out
