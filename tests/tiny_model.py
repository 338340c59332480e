"""A random Qwen3-VL of about a million parameters whose tokenizer knows the words of the standard puzzles.

It shows that the plumbing works and can learn something small; it needs torch and transformers, no download, and no
torchvision.
"""

from __future__ import annotations

from pathlib import Path

from mmfinereason.lab.puzzles import FAMILIES, generate
from mmfinereason.lab.tiny.checkpoint import Size, build

SIZE = Size(hidden=128, layers=3, inner=384, vision=96, depth=2)


def build_tiny_qwen3vl(path: str | Path, seed: int = 0, vocabulary: int = 640) -> Path:
    """Write model, tokenizer and processor into `path`; returns it."""
    return build(Path(path), SIZE, _texts(), seed=seed, vocabulary=vocabulary)


def _texts():
    for name in FAMILIES:
        for index in range(12):
            puzzle = generate(name, seed=1, index=index)
            yield from (puzzle.question, *puzzle.facts, *puzzle.steps)
