"""From a matplotlib figure to what the page and the folder hold: SVG in two widths inline, SVG and PNG as files.

Colours are drawn as fixed values and, in the page's own SVG, replaced by the page's variables, so that one drawing
serves the light and the dark theme. Text stays text: it can be searched and takes the page's font.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from xml.etree import ElementTree

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Subject = TypeVar("Subject")

COLOURS = {
    "ink": "#1b1f24",
    "muted": "#5c6570",
    "line": "#d9dce1",
    "page": "#ffffff",
    "blue": "#0072b2",
    "green": "#00795a",
    "orange": "#c65d00",
    "purple": "#a0457f",
    "sky": "#3f8fc4",
    "grey": "#8a939e",
}
"""As in `page.css`, light theme; dark values are there. After Okabe and Ito: told apart by every kind of eye."""

INK, MUTED, LINE, PAGE = (COLOURS[name] for name in ("ink", "muted", "line", "page"))
BLUE, GREEN, ORANGE, PURPLE, SKY, GREY = (
    COLOURS[name] for name in ("blue", "green", "orange", "purple", "sky", "grey")
)

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_FONT = re.compile(r"font(?:-family)?:[^;]*")


@dataclass(frozen=True, slots=True)
class Layout:
    """What a drawing has to fit: pixels, and text sizes in them."""

    width: float
    narrow: bool
    text: float
    small: float


WIDE = Layout(1000, narrow=False, text=13, small=11.5)
NARROW = Layout(350, narrow=True, text=11, small=9.5)


@dataclass(frozen=True)
class Spec(Generic[Subject]):
    """A figure of some subject: its name and explanation, whether there is data for it, and how it is drawn."""

    name: str
    title: str
    note: Callable[[Subject], str]
    wanted: Callable[[Subject], bool]
    draw: Callable[[Subject, Layout], Figure]


@dataclass(frozen=True, slots=True)
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


def drawn(spec: Spec[Subject], subject: Subject) -> Drawn:
    """Draw a figure in both widths."""
    with styled(WIDE, spec.name):
        figure = spec.draw(subject, WIDE)
        svg, png = _saved(figure, "svg", spec.title), _saved(figure, "png", spec.title)
    with styled(NARROW, spec.name):
        narrow = _saved(spec.draw(subject, NARROW), "svg", spec.title)
    return Drawn(
        name=spec.name,
        title=spec.title,
        note=spec.note(subject),
        wide=inline(svg, f"{spec.name}-w", spec.title),
        narrow=inline(narrow, f"{spec.name}-n", spec.title),
        svg=svg,
        png=png,
    )


def canvas(layout: Layout, height: float) -> Figure:
    """An empty figure of the layout's width and a height in pixels."""
    from matplotlib.figure import Figure

    return Figure(figsize=(layout.width / 72, height / 72), dpi=72, layout="constrained")


@contextmanager
def styled(layout: Layout, name: str) -> Iterator[None]:
    import matplotlib as mpl

    look: dict[str, Any] = {
        "font.family": "sans-serif",
        "font.sans-serif": ["DejaVu Sans"],
        "font.size": layout.text,
        "axes.titlesize": layout.text,
        "axes.labelsize": layout.small,
        "xtick.labelsize": layout.small,
        "ytick.labelsize": layout.text,
        "legend.fontsize": layout.small,
        "legend.frameon": False,
        "text.color": INK,
        "text.parse_math": False,
        "axes.edgecolor": LINE,
        "axes.labelcolor": MUTED,
        "axes.facecolor": "none",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "axes.axisbelow": True,
        "figure.facecolor": PAGE,
        "grid.color": LINE,
        "grid.linewidth": 0.8,
        "xtick.color": LINE,
        "xtick.labelcolor": MUTED,
        "ytick.color": LINE,
        "ytick.labelcolor": INK,
        "ytick.left": False,
        "svg.fonttype": "none",
        "svg.hashsalt": name,
    }
    with mpl.rc_context(look), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        yield


def _saved(figure: Figure, kind: str, title: str) -> bytes:
    buffer = io.BytesIO()
    metadata = {"Date": None, "Title": title} if kind == "svg" else {"Title": title}
    figure.savefig(buffer, format=kind, dpi=72 if kind == "svg" else 144, metadata=metadata)
    return buffer.getvalue()


def inline(svg: bytes, prefix: str, title: str) -> str:
    """An SVG file as a part of a page: the page's colours and font, no name that another figure could also use."""
    root = ElementTree.fromstring(svg)
    links = [one.get(_LINK, "") + (one.get("clip-path") or "") for one in root.iter()]
    used = set(re.findall(r"#([\w-]+)", " ".join(links)))
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{_SVG}metadata", f"{_SVG}title", f"{_SVG}style"):
                parent.remove(child)
    for element in root.iter():
        _adapt(element, used, prefix)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.attrib |= {"role": "img", "aria-label": title}
    text = ElementTree.tostring(root, encoding="unicode", default_namespace=None)
    return text.replace("ns0:", "").replace(":ns0=", "=")


def _adapt(element: ElementTree.Element, used: set[str], prefix: str) -> None:
    if (name := element.get("id")) is not None:
        if name in used:
            element.set("id", f"{prefix}-{name}")
        else:
            del element.attrib["id"]
    if (link := element.attrib.pop(_LINK, None)) is not None:
        element.set("href", link.replace("#", f"#{prefix}-"))
    if (clip := element.get("clip-path")) is not None:
        element.set("clip-path", clip.replace("#", f"#{prefix}-"))
    if (style := element.get("style")) is not None:
        element.set("style", _themed(style))


def _themed(style: str) -> str:
    size = re.search(r"font:[^;]*?([\d.]+)px", style)
    style = _FONT.sub(f"font-size: {size[1]}px" if size else "", style)
    for name, value in COLOURS.items():
        style = style.replace(value, f"var(--{name})")
    return style
