"""Settings of `mmfr train`: which model learns from which subset, how, and on what machines.

The defaults are the paper's (arXiv 2601.21821): Table 8 for supervised fine-tuning with LLaMA-Factory, Table 9 for GSPO
with veRL, both for Qwen3-VL-2B/4B/8B-Instruct. All backends share these sections. Lengths and image sizes are not here:
a trainer must read rows as the export has counted them, so they stand once, in `export.tokens`.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from mmfinereason.recipe.base import Operational, Settings
from mmfinereason.recipe.train_local import LocalSettings

Scalar = bool | int | float | str | None


class HardwareSettings(Settings):
    """The machines of a training. They decide how a global batch is split, never how large it is."""

    gpus: int = Field(default=8, ge=0)
    """GPUs of one machine (Table 8: 8). 0 trains on the CPU: for trials."""
    nodes: int = Field(default=1, ge=1)
    """Machines with as many GPUs each."""
    memory_gb: float = Field(default=80.0, gt=0)
    """Memory of one GPU in GB; decides how many sequences go through it at once."""

    @property
    def devices(self) -> int:
        """How many processes share a batch."""
        return max(1, self.gpus) * self.nodes


class LoraSettings(Settings):
    """Low-rank adapters on all linear layers of the language model."""

    rank: int = Field(default=16, ge=1)
    """Rank of the adapters."""
    alpha: int = Field(default=32, ge=1)
    """Their scale is alpha / rank."""


class SftSettings(Settings):
    """`mmfr train sft`: supervised fine-tuning on traces. Defaults: the paper's Table 8."""

    model: str = "Qwen/Qwen3-VL-8B-Instruct"
    """Name or path of the model to start from; the paper trains the 2B, 4B and 8B Instruct models."""
    subset: str | None = None
    """Subset of the export to train on; may be left out when it has only one for SFT."""
    learning_rate: float = Field(default=1e-5, gt=0)
    """Peak learning rate of AdamW (Table 8)."""
    schedule: Literal["cosine", "linear", "constant"] = "cosine"
    """Learning rate after the warm-up (Table 8: cosine)."""
    warmup_ratio: float = Field(default=0.03, ge=0, lt=1)
    """Share of all steps in which the learning rate rises. Table 8 says 3 %, the authors' published YAML 10 %: the
    default follows the paper's text."""
    weight_decay: float = Field(default=0.0, ge=0)
    """Weight decay of AdamW (Table 8: 0)."""
    epochs: float = Field(default=3.0, gt=0)
    """Passes over the data (Table 8: 3)."""
    max_steps: int | None = Field(default=None, ge=1)
    """Stop after so many optimizer steps, whatever `epochs` says."""
    global_batch: int = Field(default=32, ge=1)
    """Sequences an optimizer step, over all GPUs (Table 8: 32). With packing a sequence is a full pack."""
    packing: bool = True
    """Fill sequences of the cut-off length with several rows (Table 8: on). TRL cannot pack rows with images."""
    freeze_vision: bool = True
    """Keep the vision tower as it is (Table 8: frozen)."""
    freeze_projector: bool = True
    """Keep the multimodal projector as it is (Table 8: frozen)."""
    lora: LoraSettings | None = None
    """Train adapters instead of all weights of the language model (Table 8: all weights)."""
    liger: bool = True
    """Use the Liger kernels on GPUs (Table 8: on)."""
    attention: Literal["fa2", "sdpa"] = "fa2"
    """Attention kernel on GPUs: FlashAttention 2 (Table 8) or PyTorch's own."""
    zero: Literal[2, 3] = 2
    """DeepSpeed ZeRO stage (Table 8: 2); 3 also splits the weights, for models that do not fit."""
    save_steps: int | None = Field(default=None, ge=1)
    """A checkpoint every so many steps; unless set, one an epoch."""
    llamafactory: dict[str, Any] = {}
    """Further keys of LLaMA-Factory's YAML. They win over what is rendered; its version must know them."""


