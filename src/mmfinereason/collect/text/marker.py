"""The image marker in its one canonical form: `<image>`, once, at the very start, with the question right behind it.

That is how nearly all published rows look, and what trainers demand: as many markers as images, over the whole
conversation. Sources write it before, behind or amid the question, numbered, or as a Markdown or HTML image.
"""

from __future__ import annotations

import re

IMAGE_MARKER = "<image>"

_PLAIN = re.compile(r"<image>", re.IGNORECASE)
_NUMBERED = re.compile(r"<image[ _-]?(\d{1,2})>", re.IGNORECASE)
_MARKDOWN = re.compile(r"!\[[^\[\]\n]*\]\(\s*([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)[^()\n]*\)")
_HTML = re.compile(r"<img\b[^<>]*?(?:src\s*=\s*[\"']?([^\"'<>\s]+))?[^<>]*>", re.IGNORECASE)
_TOKENS = re.compile(r"<\|vision_start\|>|<\|image_pad\|>|<\|vision_end\|>|<ImageHere>", re.IGNORECASE)


def count_images(text: str) -> int:
    """How many different images the text refers to by markers; a numbered one counts once however often it is named."""
    kinds = (len(_PLAIN.findall(text)), len(set(_NUMBERED.findall(text))), len(set(_MARKDOWN.findall(text))))
    return max(*kinds, len(set(_HTML.findall(text))))


def canonical_marker(text: str) -> str:
    """Exactly one marker, in front of the question."""
    return IMAGE_MARKER + without_marker(text)


def without_marker(text: str) -> str:
    """The question alone. Repeated numbered markers become words, for a sentence may lean on them."""
    names: set[str] = set()

    def once(match: re.Match[str]) -> str:
        again = match[1] in names
        names.add(match[1])
        return "the image" if again else ""

    bare = _PLAIN.sub("", _NUMBERED.sub(once, text))
    return _HTML.sub("", _MARKDOWN.sub("", _TOKENS.sub("", bare))).strip()
