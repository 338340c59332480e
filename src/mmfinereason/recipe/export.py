"""Settings of the exports: which formats, which subsets, and the limits of the trainer they are made for."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from mmfinereason.recipe.base import Settings

Format = Literal["dataset", "llamafactory", "verl", "trl"]


class TokenBudget(Settings):
    """How long a row may be for the trainer, images included. Defaults: the paper's Table 8."""

    cutoff: int = Field(default=32_768, ge=64)
    """Tokens of a whole row. A longer one is left out by name: trainers would cut it without a word."""
    prompt: int = Field(default=8_192, ge=64)
    """Tokens of an RL prompt (Table 9)."""
    min_pixels: int = Field(default=32 * 32, ge=1)
    """Smallest image the trainer will see, in pixels."""
    max_pixels: int = Field(default=768 * 768, ge=1)
    """Largest image the trainer will see, in pixels; larger ones it scales down."""
    patch: int = Field(default=16, ge=1)
    """Side of a vision patch in pixels: 16 for Qwen3-VL, 14 for Qwen2.5-VL."""
    merge: int = Field(default=2, ge=1)
    """Patches merged per side into one token."""


class ExportSettings(Settings):
    """Files for the hub and for trainers."""

    formats: list[Format] = ["dataset", "llamafactory", "verl", "trl"]
    """Which exports to write."""
    subsets: list[str] = []
    """Which subsets to export; empty means every subset the run has."""
    rl_subsets: list[str] = ["rl"]
    """Subsets that are for RL: `verl` and the `trl` prompt rows take these, SFT formats all others."""
    licence: Literal["any", "permissive"] = "any"
    """`permissive` leaves out rows whose licence does not clearly allow any use, such as non-commercial ones."""
    columns: dict[str, str] = {}
    """Other names for canonical columns of the `dataset` export, `{qwen3vl_4b_pass_rate: pass_rate}`."""
    variant: Literal["think", "caption", "no_think"] = "think"
    """SFT target: thoughts and solution; the same after a caption (the paper's CapAug); or the solution alone."""
    prompt: str | None = None
    """What trainers' rows ask, SFT and RL alike, and evaluations of the recipe's models: `question` (the question as it
    is), another built-in prompt or a file of the purpose `answer`. Unless set, SFT rows ask the question as it is and
    RL rows add a request for answer tags."""
    llamafactory_layout: Literal["parquet", "json"] = "parquet"
    """Images as bytes in Parquet, or as files beside a JSON file."""
    tokens: TokenBudget = TokenBudget()
    """How long a row may be."""
    part_bytes: int = Field(default=256 << 20, ge=1 << 20, le=1 << 30)
    """About how many bytes one file of an export holds."""

    def column(self, name: str) -> str:
        """What a canonical column is called in the export."""
        return self.columns.get(name, name)
