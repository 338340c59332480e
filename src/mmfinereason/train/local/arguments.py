"""What both trainers are told alike, and how one is run: quietly, with our books, from the last checkpoint on."""

from __future__ import annotations

import importlib.util
from typing import Any

from mmfinereason.recipe.train import LoraSettings
from mmfinereason.train.batches import Split
from mmfinereason.train.local.checkpoint import bf16
from mmfinereason.train.local.job import Job

SCHEDULES = {"cosine": "cosine", "linear": "linear", "constant": "constant_with_warmup"}
KEPT = 2
"""Checkpoints kept: optimizer states are three times the model."""
LAYERS = r".*language_model.*\.(q_proj|k_proj|v_proj|o_proj|gate_proj|up_proj|down_proj)"
"""Where adapters go: all linear layers of the language model."""


def shared(job: Job, batch: Split, schedule: str) -> dict[str, Any]:
    """Arguments of transformers' trainer that do not depend on what is learnt."""
    on_gpu = job.device == "cuda"
    return {
        "output_dir": str(job.checkpoints),
        "per_device_train_batch_size": batch.per_device,
        "gradient_accumulation_steps": batch.accumulation,
        "lr_scheduler_type": SCHEDULES[schedule],
        "seed": job.context.recipe.seed,
        "data_seed": job.context.recipe.seed,
        "use_cpu": not on_gpu,
        "bf16": bf16(job.device),
        "gradient_checkpointing": on_gpu,
        "dataloader_pin_memory": on_gpu,
        "dataloader_num_workers": 4 if on_gpu else 0,
        "save_total_limit": KEPT,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "log_level": "error",
        "disable_tqdm": True,
        "report_to": "none",
    }


def has_liger(job: Job) -> bool:
    """Whether the Liger kernels can be used."""
    return job.device == "cuda" and importlib.util.find_spec("liger_kernel") is not None


def attention(job: Job, wanted: str) -> str:
    """The attention kernel: FlashAttention 2 only where there is a GPU and the package."""
    flash = wanted == "fa2" and job.device == "cuda" and importlib.util.find_spec("flash_attn") is not None
    return "flash_attention_2" if flash else "sdpa"


def adapters(lora: LoraSettings | None) -> Any:
    """The settings of PEFT, or None when all weights are trained."""
    if lora is None:
        return None
    from peft import LoraConfig

    return LoraConfig(r=lora.rank, lora_alpha=lora.alpha, target_modules=LAYERS, task_type="CAUSAL_LM")


def silence() -> None:
    """Keep the libraries below from printing and from reporting home."""
    import warnings

    import datasets
    import huggingface_hub.constants
    import transformers

    huggingface_hub.constants.HF_HUB_DISABLE_TELEMETRY = True
    datasets.disable_progress_bars()
    transformers.logging.disable_progress_bar()
    transformers.logging.set_verbosity_error()
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"transformers\.")


def run(trainer: Any, job: Job) -> None:
    """Train from the last checkpoint on. Nothing is printed."""
    from transformers import PrinterCallback

    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=job.last_checkpoint())
