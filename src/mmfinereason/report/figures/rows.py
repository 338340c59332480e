"""What figures with one row a source share: how rows stand above each other and where their names go.

On a wide drawing names stand left of the rows. A narrow one has no room there: each name stands above its row.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, TypeVar

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
    """A name in at most `lines` lines of `width` characters; what is longer loses its middle."""
    name = " ".join("".join(one if one.isprintable() else " " for one in name).split()) or "(no name)"
    if len(name) > width * lines:
        half = (width * lines - 3) // 2
        name = f"{name[:half]}…{name[-half:]}"
    if len(name) <= width:
        return name
    parts = wrap(name, width, break_on_hyphens=True)
    return "\n".join(parts if len(parts) <= lines else [name[:width], name[width:]])
