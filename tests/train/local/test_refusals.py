"""What is refused before anything heavy is loaded. Needs no torch."""

import importlib.util
import json

import pytest
from dots import dots
from runs import make_run, sft_row

from mmfinereason.errors import SettingsChanged, TrainError
from mmfinereason.recipe.select import ToleranceSettings
from mmfinereason.recipe.train import RewardSettings
from mmfinereason.train.local import checkpoint, grpo
from mmfinereason.train.local.grpo import Earned
from mmfinereason.train.local.job import Job
from mmfinereason.train.local.rows import TooLong, chat, refusal


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(TrainError, match=r"no config\.json"):
        checkpoint.locate(str(tmp_path))


def test_another_kind_of_model_is_named(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "llama"}')
    with pytest.raises(TrainError, match="a llama model"):
        checkpoint.locate(str(tmp_path))


@pytest.mark.skipif(importlib.util.find_spec("trl") is not None, reason="the extra `train` is installed")
def test_a_missing_extra_is_named_with_its_command():
    with pytest.raises(TrainError, match=r"trl.*\n.*mmfinereason\[train\]"):
        checkpoint.require("trl")


def test_reinforcement_learning_without_a_model_says_where_one_comes_from(tmp_path):
    context = make_run(tmp_path, {})
    with pytest.raises(TrainError, match="mmfr train sft"):
        grpo(context)


def test_over_long_rows_are_named_with_their_tokens():
    error = refusal([TooLong(f"src/{n}", 900 + n, 512) for n in range(25)])
    assert "src/3: 903 tokens, limit 512" in str(error)
    assert "and 5 more" in str(error)
    assert "raise export.tokens to 924" in str(error)
    assert "too_long=leave_out" in str(error)


def test_images_stand_in_front_of_the_question():
    row = {"prompt": [{"role": "user", "content": "How many?"}], "images": [b"1", b"2"]}
    image = {"type": "image"}
    assert chat(row) == [{"role": "user", "content": [image, image, {"type": "text", "text": "How many?"}]}]


def test_other_settings_in_the_same_folder_are_refused_with_their_names(tmp_path):
    rows = [sft_row(one) for one in dots(2)]
    job = _job(make_run(tmp_path, {"sft": {"learning_rate": 1e-4}}, sft=rows), tmp_path)
    assert job.begin() is None
    assert _job(make_run(tmp_path, {"sft": {"learning_rate": 1e-4}}, sft=rows), tmp_path).begin() is None
    job.metrics.write_text("{}\n")
    with pytest.raises(SettingsChanged, match=r"sft\.learning_rate"):
        _job(make_run(tmp_path, {"sft": {"learning_rate": 2e-4}}, sft=rows), tmp_path).begin()


def test_a_folder_in_which_no_step_was_made_takes_other_settings(tmp_path):
    rows = [sft_row(one) for one in dots(2)]
    _job(make_run(tmp_path, {"sft": {"epochs": 1}}, sft=rows), tmp_path).begin()
    job = _job(make_run(tmp_path, {"sft": {"epochs": 2}}, sft=rows), tmp_path)
    job.begin()
    assert json.loads((job.folder / "training.json").read_text())["sft"]["epochs"] == 2


def test_settings_that_change_no_result_may_change(tmp_path):
    rows = [sft_row(one) for one in dots(2)]
    _job(make_run(tmp_path, {"local": {"micro_batch": 1}}, sft=rows), tmp_path).begin()
    _job(make_run(tmp_path, {"local": {"micro_batch": 8, "threads": 2}}, sft=rows), tmp_path).begin()


def test_a_torn_checkpoint_is_passed_over(tmp_path):
    job = _job(make_run(tmp_path, {}, sft=[sft_row(one) for one in dots(1)]), tmp_path)
    for step in (9, 10):
        (job.checkpoints / f"checkpoint-{step}").mkdir(parents=True)
    (job.checkpoints / "checkpoint-9" / "trainer_state.json").write_text("{}")
    assert job.last_checkpoint() == str(job.checkpoints / "checkpoint-9")
    assert not (job.checkpoints / "checkpoint-10").exists()


def _job(context, folder):
    from mmfinereason.train.data import sft_data

    data = sft_data(context.run, context.recipe, "trl")
    return Job(context, "sft", folder / "train", folder / "base", "cpu", data)


def test_a_reply_that_was_cut_off_earns_nothing():
    said = [{"role": "assistant", "content": "<think>\ntwo\n</think>\n\n<answer>2</answer>"}]
    seen = {}
    earned = Earned(RewardSettings(), ToleranceSettings(), frozenset({7}))
    scores = earned(
        [None] * 3,
        [said] * 3,
        [[1, 7], [1, 2], []],
        ground_truth=["2"] * 3,
        question=["How many?"] * 3,
        log_metric=seen.__setitem__,
    )
    assert scores == [1.0, 0.0, 0.0]
    assert seen["pass_rate"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(("relative", "score"), [(0.0, 0.1), (0.05, 1.0)])
def test_numbers_agree_as_the_recipe_verifies_them(relative, score):
    said = [{"role": "assistant", "content": "<think>\nIt stands at 103.\n</think>\n\n<answer>103</answer>"}]
    earned = Earned(RewardSettings(), ToleranceSettings(relative=relative), frozenset({7}))
    ignore = {"log_metric": lambda name, value: None}
    assert earned([None], [said], [[7]], ground_truth=["100"], question=["How high?"], **ignore) == [score]
