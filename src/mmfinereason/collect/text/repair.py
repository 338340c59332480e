"""Broken characters: encoding, invisible characters, HTML remnants.

ftfy does the hard part, with those of its repairs switched off that are matters of taste (curly quotes) or change what
is not broken: full-width punctuation belongs into Chinese text, and only a Latin text is freed of it.
"""

from __future__ import annotations

import html
import re

from mmfinereason.collect.language import has_cjk
from mmfinereason.collect.text.shield import code_shielded, shielded

_ODD_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_LINE_ENDS = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufe00-\ufe0e\ufeff\ufff9-\ufffc]"
)

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,10});")
_ATTRIBUTES = r"(?:\s+[a-zA-Z:-]+\s*=\s*(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>]+))*\s*"
_COMMENT = re.compile(r"<!--.{0,2000}?-->", re.DOTALL)
_BREAK = re.compile(rf"<br{_ATTRIBUTES}/?>|</p>|</div>|</li>|</h[1-6]>", re.IGNORECASE)
_BLANK = re.compile(rf"<u{_ATTRIBUTES}>[\s_]*</u>", re.IGNORECASE)
_RAISED = re.compile(rf"<(su[bp]){_ATTRIBUTES}>([^<>\n]{{1,80}})</\1>", re.IGNORECASE)
_PAIR = re.compile(rf"<([bisu]|em|strong|font|span|center|small|big|mark){_ATTRIBUTES}>([^<>]*)</\1>", re.IGNORECASE)
_TAG = re.compile(rf"</?(?:p|div|span|font|center|ul|ol|li|strong|em|h[1-6]|body|html){_ATTRIBUTES}/?>", re.IGNORECASE)


def unicode(text: str) -> str:
    """Mojibake, lone surrogates, line ends and odd spaces; NFC; full-width letters where the text is not Chinese."""
    if text.isascii():
        return _LINE_ENDS.sub("\n", text)
    import ftfy

    config = ftfy.TextFixerConfig(
        unescape_html=False,
        uncurl_quotes=False,
        fix_character_width=not has_cjk(text),
        remove_terminal_escapes=False,
        remove_control_chars=False,
        explain=False,
    )
    return _ODD_SPACES.sub(" ", _LINE_ENDS.sub("\n", ftfy.fix_text(text, config)))


def control_characters(text: str) -> str:
    """What nobody can see: control characters, zero-width spaces, byte-order marks, direction marks, soft hyphens."""
    return _INVISIBLE.sub("", text)


@code_shielded
def html_entities(text: str) -> str:
    """`&lt;` to `<`; in formulas too, for there a browser would have shown the sign as well."""
    return _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text


@shielded
def html_tags(text: str) -> str:
    """Line breaks, emphasis and containers; `x<sup>2</sup>` keeps its meaning, tables stay, and `a<b` is no tag."""
    if "<" not in text:
        return text
    text = _BLANK.sub("____", _BREAK.sub("\n", _COMMENT.sub("", text)))
    text = _RAISED.sub(_raise, text)
    while (unwrapped := _PAIR.sub(r"\2", text)) != text:
        text = unwrapped
    return _TAG.sub("", text)


def _raise(match: re.Match[str]) -> str:
    sign = "^" if match[1].lower() == "sup" else "_"
    return sign + (match[2] if len(match[2]) == 1 else f"{{{match[2]}}}")
