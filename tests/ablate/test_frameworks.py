"""Cells trained by LLaMA-Factory and veRL: rendered and started in the cell's folder; the framework only pretends."""

import json
from pathlib import Path

import pytest

from mmfinereason.ablate import ablate
from mmfinereason.ablate.work import Means, train
from mmfinereason.train import launch

MODEL = "Qwen/Qwen3-VL-2B-Instruct"
OVERRIDES = (
    "ablate.backend=llamafactory",
    f"train.sft={{model: {MODEL}, epochs: 2}}",
    "ablate.training={sft: {}, rl: {rl: {steps: 3, batch: 4, updates: 2}, after: sft}}",
    "train.hardware={gpus: 1}",
)


@pytest.fixture
def framework(monkeypatch):
    """What was started: the folder and what its files say."""
    started = []

    def start(prepared, python):
        output = prepared.folder / "output"
        started.append(prepared)
        if prepared.framework.name == "llamafactory":
            output.mkdir()
            (output / "skill").write_text("0.9")
            history = [{"loss": 2.0, "step": 1}, {"loss": 1.0, "step": 2}, {"train_runtime": 3.0}]
            (output / "trainer_state.json").write_text(json.dumps({"global_step": 2, "log_history": history}))
        else:
            model = output / "global_step_3" / "actor" / "huggingface"
            model.mkdir(parents=True)
            (model / "skill").write_text("0.9")
            (output / "latest_checkpointed_iteration.txt").write_text("3")

    monkeypatch.setattr(launch, "start", start)
    return started


def test_both_frameworks_train_in_the_cells_folder(run_of, pretend, framework):
    context = run_of(*OVERRIDES)
    fine_tuned, reinforced = ablate(context, means=Means(train, pretend.serve))
    assert (fine_tuned.error, reinforced.error) == (None, None)
    assert (fine_tuned.steps, reinforced.steps) == (2, 6)
    assert fine_tuned.figures == {"loss_first": 2.0, "loss_last": 1.0}
    first, second = framework
    assert first.folder == Path(fine_tuned.folder) / "train/llamafactory-sft"
    settings = (first.folder / "sft.yaml").read_text()
    assert "num_train_epochs: 2.0" in settings and "dataset: small_full" in settings
    dataset = first.folder / "../../exports/llamafactory/dataset_info.json"
    assert dataset.is_file()
    assert f"{fine_tuned.folder}/train/llamafactory-sft/output" in (second.folder / "launch.sh").read_text()
    assert 'save_contents=["model","optimizer","extra","hf_model"]' in (second.folder / "overrides.txt").read_text()
    assert second.data.rows == 4
    ablate(context, means=Means(train, pretend.serve))
    assert len(framework) == 2


def test_a_framework_that_is_missing_fails_its_cells_with_the_reason(run_of, pretend):
    (cell,) = ablate(run_of(*OVERRIDES), only=["training=sft"], means=Means(train, pretend.serve))
    assert "llamafactory is not installed" in cell.error
