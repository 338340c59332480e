"""What figures with one row a source share: how rows stand above each other and where their names go.

On a wide drawing names stand left of the rows. A narrow one has no room there: each name stands above its row.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from textwrap import wrap
from typing import TYPE_CHECKING, TypeVar
from unicodedata import east_asian_width

from mmfinereason.report.figures.drawing import INK, PAGE, Layout

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 40
"""Rows of a figure; the tables have them all."""

_GROUND = {"facecolor": PAGE, "linewidth": 0, "pad": 1}

One = TypeVar("One")


def shown(rows: Sequence[One], size: Sequence[int]) -> list[One]:
    """The rows, or the largest of them where there are too many; their order stays."""
    largest = sorted(range(len(rows)), key=lambda index: -size[index])[:MOST]
    return [rows[index] for index in sorted(largest)]


def left_out(count: int) -> str:
    """A sentence on the rows that are not drawn."""
    return f" The {MOST} largest of {count} are drawn; the table has all." if count > MOST else ""


def height(layout: Layout, rows: int, around: float) -> float:
    """Pixels for so many rows and what is around them."""
    return rows * row_height(layout) + around


def row_height(layout: Layout) -> float:
    return 44.0 if layout.narrow else 30.0


def name_rows(axes: Axes, names: Sequence[str], layout: Layout) -> None:
    """Put rows 0, 1, ... from top to bottom, with their names."""
    axes.set_ylim(len(names) - 0.4, -0.8 if layout.narrow else -0.6)
    if layout.narrow:
        axes.set_yticks([])
        for row, name in enumerate(names):
            axes.text(0, row - 0.3, fitted(name, 46), transform=axes.get_yaxis_transform(), size=layout.small,
                      color=INK, va="bottom", ha="left", zorder=6, bbox=_GROUND)  # fmt: skip
    else:
        axes.set_yticks(range(len(names)), [fitted(name, 34, lines=2) for name in names])


def fitted(name: str, width: int, lines: int = 1) -> str:
    """A name in at most `lines` lines of `width` Latin letters; what is longer loses its middle."""
    name = " ".join("".join(one if one.isprintable() else " " for one in name).split()) or "(no name)"
    name = _without_middle(name, width * lines)
    if _width(name) <= width:
        return name
    parts = wrap(name, width, break_on_hyphens=True)
    if len(parts) <= lines and all(_width(part) <= width for part in parts):
        return "\n".join(parts)
    first = _start(name, width)
    return f"{first}\n{name[len(first) :]}"


def _without_middle(name: str, width: int) -> str:
    if _width(name) <= width:
        return name
    end = _start(name[::-1], (width - 2) // 2)[::-1]
    return f"{_start(name, (width - 2) // 2)}…{end}"


def _start(name: str, width: int) -> str:
    """The longest start of a name that is no wider than `width`."""
    widths = accumulate(map(_width, name))
    return name[: sum(one <= width for one in widths)]


def _width(text: str) -> int:
    """In Latin letters: ideographs are as wide as two."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)
