"""Settings of the local trainer (`--backend trl`) alone: one machine, TRL underneath."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mmfinereason.recipe.base import Operational, Settings


class LocalSettings(Settings):
    """How a training runs on this machine. What is learnt stands in the sections `sft` and `rl`."""

    device: Annotated[Literal["auto", "cpu", "cuda"], Operational] = "auto"
    """Where to train; `auto` takes the GPU if there is one."""
    micro_batch: Annotated[int, Operational, Field(ge=1)] = 4
    """Sequences that go through the model at once, at most; a batch is the sum of several such passes."""
    threads: Annotated[int | None, Operational, Field(ge=1)] = None
    """CPU threads; unless set, PyTorch decides."""
    too_long: Literal["refuse", "leave_out"] = "refuse"
    """What to do with rows longer than `export.tokens` allows, counted with the model's own tokenizer: refuse to start
    and name them, or leave them out and name them. Rows are never cut."""
