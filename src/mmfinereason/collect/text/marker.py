"""The image marker in its one canonical form: `<image>`, once, at the very start, with the question right behind it.

That is how nearly all published rows look, and what trainers demand: as many markers as images, over the whole
conversation. Sources write it before, behind or amid the question, numbered, or as a Markdown or HTML image.
"""

from __future__ import annotations

import re

IMAGE_MARKER = "<image>"

_PLAIN = re.compile(r"<image>|<ImageHere>|<\|image_pad\|>", re.IGNORECASE)
_NUMBERED = re.compile(r"<image[ _-]?(\d{1,2})>", re.IGNORECASE)
_MARKDOWN = re.compile(r"!\[[^\[\]\n]*\]\([^()\n]*(?:\([^()\n]*\)[^()\n]*)*\)")
_HTML = re.compile(r"<img\s[^<>]*>", re.IGNORECASE)
_FRAME = re.compile(r"<\|vision_(?:start|end)\|>")
_ANY = re.compile(
    "|".join(f"(?:{kind.pattern})" for kind in (_PLAIN, _NUMBERED, _MARKDOWN, _HTML, _FRAME)), re.IGNORECASE
)
_ON_OWN_LINE = re.compile(rf"^[ \t]*(?P<marker>{_ANY.pattern})[ \t]*\n+", re.IGNORECASE | re.MULTILINE)
_IN_SENTENCE = re.compile(rf"(?P<before>[ \t]*)(?P<marker>{_ANY.pattern})(?P<after>[ \t]*)", re.IGNORECASE)


def count_images(text: str) -> int:
    """How many different images the text refers to by markers; a numbered one counts once however often it is named."""
    numbered, markdown, tags = (len(set(kind.findall(text))) for kind in (_NUMBERED, _MARKDOWN, _HTML))
    return max(len(_PLAIN.findall(text)), numbered, markdown, tags)


def image_marker(text: str) -> str:
    """Exactly one marker, in front of the question."""
    return IMAGE_MARKER + without_marker(text)


def without_marker(text: str) -> str:
    """The question alone. A numbered marker named again becomes words, for the sentence may lean on it."""
    while _ANY.search(text):  # taking one out may bring another together
        text = _take_out(text)
    return text.strip()


def _take_out(text: str) -> str:
    named: set[str] = set()

    def named_before(marker: str) -> bool:
        number = _NUMBERED.fullmatch(marker)
        if number is None:
            return False
        again = number[1] in named
        named.add(number[1])
        return again

    def from_line(match: re.Match[str]) -> str:
        named_before(match["marker"])
        return ""

    def from_sentence(match: re.Match[str]) -> str:
        if named_before(match["marker"]):
            return f"{match['before']}the image{match['after']}"
        return match["before"] and match["after"] and " "

    return _IN_SENTENCE.sub(from_sentence, _ON_OWN_LINE.sub(from_line, text))
