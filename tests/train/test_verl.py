import importlib.util
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mmfinereason.errors import RecipeError, TrainError
from mmfinereason.recipe import parse
from mmfinereason.train.launch import prepare_rl
from mmfinereason.train.reward import compute_score
from mmfinereason.train.verl import hydra, overrides, tokens_per_gpu

from .conftest import RECIPE

ACTOR, ROLLOUT = "actor_rollout_ref.actor", "actor_rollout_ref.rollout"


def rendered(*settings):
    return overrides(parse(RECIPE, overrides=settings))


def test_the_defaults_are_table_9_as_gspo():
    values = rendered()
    table = {
        "algorithm.adv_estimator": "grpo",
        "algorithm.use_kl_in_reward": False,
        f"{ACTOR}.policy_loss.loss_mode": "gspo",
        f"{ACTOR}.loss_agg_mode": "seq-mean-token-mean",
        f"{ACTOR}.clip_ratio_low": 3e-4,
        f"{ACTOR}.clip_ratio_high": 4e-4,
        f"{ACTOR}.use_kl_loss": False,
        f"{ACTOR}.optim.lr": 1e-6,
        f"{ACTOR}.optim.lr_scheduler_type": "constant",
        f"{ACTOR}.optim.weight_decay": 0.1,
        f"{ACTOR}.optim.lr_warmup_steps": 10,
        f"{ROLLOUT}.n": 16,
        f"{ROLLOUT}.temperature": 1.0,
        f"{ROLLOUT}.mode": "async",
        "data.train_batch_size": 256,
        "data.max_prompt_length": 8_192,
        "data.max_response_length": 16_384,
        "data.image_patch_size": 16,
        "trainer.total_training_steps": 300,
    }
    assert {key: values[key] for key in table} == table
    assert values[f"{ACTOR}.ppo_mini_batch_size"] == 64, "with one update a generation the clip never acts"


def test_the_reward_gets_its_settings():
    given = {key.rpartition(".")[2]: value for key, value in rendered().items() if "reward_kwargs" in key}
    own = {"format_weight": 0.1, "thoughts": True, "seconds": 5.0}
    assert given == own | {"relative": 0.0, "rounding": 0.01, "doubt": 0.05, "digits": 3}


def test_the_reward_decides_with_the_tolerance_of_verification():
    given = rendered("verify.tolerance.relative=0.05")
    options = {key.rpartition(".")[2]: value for key, value in given.items() if "reward_kwargs" in key}
    said = "<think>a</think><answer>103</answer>"
    assert compute_score("mmfinereason", said, "100", **options)["acc"] == 1
    assert compute_score("mmfinereason", said, "100")["acc"] == 0


@given(st.integers(1, 64), st.integers(1, 8), st.integers(2, 32), st.integers(1, 64))
def test_an_update_is_split_evenly_or_refused(prompts, updates, rollouts, gpus):
    settings = [f"batch={prompts * updates}", f"updates={updates}", f"rollouts={rollouts}"]
    settings = [*(f"train.rl.{one}" for one in settings), f"train.hardware.gpus={gpus}", "train.rl.model=none"]
    if prompts * rollouts % gpus:
        with pytest.raises(TrainError, match=f"cannot be split equally over {gpus} GPUs"):
            rendered(*settings)
        return
    values = rendered(*settings)
    assert values["data.train_batch_size"] == values[f"{ACTOR}.ppo_mini_batch_size"] * updates
    assert values[f"{ACTOR}.ppo_mini_batch_size"] * values[f"{ROLLOUT}.n"] % gpus == 0


def test_updates_must_be_whole():
    with pytest.raises(RecipeError, match="cannot be split into 3 equal updates"):
        parse(RECIPE, overrides=["train.rl.updates=3"])


