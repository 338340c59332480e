"""Which language a question is in, without a model and without a download.

Scripts decide nearly everything. Among languages in Latin letters, the little words do: `el`, `des`, `und`. A text that
shows none of them ("Find x.", "$a=3$, $b=?$") counts as English: calling an English row foreign loses it or pays for a
translation, while a foreign row that slips through is still read by the cleaner model or the judge.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

_SCRIPTS = re.compile(
    r"(?P<han>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])|(?P<ja>[\u3041-\u30ff])|(?P<ko>[\uac00-\ud7a3])"
    r"|(?P<ru>[\u0400-\u04ff])|(?P<ar>[\u0600-\u06ff])|(?P<he>[\u05d0-\u05ea])|(?P<hi>[\u0900-\u097f])"
    r"|(?P<bn>[\u0980-\u09ff])|(?P<th>[\u0e01-\u0e4e])|(?P<el>(?<=[\u03ac-\u03cf])[\u03ac-\u03cf](?=[\u03ac-\u03cf]))"
)
_CJK = re.compile(r"[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]")
_MATH = re.compile(r"\$[^$]*\$|\\\(.*?\\\)|\\\[.*?\\\]|\\[a-zA-Z]+|`[^`]*`|\d\s*[a-z]{1,3}\b", re.DOTALL)
_WORDS = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

_LITTLE_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the of and to in is are was what which how many find if that this for with from on at by be it as has "
        "have following given shown below above each its between there their does do will would can and when where "
        "who why not or than then than into",
        "es": "el los las una del que en es son cuál cuáles qué cuánto cuántos cómo y por para con se su sus como más "
        "siguiente figura según entre al lo está están tiene donde",
        "fr": "le les des une du que est sont quel quelle quels quelles combien et pour par avec dans sur au aux ce "
        "cette qui il elle figure suivant ou où à l'aire d'un d'une n'est qu'est",
        "de": "der die das den dem des ein eine einer eines und ist sind wie welche welcher welches was für mit von zu "
        "auf im nicht viele wird werden oder folgende",
        "pt": "os das dos uma que em é são qual quais quanto quantos como e por para com se na no ao à não figura "
        "seguinte entre está tem o",
        "it": "il lo gli le della delle dei degli una che è sono quale quali quanto quanti come e per con nel nella "
        "di da figura seguente non",
        "nl": "het een van en is zijn welke wat hoe hoeveel voor met op aan niet de dat wordt",
        "vi": "của là và có trong cho được một các những với hình nào bao nhiêu tính tìm biết",
        "id": "yang dan di dari pada adalah berapa untuk dengan ini itu apa gambar sebuah nilai tentukan jika",
        "tr": "ve bir bu için kaç nedir hangi ile olan aşağıdaki değil göre kadar",
        "pl": "i w na jest się jaki jakie jaka ile do nie z oraz dla figura które który",
    }.items()
}

_ENGLISH = _LITTLE_WORDS["en"]
_FOREIGN: Mapping[str, tuple[str, ...]] = {
    word: tuple(language for language, words in _LITTLE_WORDS.items() if language != "en" and word in words)
    for word in frozenset().union(*_LITTLE_WORDS.values())
    if any(word in words for language, words in _LITTLE_WORDS.items() if language != "en")
}


def detect(text: str) -> str:
    """ISO 639-1 code of the language most of the prose is in; `en` where nothing speaks against it."""
    prose = _MATH.sub(" ", text)
    words = _WORDS.findall(prose.lower())
    english = sum(word in _ENGLISH for word in words)
    return (None if prose.isascii() else _by_script(prose, english)) or _by_little_words(words, english)


def has_cjk(text: str) -> bool:
    """Whether full-width punctuation in the text is at home there."""
    return _CJK.search(text) is not None


def _by_script(prose: str, english: int) -> str | None:
    """A foreign script wins when its characters clearly outnumber the English little words.

    Three to one: a Chinese question wrapped in an English template stays Chinese, while an English question that quotes
    a sign stays English. Three characters at least, for `中` in a question about a picture proves nothing.
    """
    counts: dict[str, int] = {}
    for match in _SCRIPTS.finditer(prose):
        script = str(match.lastgroup)
        counts[script] = counts.get(script, 0) + 1
    if sum(counts.values()) < 3 or sum(counts.values()) <= 3 * english:
        return None
    if "ja" in counts and counts["ja"] * 10 >= counts.get("han", 0):
        return "ja"
    winner = max(counts, key=lambda script: counts[script])
    return "zh" if winner == "han" else winner


def _by_little_words(words: list[str], english: int) -> str:
    """A Latin-script language needs three little words (not necessarily different) and twice the English ones."""
    scores = Counter(language for word in words if word in _FOREIGN for language in _FOREIGN[word])
    best, score = scores.most_common(1)[0] if scores else ("en", 0)
    return best if score >= 3 and score > 2 * english else "en"
