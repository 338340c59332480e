"""What came along from the page or the exercise book: links, watermarks, numbers, scores, doubled punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mmfinereason.collect.text.shield import shielded

_URL = r"(?:https?://|www\.)[A-Za-z0-9][A-Za-z0-9\-._~:/?#\[\]@!$&'*+,;=%]*[A-Za-z0-9/#=]"
_SOURCE_LINE = re.compile(
    rf"^[ \t]*(?:\w+ )?(?:source|credit|from|via|link|url|reference|来源|链接)s?[ \t]*[:：]"
    rf"[ \t]*\(?{_URL}\)?[.]?[ \t]*$\n?",
    re.IGNORECASE | re.MULTILINE,
)
_MARKDOWN_LINK = re.compile(rf"(?<!!)\[([^\[\]\n]+)\]\(\s*(?:{_URL})?(?:\([^()\s]*\))?\s*(?:\"[^\"\n]*\")?\)")
_ANCHOR = re.compile(r"<a\s+[^<>]*href[^<>]*>([^<>]*)</a>", re.IGNORECASE)
_BARE_URL = re.compile(
    rf"[ \t]*(?:[(<（]\s*(?:(?:see|source|from|via|link|visit|more at|available at)\s*:?\s*)?{_URL}\s*[)>）]|{_URL})",
    re.IGNORECASE,
)

_WATERMARKS = re.compile(
    r"[\[【（(]?\s*(?:来源|出处)\s*[:：]\s*(?:学科网|学,科,网|菁优网|Zxxk\.?Com|Z\.?xx\.?k\.?Com|[\w.]*\.com)[^\]】）)\n]{0,20}[\]】）)]"
    r"|(?:学科网|学\.科\.网|菁优网|组卷网|中学学科网|高考资源网)(?:\(?[ ]?(?:www\.)?[\w.]+\.com\)?)?(?:版权所有)?"
    r"|\b(?:zxxk|jyeoo|ks5u)\.com\b"
    r"|^[ \t]*(?:copyright[ \t]*)?(?:©|\(c\)|copyright)[ \t]*(?:by[ \t]*)?(?:19|20)\d\d\b[^\n]{0,80}$"
    r"|\ball rights reserved\b\.?"
    r"|^[ \t]*(?:downloaded from|scanned (?:by|with)|created with|powered by)\b[^\n]{0,60}$",
    re.IGNORECASE | re.MULTILINE,
)
_LETTER = r"[A-Z\u4e00-\u9fff\U000f0000-\U000fffff]"
_NUMBER = re.compile(
    r"\A\s*(?:"
    rf"(?i:question|problem|exercise|example)\s*(?i:no\.?)?\s*(?P<named>\d{{1,3}})\s*(?:[:.)：．、]|\s(?={_LETTER}))"
    r"|[Qq](?:ues)?\.?\s?(?P<short>\d{1,3})\s*[:.)：．、]"
    r"|(?:第\s*\d{1,3}\s*题|[【\[]例\s*\d{0,3}[】\]]|例\s*\d{1,3})\s*[:：.．、]?"
    rf"|(?P<plain>\d{{1,3}})\s*(?:[、．]|[.)](?=\s|{_LETTER}))"
    r")\s*"
)
_UNIT = r"(?:分|points?|marks?|pts?\.?|scores?)"
_SCORE = (
    rf"[(\[（【]\s*(?:(?:本?小?题|共|满分|每[小空]题?|worth)\s*)*\d{{1,3}}(?:\.5)?\s*{_UNIT}(?:\s*each)?\s*[)\]）】]"
)
_SCORE_IN_FRONT = re.compile(rf"\A\s*(?:\(\d{{1,3}}\)\s*)?{_SCORE}\s*[.:：、]?\s*", re.IGNORECASE)
_END = r"\s*(?=\Z|\n\s*\(?A[.):])"
_SCORE_AT_END = re.compile(rf"(?:(?<=[.?!。？！])\s*{_SCORE}|\s*{_SCORE.replace('points?|', '')}){_END}", re.IGNORECASE)
"""After the question, that is at the end of the text or right before its options."""

_RUN = re.compile(r"(?<=[^\W\d_]{2})(?:[.?!？！]{2,}|(?: [.?!]){3,})(?=\s|\Z)|(?<=[\w)\]])[?!]{4,}(?=\s|\Z)")
_DOUBLED = re.compile(r"(?<=[^\W\d_])(,){2,}(?=\s)|(，){2,}|(。){2}(?!。)|(、){2,}|(；){2,}")
_TASK = re.compile(
    r"\b(?:what|which|how|find|calculate|compute|determine|work out|name|give|count|add|solve|identify)\b[^\n]*\Z",
    re.IGNORECASE,
)


@shielded
def links(text: str) -> str:
    """Web addresses go, the words of a link stay; a line that only names where the text comes from goes whole."""
    if "](" not in text and "://" not in text and "www." not in text.lower() and "href" not in text:
        return text
    text = _SOURCE_LINE.sub("", text)
    return _BARE_URL.sub("", _ANCHOR.sub(r"\1", _MARKDOWN_LINK.sub(r"\1", text)))


def watermark(text: str, phrases: Iterable[str] = ()) -> str:
    """Marks of exercise sites and copyright lines, and the recipe's own `phrases`."""
    return _strip_marks(text, "|".join(re.escape(phrase) for phrase in phrases if phrase.strip()))


def _strip_marks(text: str, phrases: str) -> str:
    def strip(prose: str) -> str:
        prose = _WATERMARKS.sub("", prose)
        return re.sub(phrases, "", prose, flags=re.IGNORECASE) if phrases else prose

    return shielded(strip)(text)


@shielded
def question_number(text: str) -> str:
    """The question's number in its exercise book. "1. … 2. …" is a list and stays, as does any number with a sequel."""
    match = _NUMBER.match(text)
    if match is None or not text[match.end() :].strip():
        return text
    number = match["plain"] or match["short"] or match["named"]
    if number and re.search(rf"(?<![\w.]){int(number) + 1}\s*[:.)、．：](?!\d)", text[match.end() :]):
        return text
    return text[match.end() :]


@shielded
def score(text: str) -> str:
    """What the question counts in the exam, in front or at the end; "(3 points)" only where no sentence leans on it."""
    rest = _SCORE_AT_END.sub("", _SCORE_IN_FRONT.sub("", text))
    return rest if rest.strip() else text


@shielded
def repeated_punctuation(text: str) -> str:
    """`???` to `?` after a word. Ellipses, dotted blanks, `n!!` and a lone `??` mean something and stay."""

    def single(match: re.Match[str]) -> str:
        run = match[0].replace(" ", "")
        if run in ("...", "!!", "?!", "!?") and " " not in match[0]:
            return match[0]
        if set(run) == {"."} and len(run) > 2 and not _TASK.search(text[: match.start()]):
            return match[0]  # "Plants make food by......" has a blank there
        return next((sign for sign in "?？" if sign in run), run[0])

    return _DOUBLED.sub(lambda match: match[0][0], _RUN.sub(single, text))
