"""Reinforcement learning with veRL: the recipe as Hydra overrides for GSPO, the reward to take along, a launcher."""

from __future__ import annotations

import json
import math
from importlib.resources import files as package_files
from typing import Any

from mmfinereason.errors import TrainError
from mmfinereason.recipe import Recipe
from mmfinereason.recipe.train import TrainSettings
from mmfinereason.train.batches import OPTIMIZER, activation_bytes, fitting
from mmfinereason.train.data import TrainData
from mmfinereason.train.files import environment, located, refuse_split, script
from mmfinereason.train.shape import shape_of

FOLDER = "verl-rl"
OVERRIDES = "overrides.txt"
REWARD = "reward.py"
SFT_OUTPUT = "../llamafactory-sft/output"

_REWARD_FILE = '''\
"""veRL's reward function: `mmfinereason.train.reward` from the copy beside this file, as it was when that was made."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "package"))

from mmfinereason.train.reward import compute_score  # noqa: E402

__all__ = ["compute_score"]
'''


def files(recipe: Recipe, data: TrainData) -> dict[str, bytes]:
    """Everything veRL needs, by file name; paths in it are relative to the folder it is written to."""
    if data.rows < recipe.train.rl.batch:
        raise TrainError(
            f"subset {data.subset!r} has {data.rows} rows, fewer than one batch of {recipe.train.rl.batch} prompts",
            "take a larger subset, or a smaller train.rl.batch",
        )
    lines = [f"{key}={hydra(value)}" for key, value in overrides(recipe).items()]
    return {
        OVERRIDES: ("\n".join(lines) + "\n").encode(),
        "launch.sh": _launch(recipe, data),
        "environment.txt": environment("verl"),
        REWARD: _REWARD_FILE.encode(),
        **_package(),
    }


def overrides(recipe: Recipe) -> dict[str, Any]:
    """Hydra overrides for `verl.trainer.main_ppo`: the paper's Table 9 unless the recipe says otherwise.

    Raises TrainError when the batch cannot be split over the GPUs.
    """
    rl = recipe.train.rl
    _check_batch(recipe)
    refuse_split(rl.verl, SPLITS, "train.rl.verl")
    return {
        **_algorithm(),
        **_data(recipe),
        **_actor(recipe),
        **_rollout(recipe),
        **_trainer(recipe),
        **_reward(recipe),
        **rl.verl,
    }


SPLITS = (
    "data.train_batch_size",
    "actor_rollout_ref.rollout.n",
    "actor_rollout_ref.actor.ppo_mini_batch_size",
    "trainer.n_gpus_per_node",
    "trainer.nnodes",
)
"""Keys that a recipe sets by `batch`, `rollouts`, `updates` and `hardware`, where they are checked together."""


def _algorithm() -> dict[str, Any]:
    """GSPO: group-relative advantages as in GRPO, no KL term anywhere."""
    return {"algorithm.adv_estimator": "grpo", "algorithm.use_kl_in_reward": False}


def _data(recipe: Recipe) -> dict[str, Any]:
    """Prompts are not filtered by length: the export has left long ones out by name, and a filter also drops rows that
    it fails to read."""
    rl, tokens = recipe.train.rl, recipe.export.tokens
    return {
        "data.train_batch_size": rl.batch,
        "data.max_prompt_length": tokens.prompt,
        "data.max_response_length": rl.completion_tokens,
        "data.image_patch_size": tokens.patch,
        "+data.mm_processor_kwargs.min_pixels": tokens.min_pixels,
        "+data.mm_processor_kwargs.max_pixels": tokens.max_pixels,
        "data.filter_overlong_prompts": False,
        "data.truncation": "error",
        "data.return_raw_chat": True,
        "data.seed": recipe.seed,
    }


def _actor(recipe: Recipe) -> dict[str, Any]:
    rl = recipe.train.rl
    actor = "actor_rollout_ref.actor"
    lora = {"lora_rank": rl.lora.rank, "lora_alpha": rl.lora.alpha} if rl.lora else {}
    return {
        **{f"actor_rollout_ref.model.{key}": value for key, value in lora.items()},
        "actor_rollout_ref.model.enable_gradient_checkpointing": True,
        "actor_rollout_ref.model.use_remove_padding": True,
        f"{actor}.policy_loss.loss_mode": "gspo",
        f"{actor}.loss_agg_mode": "seq-mean-token-mean",
        f"{actor}.clip_ratio_low": rl.clip_low,
        f"{actor}.clip_ratio_high": rl.clip_high,
        f"{actor}.use_kl_loss": False,
        f"{actor}.entropy_coeff": 0,
        f"{actor}.ppo_mini_batch_size": rl.batch // rl.updates,
        f"{actor}.ppo_epochs": 1,
        f"{actor}.use_dynamic_bsz": True,
        f"{actor}.ppo_max_token_len_per_gpu": tokens_per_gpu(recipe),
        f"{actor}.optim.lr": rl.learning_rate,
        f"{actor}.optim.lr_scheduler_type": rl.schedule,
        f"{actor}.optim.lr_warmup_steps": rl.warmup_steps,
        f"{actor}.optim.weight_decay": rl.weight_decay,
    }


