"""How much of a text the page shows: each text is bounded, and all of them together, whatever the data holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from mmfinereason.report.grid import Column, Value
from mmfinereason.report.math import CONTROL, to_html

ALL_TEXTS = 3_500_000
"""Characters of HTML for all texts of rows together; beyond it every text is cut to `CUT`."""
LONGEST = 16_000
"""Characters of one text, as HTML."""
CUT = 160
NAME = 300
"""Characters of an id, a name, a table's cell."""


@dataclass
class Room:
    """What is left of the page for texts of rows."""

    left: int = ALL_TEXTS

    def text(self, text: str | None) -> Markup:
        """A text with its formulas, as far as there is room."""
        shown = bounded((text or "").strip(), LONGEST if self.left > 0 else CUT)
        self.left -= len(shown)
        return Markup(shown)


def bounded(text: str, longest: int) -> str:
    """Text with formulas, as HTML of at most about `longest` characters: the middle of a long text is left out."""
    keep = longest
    while keep > CUT:
        shown = to_html(shortened(text, keep))
        if len(shown) <= longest:
            return shown
        keep //= 2
    return to_html(shortened(text, CUT))


def shortened(text: str, keep: int) -> str:
    """The first two thirds and the last third of what may be kept."""
    if len(text) <= keep:
        return text
    head = keep * 2 // 3
    return f"{text[:head]} [… {len(text) - keep:,} characters left out …] {text[head - keep :]}"


def plain(value: Any) -> Any:
    """What the template writes outside of `Room.text`: ids and names, bounded and without control characters."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return shortened(CONTROL.sub("\N{REPLACEMENT CHARACTER}", value), NAME)
    return value


def cell(value: Value, column: Column) -> str:
    """A table's cell as a person reads it."""
    if value is None:
        return "–"
    return format(value, column.form) if column.form and not isinstance(value, str) else str(value)
