"""Draw the way of the data: `way-light.svg` and `way-dark.svg`, for the README.

python docs/images/draw.py
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
WIDTH, HEIGHT = 1100, 356
BOX, STEP, LEFT = 126, 150, 37
TOP, TALL = 118, 92
FONT = "font-family='system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif'"


@dataclass(frozen=True)
class Theme:
    """Colours of one picture."""

    ink: str
    soft: str
    box: str
    edge: str
    model: str
    model_edge: str
    reject: str


THEMES = {
    "light": Theme("#1f2328", "#59636e", "#f3f6fa", "#8c959f", "#ddeafb", "#3b76c4", "#b54708"),
    "dark": Theme("#e6edf3", "#9aa4af", "#1b222b", "#6e7681", "#14304f", "#6ca6ee", "#f0a35e"),
}

STAGES = [
    ("collect", ("clean, normalize,", "settle duplicates"), "samples/", "cleaner", True),
    ("caption", ("dense captions", "of images"), "captions/", "captioner", False),
    ("distill", ("traces, screened,", "asked again"), "traces/", "teacher", True),
    ("verify", ("right? rules first,", "then a judge"), "verdicts/", "judge", False),
    ("probe", ("how hard?", "four tries a row"), "rollouts/", "prober", False),
    ("select", ("named subsets", "by rule and draw"), "selection/", "", True),
    ("export", ("hub, trainers;", "the report"), "exports/ report/", "", False),
]


def main() -> None:
    """Write both pictures."""
    for name, theme in THEMES.items():
        (HERE / f"way-{name}.svg").write_text(picture(theme), encoding="utf-8")


def picture(theme: Theme) -> str:
    """The whole drawing."""
    parts = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' role='img' {FONT}>",
        "<title>From sources to subsets, trainer files and a report</title>",
        *(
            f"<defs>{arrow_head(name, colour)}</defs>"
            for name, colour in (("a", theme.edge), ("m", theme.model_edge), ("r", theme.reject))
        ),
        text(LEFT - 6, 22, "models: any server that speaks the OpenAI protocol", theme.soft, 14, "start"),
    ]
    for number, stage in enumerate(STAGES):
        parts += column(number, *stage, theme)
    bar = TOP + TALL + 84
    parts += [
        f"<rect x='{LEFT}' y='{bar}' width='{STEP * 6 + BOX}' height='34' rx='6' fill='none' stroke='{theme.reject}'"
        " stroke-dasharray='5 4'/>",
        text(WIDTH / 2, bar + 22, "rows that leave, and rows in no subset: each with its reason", theme.reject, 14),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def column(
    number: int, name: str, lines: tuple[str, str], table: str, model: str, rejects: bool, theme: Theme
) -> list[str]:
    """One stage: its model above, its box, its table below, and the way out."""
    x, middle = LEFT + STEP * number, LEFT + STEP * number + BOX / 2
    parts = [
        f"<rect x='{x}' y='{TOP}' width='{BOX}' height='{TALL}' rx='8' fill='{theme.box}' stroke='{theme.edge}'/>",
        text(middle, TOP + 28, name, theme.ink, 18, weight=600),
        *(text(middle, TOP + 53 + 19 * i, line, theme.soft, 13) for i, line in enumerate(lines)),
        text(middle, TOP + TALL + 24, table, theme.ink, 13, family="ui-monospace, Menlo, Consolas, monospace"),
    ]
    if number:
        parts.append(arrow(x - STEP + BOX + 2, TOP + TALL / 2, x - 3, TOP + TALL / 2, theme.edge, "a"))
    if model:
        parts += [
            f"<rect x='{x + 14}' y='40' width='{BOX - 28}' height='32' rx='16' fill='{theme.model}'"
            f" stroke='{theme.model_edge}'/>",
            text(middle, 61, model, theme.ink, 14),
            arrow(middle, 73, middle, TOP - 3, theme.model_edge, "m"),
        ]
    if rejects:
        parts.append(arrow(middle, TOP + TALL + 34, middle, TOP + TALL + 80, theme.reject, "r"))
    return parts


def text(x: float, y: float, words: str, colour: str, size: int, anchor: str = "middle", **more: object) -> str:
    """A line of text."""
    weight = f" font-weight='{more['weight']}'" if "weight" in more else ""
    family = f" font-family='{more['family']}'" if "family" in more else ""
    style = f"fill='{colour}' font-size='{size}' text-anchor='{anchor}'{weight}{family}"
    return f"<text x='{x}' y='{y}' {style}>{words}</text>"


def arrow(x1: float, y1: float, x2: float, y2: float, colour: str, head: str) -> str:
    """A straight arrow."""
    line = f"x1='{x1}' y1='{y1}' x2='{x2}' y2='{y2}'"
    return f"<line {line} stroke='{colour}' stroke-width='1.6' marker-end='url(#{head})'/>"


def arrow_head(name: str, colour: str) -> str:
    """A marker to end arrows with."""
    shape = f"<path d='M0,0 L7,3.5 L0,7 z' fill='{colour}'/>"
    return f"<marker id='{name}' markerWidth='8' markerHeight='8' refX='6' refY='3.5' orient='auto'>{shape}</marker>"


if __name__ == "__main__":
    main()
