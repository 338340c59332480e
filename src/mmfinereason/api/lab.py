"""Tiny real models on this machine (`train` extra): teach them, and re-enact the paper with them."""

from __future__ import annotations

from pathlib import Path

from mmfinereason.execute import Progress
from mmfinereason.lab.paper.run import Reenactment, reenact
from mmfinereason.lab.paper.scale import Size
from mmfinereason.lab.tiny.curriculum import SHIPPED, train


def train_tiny_models(
    folder: str | Path, *, seed: int = 1, threads: int = 1, progress: Progress | None = None
) -> dict[str, Path]:
    """Teach the tiny models of the small world from scratch; returns their folders by name.

    The package holds `tiny-base`, `tiny-prober` and `tiny-teacher` of seed 1. Raises TrainError without torch.
    """
    return train(Path(folder), SHIPPED, seed=seed, threads=threads, progress=progress)


def reenact_paper(
    folder: str | Path, size: Size = "default", *, workers: int = 2, seed: int = 0, progress: Progress | None = None
) -> Reenactment:
    """The whole paper with tiny models in a folder: its page, the findings, and every arm. Resumes what was stopped.

    Raises TrainError without the extra, and whatever the stages raise.
    """
    return reenact(Path(folder), size, workers=workers, seed=seed, progress=progress)
