"""How large a re-enactment is: rows, lessons, seeds and steps. The default is made for two cores and an hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Size = Literal["small", "default", "large"]


@dataclass(frozen=True, slots=True)
class Scale:
    """All numbers that grow with the time there is."""

    rows: int
    """Puzzles of the training world."""
    items: int
    """Held-back puzzles that models are evaluated on."""
    seeds: int
    """Trainings of each kind, told apart by their seed."""
    epochs: int
    """Passes over the data where epochs are held equal."""
    steps: int
    """Optimizer steps where steps are held equal."""
    alone: int
    """Optimizer steps on one sub-dataset alone, and on all of them for comparison."""
    generations: int
    """Generations of rollouts in reinforcement learning."""
    prompts: int
    """Prompts a generation."""
    batch: int = 16
    """Rows an optimizer step of SFT."""


SCALES: dict[Size, Scale] = {
    "small": Scale(rows=480, items=120, seeds=2, epochs=2, steps=60, alone=30, generations=4, prompts=8),
    "default": Scale(rows=1800, items=480, seeds=5, epochs=2, steps=120, alone=50, generations=16, prompts=16),
    "large": Scale(rows=12_000, items=1_200, seeds=10, epochs=3, steps=800, alone=400, generations=60, prompts=32),
}
