"""Readers: any file format becomes a stream of raw rows.

Why streams: a source may be larger than memory or disk cache, so no reader holds more than a bounded batch, and a resumed
run passes over what it has already seen without decoding it.
"""

from __future__ import annotations

from collections.abc import Iterator

from mmfinereason.collect.readers.rows import BadRow, RawRow
from mmfinereason.recipe.sources import SourceSettings

__all__ = ["BadRow", "RawRow", "pin", "read", "root_of"]


def read(settings: SourceSettings, *, skip: int = 0) -> Iterator[RawRow | BadRow]:
    """The raw rows of a source in a fixed order, without the first `skip`.

    Raises `SourceError` if the source cannot be opened at all; a row that cannot be read is a `BadRow`.
    """
    raise NotImplementedError


def root_of(settings: SourceSettings) -> str | None:
    """The folder that image paths of this source are relative to, for `locate`; None for the built-in puzzles."""
    raise NotImplementedError


def pin(settings: SourceSettings) -> SourceSettings:
    """The same settings with a known source's hub repository filled in and its revision pinned to a commit.

    Call it once when the recipe is resolved, so that the saved recipe names exactly what was read.
    """
    raise NotImplementedError
