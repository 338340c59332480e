"""veRL itself reads our export, our overrides and our reward. Its trainer needs GPUs and is not run."""

import io
import math
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from PIL import Image

from mmfinereason.export.tokens import image_tokens
from mmfinereason.recipe import load
from mmfinereason.train import check

from .conftest import environment

pytestmark = pytest.mark.interop

GPUS = ("--set", "train.hardware.gpus=4")


@pytest.fixture(scope="module")
def rendered(mmfr, recipe):
    done = mmfr("rl", "verl", "--dry-run", *GPUS)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "verl 0.9.1, installed" in done.stdout
    return Path(load(recipe).run_url) / "train" / "verl-rl"


@pytest.fixture(scope="module")
def exported(recipe):
    return Path(load(recipe).run_url) / "exports" / "verl" / "rl" / "train-00000.parquet"


@pytest.fixture(scope="module")
def parts(ask, rendered, exported, recipe):
    overrides = (rendered / "overrides.txt").read_text().splitlines()
    return ask("verl_parts.py", load(recipe).train.rl.model, exported, rendered / "reward.py", *overrides)


def test_its_dataset_loads_every_row(parts, exported):
    assert parts["rows"] == parts["rows_kept_by_its_filter"] == pq.read_metadata(exported).num_rows == 12


def test_it_scales_images_as_the_export_has_counted_give_or_take_a_row_of_tokens(parts, exported, recipe):
    budget = load(recipe).export.tokens
    rows = {row["extra_info"]["id"]: row for row in pq.read_table(exported).to_pylist()}
    counted = {}
    for name, row in rows.items():
        with Image.open(io.BytesIO(row["images"][0]["bytes"])) as image:
            counted[name] = image_tokens(*image.size, budget)
    # it rounds the sides to whole tokens before it scales them, and once more after
    assert all(abs(row["image"] - counted[row["id"]]) <= 8 for row in parts["prompt_tokens"])
    assert max(row["image"] for row in parts["prompt_tokens"]) <= 65_536 / 32**2 == 64
    assert all(row["all"] <= budget.prompt for row in parts["prompt_tokens"])


def test_its_reward_manager_gives_our_rewards(parts):
    right, wrong, truncated = parts["rewards"]
    assert {one["reward_score"] for one in right} == {1.0}
    assert {one["reward_score"] for one in wrong} == {0.1}
    assert {one["reward_score"] for one in truncated} == {0.0}
    assert right[0]["reward_extra_info"] == {"score": 1.0, "acc": 1.0, "format": 1.0, "answered": 1.0, "undecided": 0.0}


def test_the_reward_is_the_same_in_all_threads_of_all_ray_workers(ask, rendered):
    told = ask("ray_reward.py", rendered / "reward.py")
    assert told["scores"] == [1.0, 0.1, 1.0, 0.1, 0.0] * 40
    assert told["slowest"] < 60


def test_its_loss_is_gspo_with_our_clip(parts):
    loss = parts["loss"]
    mean, deviation = 2 / 3, math.sqrt(1 / 3)
    advantages = [(earned - mean) / (deviation + 1e-6) for earned in (0, 1, 1)]
    assert loss["advantages"] == pytest.approx(advantages, rel=1e-4)
    ratios = [1.0, 1 + 4e-4, math.exp(-1e-4)]
    assert loss["loss"] == pytest.approx(-sum(a * r for a, r in zip(advantages, ratios, strict=True)) / 3, abs=1e-6)
    assert [gradient > 0 for gradient in loss["gradients"]] == [True, False, True]
    assert loss["clipped"] == pytest.approx(2 / 9)


def test_its_resolved_configuration_is_what_the_recipe_means(rendered, recipe, monkeypatch):
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    settings = load(recipe, [GPUS[1]])
    overrides = (rendered / "overrides.txt").read_text().splitlines()
    resolved = check.verl(overrides, settings.train.python).resolved
    actor, rollout = resolved["actor_rollout_ref"]["actor"], resolved["actor_rollout_ref"]["rollout"]
    assert actor["policy_loss"]["loss_mode"] == "gspo"
    assert actor["loss_agg_mode"] == "seq-mean-token-mean"
    assert (actor["clip_ratio_low"], actor["clip_ratio_high"]) == (3e-4, 4e-4)
    assert (actor["use_kl_loss"], resolved["algorithm"]["use_kl_in_reward"]) == (False, False)
    assert (actor["optim"]["lr"], actor["optim"]["weight_decay"], actor["optim"]["lr_warmup_steps"]) == (1e-6, 0.1, 10)
    assert (actor["optim"]["lr_scheduler_type"], actor["optim"]["optimizer"]) == ("constant", "AdamW")
    assert (rollout["n"], rollout["name"], rollout["mode"], rollout["temperature"]) == (16, "vllm", "async", 1.0)
    assert (rollout["prompt_length"], rollout["response_length"]) == (8_192, 16_384)
    assert (resolved["data"]["train_batch_size"], actor["ppo_mini_batch_size"]) == (8, 4)
    assert resolved["data"]["image_patch_size"] == 16
    assert resolved["trainer"]["total_training_steps"] == 300
    assert resolved["reward"]["custom_reward_function"]["reward_kwargs"] == settings.train.rl.reward.model_dump()


def test_the_recorded_keys_are_those_of_the_version_installed(ask, recipe, monkeypatch):
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    installed, recorded = check.verl([], load(recipe).train.python), check.verl([], None)
    assert installed.installed and not recorded.installed
    assert (recorded.version, recorded.keys) == (installed.version, installed.keys)


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("{actor_rollout_ref.actor.clip_ratio_hi: 0.1}", "did you mean actor_rollout_ref.actor.clip_ratio_h"),
        ("{actor_rollout_ref.actor.loss_agg_mode: no-such-mode}", "refuses the settings"),
    ],
)
def test_what_it_does_not_know_or_allow_is_refused_before_the_launch(mmfr, rendered, setting, said):
    done = mmfr("rl", "verl", *GPUS, "--set", f"train.rl.verl={setting}")
    assert done.returncode == 2
    assert said in done.stderr
