"""From a matplotlib figure to what the page and the folder hold: SVG in two widths inline, SVG and PNG as files."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Drawn:
    """A figure ready to be shown."""

    name: str
    title: str
    note: str
    wide: str
    """SVG for screens, its colours those of the page's theme."""
    narrow: str
    """The same for phones."""
    svg: bytes
    png: bytes


Figure = None
drawn = None
