"""Supervised fine-tuning with LLaMA-Factory: the recipe as its YAML, a DeepSpeed file and a launch script."""

from __future__ import annotations

from typing import Any

import orjson
import yaml

from mmfinereason.recipe import Recipe
from mmfinereason.recipe.train import SftSettings
from mmfinereason.train.batches import Split, activation_bytes, fitting, split, state_bytes
from mmfinereason.train.data import TrainData
from mmfinereason.train.files import environment, located, refuse_split, script
from mmfinereason.train.shape import Shape, shape_of

FOLDER = "llamafactory-sft"
SETTINGS = "sft.yaml"


def files(recipe: Recipe, data: TrainData) -> dict[str, bytes]:
    """Everything LLaMA-Factory needs, by file name; paths in it are relative to the folder it is written to."""
    values = settings(recipe, data)
    made = {
        SETTINGS: (HEADER + yaml.safe_dump(values, sort_keys=False)).encode(),
        "launch.sh": _launch(recipe),
        "environment.txt": environment("llamafactory"),
    }
    if "deepspeed" in values:
        made["deepspeed.json"] = orjson.dumps(_deepspeed(recipe.train.sft.zero), option=orjson.OPT_INDENT_2)
    return made


HEADER = "# Written by `mmfr train sft --backend llamafactory`; started by launch.sh beside it.\n"


def settings(recipe: Recipe, data: TrainData) -> dict[str, Any]:
    """The YAML's keys: the paper's Table 8 unless the recipe says otherwise. Raises TrainError."""
    sft = recipe.train.sft
    values = {**_model(recipe), **_data(recipe, data), **_steps(recipe), **_output(sft, recipe.seed), **_device(recipe)}
    refuse_split(sft.llamafactory, SPLITS, "train.sft.llamafactory")
    return values | sft.llamafactory


SPLITS = ("per_device_train_batch_size", "gradient_accumulation_steps")


def _model(recipe: Recipe) -> dict[str, Any]:
    sft = recipe.train.sft
    tuned: dict[str, Any] = {"finetuning_type": "full"}
    if sft.lora is not None:
        tuned = {"finetuning_type": "lora", "lora_rank": sft.lora.rank, "lora_alpha": sft.lora.alpha}
        tuned["lora_target"] = "all"
    return {
        "model_name_or_path": located(sft.model),
        "image_max_pixels": recipe.export.tokens.max_pixels,
        "image_min_pixels": recipe.export.tokens.min_pixels,
        "stage": "sft",
        "do_train": True,
        **tuned,
        "freeze_vision_tower": sft.freeze_vision,
        "freeze_multi_modal_projector": sft.freeze_projector,
        "freeze_language_model": False,
    }


def _data(recipe: Recipe, data: TrainData) -> dict[str, Any]:
    """The dataset by its entry in the export's own `dataset_info.json`."""
    thinks = recipe.export.variant != "no_think"
    return {
        "dataset_dir": "../../exports/llamafactory",
        "dataset": f"{recipe.name}_{data.subset}",
        "template": "qwen3_vl" if thinks else "qwen3_vl_nothink",
        "enable_thinking": thinks,
        "cutoff_len": recipe.export.tokens.cutoff,
        "packing": recipe.train.sft.packing,
    }


def _steps(recipe: Recipe) -> dict[str, Any]:
    sft = recipe.train.sft
    batch = batches(recipe)
    return {
        "per_device_train_batch_size": batch.per_device,
        "gradient_accumulation_steps": batch.accumulation,
        "num_train_epochs": sft.epochs,
        "max_steps": sft.max_steps if sft.max_steps is not None else -1,
        "optim": "adamw_torch",
        "learning_rate": sft.learning_rate,
        "lr_scheduler_type": sft.schedule,
        "warmup_ratio": sft.warmup_ratio,
        "weight_decay": sft.weight_decay,
    }


def _output(sft: SftSettings, seed: int) -> dict[str, Any]:
    every = {"save_strategy": "epoch"} if sft.save_steps is None else {"save_steps": sft.save_steps}
    return {"output_dir": "output", "logging_steps": 1, "plot_loss": True, "report_to": "none", "seed": seed, **every}


def _device(recipe: Recipe) -> dict[str, Any]:
    sft, hardware = recipe.train.sft, recipe.train.hardware
    if not hardware.gpus:
        return {"use_cpu": True, "flash_attn": "sdpa", "bf16": False}
    return {
        "bf16": True,
        "flash_attn": sft.attention,
        "enable_liger_kernel": sft.liger,
        "deepspeed": "deepspeed.json",
        "preprocessing_num_workers": 16,
        "ddp_timeout": 180_000_000,
    }


def batches(recipe: Recipe) -> Split:
    """The global batch over the GPUs; one sequence at a time where the model's size is not known."""
    sft, hardware = recipe.train.sft, recipe.train.hardware
    shape = shape_of(sft.model) if hardware.gpus else None
    return split(sft.global_batch, hardware.devices, _most(recipe, shape) if shape else 1)


def _most(recipe: Recipe, shape: Shape) -> int:
    sft, hardware = recipe.train.sft, recipe.train.hardware
    state = state_bytes(shape, hardware.devices, zero=sft.zero, trained=0.01 if sft.lora else 1.0)
    activations = activation_bytes(shape, recipe.export.tokens.cutoff, fused_loss=sft.liger)
    ways = ["more GPUs", "a shorter export.tokens.cutoff"]
    ways += ["train.sft.zero: 3"] if sft.zero == 2 else []
    ways += [] if sft.liger else ["train.sft.liger: true"]
    return fitting(hardware, state, activations, "try " + ", or ".join(ways))


def _deepspeed(zero: int) -> dict[str, Any]:
    """ZeRO as the Transformers integration wants it: what it knows itself is `auto`."""
    stage: dict[str, Any] = {"stage": zero, "overlap_comm": True, "contiguous_gradients": True}
    if zero == 3:
        stage["stage3_gather_16bit_weights_on_model_save"] = True
    return {
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        "gradient_accumulation_steps": "auto",
        "gradient_clipping": "auto",
        "zero_allow_untested_optimizer": True,
        "bf16": {"enabled": "auto"},
        "zero_optimization": stage,
    }


def _launch(recipe: Recipe) -> bytes:
    hardware = recipe.train.hardware
    if not hardware.gpus:
        return script('exec "$python" -m llamafactory.cli train ' + SETTINGS + ' "$@"')
    lines = [f"export FORCE_TORCHRUN=1 NPROC_PER_NODE={hardware.gpus} NNODES={hardware.nodes}"]
    if hardware.nodes > 1:
        lines.append(': "${MASTER_ADDR:?on every machine set MASTER_ADDR, MASTER_PORT and NODE_RANK (0, 1, ...)}"')
        lines.append(": ${MASTER_PORT:?} ${NODE_RANK:?}")
    lines.append('PATH="$(dirname "$python"):$PATH"    # torchrun of the same environment')
    lines.append('exec "$python" -m llamafactory.cli train ' + SETTINGS + ' "$@"')
    return script(*lines)
