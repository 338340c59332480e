"""Settings of the collect stage."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mmfinereason.recipe.base import Operational, Settings
from mmfinereason.recipe.clean import ContaminationSettings, DuplicateSettings, ImageSettings, TextSettings
from mmfinereason.recipe.sources import SourceSettings


class CollectSettings(Settings):
    """How raw rows become the samples table."""

    shard_rows: int = Field(default=1000, ge=1, le=100_000)
    """Raw rows in a shard at most."""
    shard_bytes: int = Field(default=256 << 20, ge=1 << 16, le=1 << 30)
    """Bytes of raw rows in a shard at most; the cap keeps every Arrow column far below its 2-GiB limit."""
    text: TextSettings = TextSettings()
    """The text rules."""
    image: ImageSettings = ImageSettings()
    """The image rules."""
    short_answer_words: int = Field(default=12, ge=1)
    """A reference of at most this many words is an answer as it stands; a longer one has its answer extracted."""
    duplicates: DuplicateSettings = DuplicateSettings()
    """Which rows count as the same."""
    contamination: ContaminationSettings = ContaminationSettings()
    """When a row counts as a copy of a benchmark's item."""
    benchmarks: list[SourceSettings] = []
    """Benchmark files to keep out of the data, read like any source."""


class ExecuteSettings(Settings):
    """Where and how wide the work runs."""

    workers: Annotated[int | None, Operational] = Field(default=None, ge=0, le=1024)
    """Worker processes for CPU work; the machine's cores when left out, 0 for none."""