def test_a_gpu_takes_at_least_one_of_the_longest_rows_and_more_where_they_fit():
    longest = 8_192 + 16_384
    for model in ("2B", "8B"):
        tokens = tokens_per_gpu(parse(RECIPE, overrides=[f"train.rl.model=Qwen/Qwen3-VL-{model}-Instruct"]))
        assert tokens % longest == 0 and tokens >= longest
    with pytest.raises(TrainError, match="GB a GPU"):
        tokens_per_gpu(parse(RECIPE, overrides=["train.hardware.memory_gb=24"]))


def test_without_gpus_the_local_trainer_is_named():
    with pytest.raises(TrainError) as refusal:
        rendered("train.hardware.gpus=0")
    assert "--backend trl" in refusal.value.next_step


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (3e-4, "0.0003"),
        (16, "16"),
        ("grpo", '"grpo"'),
        ("a,b: {c}", '"a,b: {c}"'),
        (["a", 1, None], '["a",1,null]'),
    ],
)
def test_values_in_hydras_grammar(value, text):
    assert hydra(value) == text


def test_further_overrides_win_but_must_not_change_the_batch():
    assert rendered(f"train.rl.verl={{{ROLLOUT}.top_p: 0.9}}")[f"{ROLLOUT}.top_p"] == 0.9
    with pytest.raises(TrainError, match=r"must not set data\.train_batch_size"):
        rendered("train.rl.verl={data.train_batch_size: 12}")


def test_a_dry_run_writes_overrides_reward_and_launcher(demo):
    folder = prepare_rl(demo()).folder
    assert sorted(path.name for path in folder.iterdir()) == [
        "environment.txt",
        "launch.sh",
        "overrides.txt",
        "package",
        "reward.py",
    ]
    lines = (folder / "overrides.txt").read_text().splitlines()
    assert f'{ACTOR}.policy_loss.loss_mode="gspo"' in lines
    assert "data.train_files=['$run/exports/verl/rl/train-00000.parquet']" in (folder / "launch.sh").read_text()


def test_the_launcher_gives_the_framework_whole_paths_wherever_the_run_lies(demo, tmp_path):
    folder = prepare_rl(demo()).folder
    moved = tmp_path / "else where"
    folder.parent.parent.rename(moved)
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nfor one in "$@"; do echo "$one"; done\n')
    python.chmod(0o755)
    launch = ["bash", str(moved / "train" / "verl-rl" / "launch.sh"), "trainer.save_freq=1"]
    said = subprocess.run(launch, env={"PYTHON": str(python), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True)
    lines = said.stdout.splitlines()
    assert lines[:2] == ["-m", "verl.trainer.main_ppo"] and lines[-1] == "trainer.save_freq=1", said.stderr
    assert f"data.train_files=['{moved}/exports/verl/rl/train-00000.parquet']" in lines
    assert f"actor_rollout_ref.model.path='{moved}/train/verl-rl/../llamafactory-sft/output'" in lines
    assert f"reward.custom_reward_function.path='{moved}/train/verl-rl/reward.py'" in lines


def test_the_reward_file_works_where_nothing_of_ours_is_installed(demo):
    folder = prepare_rl(demo()).folder
    program = (
        "import importlib.util, sys; spec = importlib.util.spec_from_file_location('reward', sys.argv[1]); "
        "module = importlib.util.module_from_spec(spec); spec.loader.exec_module(module); "
        "print(module.compute_score('x', 'a</think><answer>1/2</answer>', '0.5')['score'])"
    )
    assert importlib.util.find_spec("mmfinereason")
    command = [sys.executable, "-S", "-c", program, str(folder / "reward.py")]
    done = subprocess.run(command, env={}, cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout == "1.0\n"


def test_adapters_of_sft_are_no_model_to_start_from(demo):
    with pytest.raises(TrainError, match="SFT left adapters"):
        prepare_rl(demo("train.sft.lora={}"))


def test_fewer_rows_than_a_batch_are_refused(demo):
    with pytest.raises(TrainError, match="300 rows, fewer than one batch of 512"):
        prepare_rl(demo("train.rl.batch=512"))
