"""Training on one machine, with TRL underneath (extra `train`): `sft` and `grpo` read an export and leave a model.

Torch and its kin are imported only when a training starts.
"""

from __future__ import annotations

from mmfinereason.train.local.grpo import grpo
from mmfinereason.train.local.job import TrainResult
from mmfinereason.train.local.sft import sft

__all__ = ["TrainResult", "grpo", "sft"]
