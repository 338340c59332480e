"""Image references into bytes, without ever leaving the source.

Rows name their images in many ways: bytes, `{bytes, path}`, base64, a path, a URL. Rows are foreign data, so a path may
not lead out of the source's folder (neither by `..` nor by a symlink) and a URL is fetched only where the recipe allows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mmfinereason.schema import Reason


@dataclass(frozen=True, slots=True)
class Missing:
    """An image that could not be had, and why."""

    reason: Reason
    detail: str


def locate(reference: Any, *, root: str | None, allow_urls: bool = False) -> bytes | Missing:
    """The bytes `reference` stands for. `root` is the folder that paths are relative to (`readers.root_of(settings)`)."""
    raise NotImplementedError
