"""Duplicates over the whole run: exact by default, near ones on request."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from mmfinereason.recipe.clean import DuplicateSettings
from mmfinereason.schema import Reason


@dataclass(frozen=True, slots=True)
class Drop:
    """A row to reject: its position in the table, and why; `detail` names the twin that stays."""

    index: int
    reason: Reason
    detail: str


def find_duplicates(keys: pa.Table, settings: DuplicateSettings) -> list[Drop]:
    """`keys`: columns id, question, image_sha256, image_phash, one row a sample in run order."""
    raise NotImplementedError
