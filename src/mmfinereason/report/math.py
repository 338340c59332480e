"""Text from the data as safe HTML: everything escaped, formulas between `$...$` or `\\(...\\)` as MathML.

MathML is drawn by every current browser without a script, so the page opens offline. The converter passes on whatever
a formula holds (`\\href`, `\\style`, markup inside `\\text`), so only elements and attributes of a closed list are
written, and every text is escaped again. A formula that it does not understand stays as the source had it.
"""

from __future__ import annotations

import html
import re
from functools import cache, lru_cache
from xml.etree.ElementTree import Element

_MATH = re.compile(
    r"\$\$(?P<display>[^$]{1,2000}?)\$\$|\\\[(?P<bracket>.{1,2000}?)\\\]"
    r"|\\\((?P<paren>.{1,1000}?)\\\)|\$(?P<inline>[^$\n]{1,500}?)\$",
    re.DOTALL,
)
_MONEY = re.compile(r"\s*\d[\d,.]*[\s,.;)]")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Characters that HTML does not allow."""

_ELEMENTS = frozenset(
    {
        *("math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "ms", "mfrac", "msqrt", "mroot", "mstyle", "merror"),
        *("mpadded", "mphantom", "msub", "msup", "msubsup", "munder", "mover", "munderover", "mmultiscripts"),
        *("mprescripts", "none", "mtable", "mtr", "mtd", "menclose"),
    }
)
_ATTRIBUTES = frozenset(
    {
        *(
            "display",
            "displaystyle",
            "scriptlevel",
            "mathvariant",
            "stretchy",
            "fence",
            "form",
            "accent",
            "accentunder",
        ),
        *("separator", "symmetric", "largeop", "movablelimits", "minsize", "maxsize", "lspace", "rspace", "width"),
        *("height", "depth", "voffset", "linethickness", "columnalign", "rowspacing", "columnspacing", "rowlines"),
        *("columnlines", "notation"),
    }
)
_VALUE = re.compile(r"[\w .,%+-]{0,60}")


def to_html(text: str | None) -> str:
    """Escaped text with formulas as MathML; line breaks are kept for a style that shows them."""
    if not text:
        return ""
    text = CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    parts, end = [], 0
    for match in _MATH.finditer(text):
        parts.append(html.escape(text[end : match.start()]))
        parts.append(_formula(match))
        end = match.end()
    parts.append(html.escape(text[end:]))
    return "".join(parts)


def _formula(match: re.Match[str]) -> str:
    source = next(group for group in match.groups() if group is not None)
    block = match["display"] is not None or match["bracket"] is not None
    if match["inline"] is not None and _MONEY.match(source):
        return html.escape(match[0])  # "$5 and $7": prices, not a formula
    return _mathml(source.strip(), block) or html.escape(match[0])


@lru_cache(maxsize=4096)
def _mathml(source: str, block: bool) -> str | None:
    """MathML of a formula, or None when it cannot be converted."""
    from latex2mathml.converter import convert_to_element

    try:
        return _written(convert_to_element(source, display="block" if block else "inline"))
    except _broken():
        return None


@cache
def _broken() -> tuple[type[Exception], ...]:
    """What the converter raises on a broken formula: errors of its own, and Python's where it did not look."""
    from latex2mathml import exceptions

    own = [one for one in vars(exceptions).values() if isinstance(one, type) and issubclass(one, Exception)]
    return (*own, LookupError, ValueError, TypeError, AttributeError, RuntimeError, StopIteration)


def _written(element: Element) -> str:
    """An element as text, with nothing in it but what the lists above allow."""
    inner = _escaped(element.text) + "".join(_written(child) + _escaped(child.tail) for child in element)
    if element.tag not in _ELEMENTS:
        return inner
    if element.tag == "menclose":
        return f'<mrow class="boxed">{inner}</mrow>'  # browsers do not draw menclose
    allowed = {name: value for name, value in element.attrib.items() if name in _ATTRIBUTES and _VALUE.fullmatch(value)}
    attributes = "".join(f' {name}="{html.escape(value)}"' for name, value in allowed.items())
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>"


def _escaped(text: str | None) -> str:
    """The converter writes symbols as character references; those become characters, all else is escaped."""
    return html.escape(html.unescape(text)) if text else ""
