"""A global batch split over the machines there are: exactly what was asked, or an error that says what is possible.

How many sequences go through a GPU at once is an estimate of memory with the usual mixed-precision arithmetic
(bf16 weights and gradients, 12 bytes of AdamW state a parameter as in the ZeRO paper, arXiv 1910.02054, section 3.1;
activations with gradient checkpointing). It decides speed only, never the batch.
"""

from __future__ import annotations

from dataclasses import dataclass

from mmfinereason.errors import TrainError
from mmfinereason.recipe.train import HardwareSettings
from mmfinereason.train.shape import Shape

USABLE = 0.9
"""Share of a GPU's memory that tensors may take; the rest is fragmentation, communication and kernels."""
WEIGHTS, GRADIENTS, OPTIMIZER = 2, 2, 12
"""Bytes a parameter."""


@dataclass(frozen=True, slots=True)
class Split:
    """`devices * per_device * accumulation` sequences are one global batch."""

    devices: int
    per_device: int
    accumulation: int


def split(global_batch: int, devices: int, most: int) -> Split:
    """The largest per-device batch up to `most` with which the global batch comes out exactly. Raises TrainError."""
    if global_batch % devices:
        fitting = [count for count in range(1, global_batch + 1) if global_batch % count == 0]
        fewer, more = max(n for n in fitting if n <= devices or n == 1), global_batch + devices - global_batch % devices
        raise TrainError(
            f"a global batch of {global_batch} cannot be split equally over {devices} GPUs",
            f"use {fewer} of them, or a batch of {more}",
        )
    share = global_batch // devices
    per_device = max(count for count in range(1, min(most, share) + 1) if share % count == 0)
    return Split(devices, per_device, share // per_device)


def state_bytes(shape: Shape, devices: int, *, zero: int, trained: float = 1.0) -> float:
    """Bytes a GPU needs for weights, gradients and optimizer under ZeRO 2 or 3; `trained` is the share that learns."""
    weights = WEIGHTS * shape.parameters / (devices if zero == 3 else 1)
    return weights + (GRADIENTS + OPTIMIZER) * trained * shape.parameters / devices


def activation_bytes(shape: Shape, tokens: int, *, fused_loss: bool) -> float:
    """Bytes of one sequence's activations: each layer's input, one layer in full, and the logits unless fused.

    A layer holds about ten tensors as wide as the model and three as wide as its feed-forward part, each with its
    gradient, in bf16; logits stand there in bf16 and twice in fp32.
    """
    inputs = shape.layers * tokens * shape.hidden * 2
    layer = tokens * (10 * shape.hidden + 3 * shape.intermediate) * 4
    logits = 0 if fused_loss else tokens * shape.vocabulary * 10
    return inputs + layer + logits


def fitting(hardware: HardwareSettings, state: float, activations: float, advice: str) -> int:
    """How many sequences fit into a GPU beside `state`. Raises TrainError when not one does."""
    usable = USABLE * hardware.memory_gb * 1e9
    count = int((usable - state) // activations)
    if count < 1:
        needed = (state + activations) / USABLE / 1e9
        raise TrainError(
            f"training needs about {needed:.0f} GB a GPU, and train.hardware.memory_gb is {hardware.memory_gb:g}",
            advice,
        )
    return count
