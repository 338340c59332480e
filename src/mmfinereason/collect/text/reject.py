"""Questions that no cleaning saves. Precision comes first: a good question rejected is a lost row.

Each rule returns a detail, or None. A task is rejected for what it asks only if it asks for nothing else besides, so
"Draw the height. How long is it?" stays. A question that looks incomplete ("Find x.") may be complete with its image.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from mmfinereason.collect.text.marker import count_images, without_marker
from mmfinereason.schema import Reason

_WORD_CHARACTER = re.compile(r"[^\W_]|[√∠△▽□○∑∫∞≤≥≠±÷×]")
_START = r"(?:\A|(?<=[.!?:;\n。！？：；)）])\s*)(?:\(?[a-z0-9ivx]{1,3}[.)]\s*)?(?:please\s+|now\s+|then\s+|first,?\s+)?"
_ASKS = re.compile(
    r"[?？]|\b(?:what|which|how many|how much|find|calculate|compute|determine|evaluate|solve|prove|show that|explain"
    r"|why|identify|name|give|state|list|estimate|compare|choose|select|describe the|interpret|predict|classify)\b",
    re.IGNORECASE,
)
_OPTIONS = re.compile(r"(?:^|[\s(\[])[(]?A[.):、．]\s?\S.*?(?:^|[\s;(\[])[(]?B[.):、．]", re.DOTALL)
_DETERMINER = r"(?:a|an|the|in|on|each|your|this|these|its|all|another|one|two|three|any)\b"
_DRAW = re.compile(
    rf"{_START}(?:(?:use|using)\s+(?:a\s+)?(?:ruler|compass|pencil|straightedge)[^.?!\n]{{0,40}}?\b(?:to\s+)?)?"
    rf"(?:complete\s+(?:the|your)\s+(?:drawing|sketch)\b|(?:draw|sketch|doodle|paint|colou?r(?:\s+in)?|shade(?:\s+in)?|plot|graph)\s+{_DETERMINER})",
    re.IGNORECASE,
)
_DRAW_ZH = re.compile(r"(?:请|试|在)[^。？?]{0,30}(?:画出|作出|绘制|涂色|涂上)")
_ASKS_ZH = re.compile(r"[?？]|求|多少|几|什么|哪|是否|判断|计算|证明|说明|（\s*）|\(\s*\)|_{2,}")
_LANGUAGES = r"(?:python|java|javascript|typescript|c\+\+|c#|matlab|html|css|sql|latex|tikz|svg|matplotlib|verilog|r)"
_CODE = re.compile(
    rf"{_START}(?:write|create|generate|implement|develop|provide|produce|give)\s+(?:me\s+)?(?:a|an|the|some)?\s*"
    rf"(?:(?:short|simple|complete|corresponding|full)\s+)*"
    rf"(?:{_LANGUAGES}(?:\s+and\s+{_LANGUAGES})?\s+(?:code|program|script|function|class|snippet|page|implementation)\b"
    rf"|(?:function|class|method|script|program|code)\s+in\s+{_LANGUAGES}(?!\w)"
    rf"|(?:code|source code|computer program|script|program)\b(?!\s+(?:name|of|rule)))",
    re.IGNORECASE,
)
_SMALL_TALK = re.compile(
    r"(?:hi|hello|hey|thanks?(?: you)?(?: so much| very much)?|ok(?:ay)?|test|todo|none|null|nan|n/?a|undefined"
    r"|no question|as shown(?: in the (?:figure|image|picture|diagram))?(?: (?:above|below))?"
    r"|see (?:the )?(?:image|figure|picture|diagram)|(?:the )?(?:image|figure|picture|diagram)(?: \d+)?"
    r"|如图(?:所示)?)[.!。]*",
    re.IGNORECASE,
)
_ANSWER_ONLY = re.compile(
    r"(?:the\s+)?(?:correct\s+|final\s+|right\s+)?(?:answer|option|choice)\s*(?:is|:|：)\s*\(?[A-Z0-9]\)?[.]?",
    re.IGNORECASE,
)
_STATEMENTS = re.compile(
    r"(?:\s*(?:the|this|that|these|those|it|there|an?|in|on|at|we|i|you|he|she|they|my|our|his|her|their|its)\s[^.]+\.)+",
    re.IGNORECASE,
)
_TASK_WORD = re.compile(
    r"[?？:：=_]|\.\.\.|…|\(\s*\)|\d|\\|\$|\b(?:what|which|who|whose|when|where|why|how|whether|if|then|let|suppose|given|value|"
    r"find|calculat|comput|determin|evaluat|solv|prov|show|explain|identif|name|giv|stat|list|estimat|compar|cho|select|"
    r"describ|interpret|predict|classif|complet|fill|match|arrang|measur|count|express|simplif|factor|writ|use|using|tell|"
    r"justif|divid|order|sort|convert|round|read|look|refer|consider|verif|check|deriv|obtain|answer|draw|label|mark|"
    r"circle|tick|discuss|analy|outline|summar|defin|provid|present|formulat|deduc|infer|construct|design|suggest|apply|"
    r"perform|carry|help|need|guess|decid|pick|assign|rank|trac|detect|locat|point|record|report|work|translat|expand|"
    r"search|recogni|distinguish|differentiat|integrat|reason|think|imagin|draft|plan|make|move|place|put|replac|"
    r"represent|specif|figure out|comment|assess|conclud|examin|investigat|observe|question|problem|puzzle|task)",
    re.IGNORECASE,
)
_CUT_MARK = re.compile(r"(?:\[\.{3}\]|[\[(<](?:truncated|cut off|omitted)[\])>]|<\|?end\|?>)\s*\Z", re.IGNORECASE)
_OPEN_MATH = re.compile(r"\\\((?!.*\\\))|\\\[(?!.*\\\])|\\begin\{(\w+\*?)\}(?!.*\\end\{\1\})", re.DOTALL)
_DANGLING = re.compile(
    r",\s+(?:and|or|but)\Z|\s(?:and|or)\Z"
    r"|(?:\A|[.?!:;\n])\s*(?:please\s+)?(?:what|which|how|where|when|who|why|find|calculate|compute|determine|evaluate|use"
    r"|solve|work\s+out|give|name|count|identify|read|look)\b[^.?!\n]*\s(?:the|an|their)\Z",
    re.IGNORECASE,
)


def empty(text: str) -> str | None:
    return None if _WORD_CHARACTER.search(text) else "nothing is left but the image"


def not_a_question(text: str) -> str | None:
    """Small talk, placeholders, bare answers, and statements in which nothing at all hints at a task."""
    if _SMALL_TALK.fullmatch(text) or _ANSWER_ONLY.fullmatch(text):
        return f"says only {text!r}"
    told = text.isascii() and len(text.split()) >= 5 and _STATEMENTS.fullmatch(text)
    if told and not _TASK_WORD.search(text):
        return "a statement that asks for nothing"
    return None


def drawing_task(text: str) -> str | None:
    found = None if _ASKS.search(text) or _OPTIONS.search(text) else _DRAW.search(text)
    if found is None and not _ASKS_ZH.search(text):
        found = _DRAW_ZH.search(text)
    return f"asks for a drawing: {found[0].strip()!r}" if found else None


def coding_task(text: str) -> str | None:
    found = None if "?" in text or _OPTIONS.search(text) else _CODE.search(text)
    return f"asks for a program: {found[0].strip()!r}" if found else None


def cut_off(text: str) -> str | None:
    """Only what cannot be meant: a stem may end in "is called the", a sequence in "...", but no formula stays open."""
    found = _CUT_MARK.search(text) or _OPEN_MATH.search(text) or _DANGLING.search(text)
    formula = text.rpartition("$")[2] if text.count("$") % 2 else ""
    if found or ("\\" in formula and formula.count("{") > formula.count("}")):
        return f"breaks off: …{text[-60:]!r}"
    return None


REJECTIONS: dict[Reason, Callable[[str], str | None]] = {
    Reason.EMPTY_QUESTION: empty,
    Reason.DRAWING_TASK: drawing_task,
    Reason.CODING_TASK: coding_task,
    Reason.CUT_OFF: cut_off,
    Reason.NOT_A_QUESTION: not_a_question,
}
"""The order is the order of asking: the first detail decides."""


def rejection(original: str, cleaned: str) -> tuple[Reason, str] | None:
    """Why this question cannot be used; `cleaned` may start with the marker."""
    images = count_images(original)
    if images > 1:
        return Reason.MULTI_IMAGE, f"{images} image markers in the question"
    bare = without_marker(cleaned)
    for reason, rule in REJECTIONS.items():
        detail = rule(bare)
        if detail is not None:
            return reason, detail
    return None
