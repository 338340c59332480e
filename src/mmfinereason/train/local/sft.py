"""Supervised fine-tuning of a local Qwen3-VL with TRL. The loss is taken on the completion only; no row is cut."""

from __future__ import annotations

from typing import Any

from mmfinereason.context import Context
from mmfinereason.train.batches import split
from mmfinereason.train.data import sft_data
from mmfinereason.train.local import arguments, checkpoint, curves, metrics
from mmfinereason.train.local.job import Job, TrainResult, open_job


def sft(context: Context, *, output: str | None = None) -> TrainResult:
    """Train on the TRL export of `train.sft.subset`; what is finished is not done again.

    `output` is a folder on this machine; unless given, `train/trl-sft` of the run.

    Raises:
        TrainError: something needed is missing, or rows are too long. SettingsChanged: the folder holds a training
            with other settings.
    """
    settings = context.recipe.train.sft
    job = open_job(context, "sft", settings.model, sft_data(context.run, context.recipe, "trl"), output)
    return job.begin() or _train(job)


def _train(job: Job) -> TrainResult:
    from trl import SFTTrainer

    from mmfinereason.train.local.recorder import Recorder

    arguments.silence()
    settings, tokens = job.context.recipe.train.sft, job.context.recipe.export.tokens
    processor = checkpoint.load_processor(job.base, (tokens.min_pixels, tokens.max_pixels), padding="right")
    rows, too_long = job.rows(processor, tokens.cutoff)
    kernel = arguments.attention(job, settings.attention)
    model = checkpoint.load_model(job.base, job.device, trained=settings.lora is None, attention=kernel)
    checkpoint.freeze(model, vision=settings.freeze_vision, projector=settings.freeze_projector)
    recorder = Recorder(job, settings.global_batch)
    trainer = SFTTrainer(
        model=model,
        args=_arguments(job),
        train_dataset=rows,
        processing_class=processor,
        peft_config=arguments.adapters(settings.lora),
        callbacks=[recorder],
    )
    arguments.run(trainer, job)
    lines = metrics.read(job.metrics)
    curves.draw(lines, "sft", job.folder)
    figures = metrics.summary(lines, ("loss", "token_accuracy")) | {"tokens_per_second": recorder.tokens_per_second}
    return job.finish(trainer.model, len(rows), too_long, figures)


def _arguments(job: Job) -> Any:
    from trl import SFTConfig

    settings = job.context.recipe.train.sft
    batch = split(settings.global_batch, 1, job.context.recipe.train.local.micro_batch)
    every = {"save_strategy": "epoch"} if settings.save_steps is None else {"save_steps": settings.save_steps}
    return SFTConfig(
        **arguments.shared(job, batch, settings.schedule),
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        warmup_steps=settings.warmup_ratio,
        num_train_epochs=settings.epochs,
        max_steps=settings.max_steps or -1,
        completion_only_loss=True,
        max_length=None,
        packing=False,
        use_liger_kernel=settings.liger and arguments.has_liger(job),
        **every,
    )
