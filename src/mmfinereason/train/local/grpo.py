"""Reinforcement learning of a local Qwen3-VL with TRL: GSPO, with our reward.

GSPO (arXiv 2507.18071) is GRPO with the ratio and its clip on whole sequences. A generation's replies serve several
optimizer steps (`train.rl.updates`); from the second on the ratio moves away from 1 and the clip acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mmfinereason.context import Context
from mmfinereason.errors import TrainError
from mmfinereason.recipe.select import ToleranceSettings
from mmfinereason.recipe.train import RewardSettings
from mmfinereason.train.batches import split
from mmfinereason.train.data import rl_data
from mmfinereason.train.local import arguments, checkpoint, curves, metrics
from mmfinereason.train.local.job import Job, TrainResult, open_job
from mmfinereason.train.reward import rewards


def grpo(context: Context, *, output: str | None = None) -> TrainResult:
    """Train on the TRL export of `train.rl.subset`; what is finished is not done again.

    It starts from `train.rl.model`, or else from what `sft` left in this run. `output` is a folder on this machine;
    unless given, `train/trl-rl` of the run.

    Raises:
        TrainError: something needed is missing, or prompts are too long. SettingsChanged: the folder holds a training
            with other settings.
    """
    model = context.recipe.train.rl.model or _fine_tuned(context)
    job = open_job(context, "rl", model, rl_data(context.run, context.recipe, "trl"), output)
    return job.begin() or _train(job)


def _fine_tuned(context: Context) -> str:
    for folder in ("train/trl-sft/model", "train/llamafactory-sft/output"):
        if context.run.folder.exists(f"{folder}/config.json"):
            return context.run.folder.path(folder)
    raise TrainError("there is no model to start from", "set train.rl.model, or train one first: mmfr train sft")


def _train(job: Job) -> TrainResult:
    from trl import GRPOTrainer

    from mmfinereason.train.local.recorder import Recorder

    arguments.silence()
    settings, tokens = job.context.recipe.train.rl, job.context.recipe.export.tokens
    processor = checkpoint.load_processor(job.base, (tokens.min_pixels, tokens.max_pixels))
    rows, too_long = job.rows(processor, tokens.prompt)
    kernel = arguments.attention(job, "fa2")
    model = checkpoint.load_model(job.base, job.device, trained=settings.lora is None, attention=kernel)
    recorder = Recorder(job, settings.batch // settings.updates * settings.rollouts)
    trainer = GRPOTrainer(
        model=model,
        reward_funcs=Earned(settings.reward, job.context.recipe.verify.tolerance, _ends(model, processor)),
        args=_arguments(job),
        train_dataset=rows,
        processing_class=processor,
        peft_config=arguments.adapters(settings.lora),
        callbacks=[recorder],
    )
    arguments.run(trainer, job)
    lines = metrics.read(job.metrics)
    curves.draw(lines, "rl", job.folder)
    figures = metrics.summary(lines, ("reward", "pass_rate", "clipped", "completion_tokens"))
    figures |= {"tokens_per_second": recorder.tokens_per_second}
    return job.finish(trainer.model, len(rows), too_long, figures)


def _arguments(job: Job) -> Any:
    from trl import GRPOConfig

    settings = job.context.recipe.train.rl
    batch = split(settings.batch // settings.updates * settings.rollouts, 1, job.context.recipe.train.local.micro_batch)
    return GRPOConfig(
        **arguments.shared(job, batch, settings.schedule),
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        warmup_steps=settings.warmup_steps * settings.updates,
        max_steps=settings.steps * settings.updates,
        save_steps=settings.save_steps * settings.updates,
        num_generations=settings.rollouts,
        steps_per_generation=batch.accumulation * settings.updates,
        max_completion_length=settings.completion_tokens,
        temperature=settings.temperature,
        loss_type="grpo",
        importance_sampling_level="sequence",
        epsilon=settings.clip_low,
        epsilon_high=settings.clip_high,
        beta=0.0,
        use_liger_kernel=False,
    )


def _ends(model: Any, processor: Any) -> frozenset[int]:
    """The tokens that end a reply."""
    told = model.generation_config.eos_token_id
    return frozenset([told] if isinstance(told, int) else told or []) | {processor.tokenizer.eos_token_id}


class Earned:
    """Our reward as TRL calls it. A reply that ends without an end token was cut off, and earns nothing."""

    __name__ = "reward"

    def __init__(self, settings: RewardSettings, tolerance: ToleranceSettings, ends: frozenset[int]) -> None:
        self._options = settings.model_dump() | {"tolerance": tolerance.to_tolerance()}
        self._ends = ends

    def __call__(
        self, prompts: Sequence[Any], completions: Sequence[Any], completion_ids: Sequence[Any], **columns: Any
    ) -> list[float]:
        """Scores of a generation; its mean parts go to the metrics."""
        cut = [not ids or ids[-1] not in self._ends for ids in completion_ids]
        graded = rewards(completions, columns["ground_truth"], columns["question"], cut, **self._options)
        for name, field in (("pass_rate", "acc"), ("formed", "format"), ("answered", "answered")):
            columns["log_metric"](name, sum(getattr(one, field) for one in graded) / len(graded))
        columns["log_metric"]("undecided", sum(one.undecided for one in graded) / len(graded))
        return [one.score for one in graded]
