"""The parts of the world: every scene is either for training or for testing.

Which one follows from what the scene shows and from nothing else, so two draws of different parts never share a
picture. Fields that a scene leaves out of comparisons, such as small offsets, do not count.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass
from typing import Literal

Part = Literal["all", "train", "test"]

_TEST_SHARE = 0.2


def part_of(scene: object) -> Literal["train", "test"]:
    """`test` for about a fifth of all scenes."""
    digest = hashlib.sha256(_written(scene).encode()).digest()
    return "test" if int.from_bytes(digest[:4], "big") < _TEST_SHARE * 2**32 else "train"


def _written(value: object) -> str:
    """The state as text: the same in every process, whatever the order inside sets."""
    if is_dataclass(value) and not isinstance(value, type):
        shown = (getattr(value, field.name) for field in fields(value) if field.compare)
        return f"{type(value).__name__}({','.join(map(_written, shown))})"
    if isinstance(value, frozenset | set):
        return f"{{{','.join(sorted(map(_written, value)))}}}"
    if isinstance(value, tuple | list):
        return f"({','.join(map(_written, value))})"
    return f"{value:.3f}" if isinstance(value, float) else repr(value)