class RewardSettings(Settings):
    """What an RL reply earns: correctness by the rules of `answers`, and a small part for its form."""

    format_weight: float = Field(default=0.1, ge=0, le=0.5)
    """Share of the reward for the form: thoughts closed once, one `<answer>` after them. The paper names no such part;
    0 leaves correctness alone. A wrong answer in good form earns this much."""
    thoughts: bool = True
    """A reply without `</think>` earns nothing. Turn it off for models that answer without thinking."""
    seconds: float = Field(default=5.0, gt=0, le=60)
    """Time limit of one reward. What is not decided by then counts as not agreeing."""


class RlSettings(Settings):
    """`mmfr train rl`: GSPO on rows with a reference answer. Defaults: the paper's Table 9."""

    model: str | None = None
    """Name or path of the model to start from; unless set, what `mmfr train sft` left in the run."""
    subset: str | None = None
    """Subset of the export to train on; may be left out when it has only one for RL."""
    learning_rate: float = Field(default=1e-6, gt=0)
    """Learning rate of AdamW (Table 9)."""
    schedule: Literal["cosine", "constant"] = "constant"
    """Learning rate after the warm-up (Table 9: constant)."""
    warmup_steps: int = Field(default=10, ge=0)
    """Steps in which the learning rate rises (Table 9: 10)."""
    weight_decay: float = Field(default=0.1, ge=0)
    """Weight decay of AdamW (Table 9: 0.1)."""
    steps: int = Field(default=300, ge=1)
    """Generations of rollouts (Table 9: 300)."""
    batch: int = Field(default=256, ge=1)
    """Prompts a generation (Table 9: 256)."""
    updates: int = Field(default=4, ge=1)
    """Optimizer steps a generation: its batch is split into so many parts. Table 9 says nothing; 4 is from the GSPO
    paper (arXiv 2507.18071, section 5.1). With 1 the ratio is always 1 and the clip never acts."""
    rollouts: int = Field(default=16, ge=2)
    """Replies a prompt, the group that rewards are compared within (Table 9: 16)."""
    completion_tokens: int = Field(default=16_384, ge=16)
    """Most tokens of a reply (Table 9: 16,384)."""
    temperature: float = Field(default=1.0, gt=0, le=2)
    """Sampling temperature of replies (Table 9: 1.0)."""
    clip_low: float = Field(default=3e-4, gt=0, lt=1)
    """How far the sequence-level ratio may fall below 1 (Table 9: 3e-4; the text calls it a KL penalty)."""
    clip_high: float = Field(default=4e-4, gt=0, lt=1)
    """How far the sequence-level ratio may rise above 1 (Table 9: 4e-4)."""
    lora: LoraSettings | None = None
    """Train adapters instead of all weights."""
    save_steps: int = Field(default=50, ge=1)
    """A checkpoint every so many generations."""
    tensor_parallel: int = Field(default=1, ge=1)
    """GPUs that one rollout engine is split over."""
    rollout_memory: float = Field(default=0.6, gt=0, lt=1)
    """Share of a GPU's memory that vLLM may take for rollouts."""
    reward: RewardSettings = RewardSettings()
    """What a reply earns."""
    verl: dict[str, Scalar | list[Scalar]] = {}
    """Further Hydra overrides of veRL by dotted key. They win over what is rendered; its version must know them."""

    @model_validator(mode="after")
    def _whole_updates(self) -> Self:
        if self.batch % self.updates:
            raise ValueError(f"a batch of {self.batch} prompts cannot be split into {self.updates} equal updates")
        return self


class TrainSettings(Settings):
    """Training on a run's exports."""

    sft: SftSettings = SftSettings()
    """Supervised fine-tuning."""
    rl: RlSettings = RlSettings()
    """Reinforcement learning."""
    local: LocalSettings = LocalSettings()
    """The local trainer, `--backend trl`."""
    hardware: Annotated[HardwareSettings, Operational] = HardwareSettings()
    """GPUs and their memory."""
    python: Annotated[str | None, Operational] = None
    """The Python of the environment that holds LLaMA-Factory or veRL; unless set, the one that runs `mmfr`."""