def _rollout(recipe: Recipe) -> dict[str, Any]:
    rl = recipe.train.rl
    rollout = "actor_rollout_ref.rollout"
    return {
        f"{rollout}.name": "vllm",
        f"{rollout}.mode": "async",
        f"{rollout}.n": rl.rollouts,
        f"{rollout}.temperature": rl.temperature,
        f"{rollout}.top_p": 1.0,
        f"{rollout}.top_k": -1,
        f"{rollout}.tensor_model_parallel_size": rl.tensor_parallel,
        f"{rollout}.gpu_memory_utilization": rl.rollout_memory,
    }


def _trainer(recipe: Recipe) -> dict[str, Any]:
    """One total step is one generation; the epochs only have to be enough for them."""
    rl, hardware = recipe.train.rl, recipe.train.hardware
    return {
        "trainer.total_training_steps": rl.steps,
        "trainer.total_epochs": rl.steps,
        "trainer.save_freq": rl.save_steps,
        "trainer.test_freq": -1,
        "trainer.val_before_train": False,
        "trainer.logger": ["console"],
        "trainer.project_name": "mmfinereason",
        "trainer.experiment_name": recipe.name,
        "trainer.n_gpus_per_node": hardware.gpus,
        "trainer.nnodes": hardware.nodes,
    }


def _reward(recipe: Recipe) -> dict[str, Any]:
    """What the reward is given, the tolerance of verification by its bounds: plain values are all that Hydra takes."""
    given = recipe.train.rl.reward.model_dump() | recipe.verify.tolerance.model_dump()
    return {f"+reward.custom_reward_function.reward_kwargs.{key}": value for key, value in given.items()}


def _check_batch(recipe: Recipe) -> None:
    """veRL splits replies, not prompts, over the GPUs: each update's must come out even."""
    rl, hardware = recipe.train.rl, recipe.train.hardware
    if not hardware.gpus:
        raise TrainError("veRL needs GPUs for its rollout engine", "mmfr train rl --backend trl trains on a CPU")
    prompts = rl.batch // rl.updates
    replies = prompts * rl.rollouts
    if replies % hardware.devices:
        raise TrainError(
            f"an update of {prompts} prompts x {rl.rollouts} rollouts = {replies} replies cannot be split equally over"
            f" {hardware.devices} GPUs",
            f"use {math.gcd(replies, hardware.devices)} of them, or change train.rl.batch, updates or rollouts",
        )
    if hardware.devices % rl.tensor_parallel:
        raise TrainError(f"{hardware.devices} GPUs are no multiple of train.rl.tensor_parallel {rl.tensor_parallel}")


def tokens_per_gpu(recipe: Recipe) -> int:
    """How many tokens go through a GPU at once: as many of the longest rows as fit, and at least one."""
    rl, hardware = recipe.train.rl, recipe.train.hardware
    longest = recipe.export.tokens.prompt + rl.completion_tokens
    shape = shape_of(rl.model or recipe.train.sft.model)
    if shape is None:
        return longest
    # FSDP splits everything; veRL keeps its own weights and gradients in fp32
    state = (OPTIMIZER + 4) * shape.parameters / hardware.devices
    activations = activation_bytes(shape, longest, fused_loss=False)
    rows = fitting(hardware, state, activations, "try more GPUs, or a smaller train.rl.completion_tokens")
    return longest * min(rows, MOST_ROWS)


MOST_ROWS = 4
"""More than so many of the longest rows at once save no time."""


def hydra(value: Any) -> str:
    """A value in Hydra's override grammar. Texts are quoted, so that nothing in them is grammar."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ",".join(hydra(one) for one in value) + "]"
    return json.dumps(str(value), ensure_ascii=False)


def model_path(train: TrainSettings) -> str:
    """The model RL starts from, as launch.sh writes it: a name, a path, or what LLaMA-Factory left in the run."""
    if train.rl.model is not None:
        return located(train.rl.model)
    if train.sft.lora is not None:
        raise TrainError(
            "SFT left adapters, and veRL starts from a whole model", "merge them and set train.rl.model to the result"
        )
    return f"$here/{SFT_OUTPUT}"


def _launch(recipe: Recipe, data: TrainData) -> bytes:
    """Ray's workers have folders of their own, so every path is given whole."""
    paths = ",".join(f"'$run/{path}'" for path in data.files)
    return script(
        'here="$PWD" run="$(cd ../.. && pwd)"',
        f"mapfile -t overrides < {OVERRIDES}",
        "# Nothing is validated during training, but veRL opens the validation files: it gets the training rows.",
        "files=(",
        f'  "data.train_files=[{paths}]"',
        f'  "data.val_files=[{paths}]"',
        f"  \"actor_rollout_ref.model.path='{model_path(recipe.train)}'\"",
        f"  \"reward.custom_reward_function.path='$here/{REWARD}'\"",
        '  "reward.custom_reward_function.name=compute_score"',
        "  \"trainer.default_local_dir='$here/output'\"",
        ")",
        'exec "$python" -m verl.trainer.main_ppo "${overrides[@]}" "${files[@]}" "$@"',
    )


def _package() -> dict[str, bytes]:
    """The modules the reward needs, so that a cluster has to install nothing of ours."""
    root = package_files("mmfinereason")
    names = ["__init__.py", "train/__init__.py", "train/reward.py"]
    names += [f"answers/{one.name}" for one in root.joinpath("answers").iterdir() if one.name.endswith(".py")]
    return {f"package/mmfinereason/{name}": root.joinpath(name).read_bytes() for name in sorted(names)}
