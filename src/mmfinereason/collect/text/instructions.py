"""Instructions that ask for a shallow answer, rewritten into ones that ask for reasoning.

Whole sentences only: a sentence is rewritten when nothing is left of it but the instruction, so that no question loses
a condition. The new sentence is the one the published rows carry.
"""

from __future__ import annotations

import re

from mmfinereason.collect.text.shield import shielded

REASONING = "Please provide a clear reasoning process before giving the final answer."
REASONING_LETTER = "Please provide a clear reasoning process before giving the letter of the correct option."

_SMALL = (
    r"(?:single|one|short|brief|very|extremely|quick|concise|direct|simple|succinct|few|and|or|words?|phrases?"
    r"|number|numeral|digit|letter|term|sentence|couple|of)"
)
_SMALLS = rf"(?!(?:number|numeral|digit|letter|term)\b){_SMALL}(?:[\s,-]+{_SMALL})*"
_ONLY = r"(?:only|just|simply|directly|alone)"
_PLAIN = r"(?:the|your|a|an|final|correct|right|best|exact|short|direct)"
_ANSWER = r"(?:answer|response|reply|result|solution|option|choice|letter|number|value|word)"
_LETTER = (
    r"(?:(?:correct|right|option|answer|choice|corresponding|capital)(?:['’]?s)?\s+)*"
    r"(?:letters?|options?(?:\s+letter)?)"
)
_TARGET = r"(?:\s+(?:to\s+)?(?:the|this|each|my|following|above|question|questions|problem|below)\b)*"
_TAIL = (
    r"(?:[\s,]+(?:only|directly|alone|please|and\s+nothing\s+else|from\s+the\s+(?:given|provided)\s+(?:choices|options)"
    r"|of\s+the\s+(?:correct|right|best)\s+(?:option|answer|choice)|(?:and\s+)?(?:no|without(?:\s+any)?)\s+(?:explanations?|explaining|reasoning|steps)))*"
)
_VERB = r"(?:answer|respond|reply)"
_GIVE = r"(?:give|provide|write|output|return|state|submit|show)(?:\s+me)?"
_WORK = (
    r"(?:explanations?|explain|reasoning|reasons?|justification|justify|rationale|steps?|work(?:ing)?|calculations?)"
)

_SHALLOW = re.compile(
    r"(?:please\s+|kindly\s+|now\s+)*(?:"
    rf"(?:{_ONLY}\s+)?{_VERB}{_TARGET}(?:\s+{_ONLY})?\s+(?:using|with|in|by|as)\s+(?:{_ONLY}\s+)?(?:(?:a|an|the)\s+)?{_SMALLS}{_TAIL}"
    rf"|(?:{_ONLY}\s+)?{_VERB}{_TARGET}(?:\s+{_ONLY})?\s+(?:with|by\s+giving|using)\s+(?:{_ONLY}\s+)?(?:(?:a|an|the)\s+)?{_LETTER}{_TAIL}"
    rf"|{_VERB}{_TARGET}(?:\s+{_ONLY})?\s+(?:with|by\s+giving)\s+{_ONLY}\s+(?:{_PLAIN}\s+)*{_ANSWER}{_TAIL}"
    rf"|{_VERB}{_TARGET}\s+(?:briefly|shortly|concisely|succinctly|quickly|directly|in\s+short)"
    rf"|(?:briefly|shortly|concisely|directly|quickly)\s+{_VERB}{_TARGET}"
    rf"|(?:{_ONLY}\s+{_GIVE}|{_GIVE}\s+{_ONLY})\s+(?:{_PLAIN}\s+)*(?:{_LETTER}|{_ANSWER}){_TAIL}"
    rf"|{_GIVE}\s+(?:a|an)\s+{_SMALLS}[\s-]+{_ANSWER}{_TARGET}"
    rf"|{_GIVE}\s+(?:{_PLAIN}\s+)*(?:{_LETTER}|{_ANSWER})\s+{_ONLY}"
    rf"|(?:your|the)\s+(?:answer|response|reply)\s+(?:should|must)\s+be\s+(?:as\s+)?(?:(?:a|an)\s+)?{_SMALLS}(?:\s+as\s+possible)?"
    rf"|(?:keep|make)\s+(?:it|your\s+\w+|the\s+(?:answer|response))\s+(?:as\s+)?{_SMALLS}(?:\s+as\s+possible)?"
    r"|be\s+(?:very\s+)?(?:brief|concise|succinct)"
    rf"|(?:do\s+not|don['’]t)\s+(?:(?:{_GIVE}|include|add)\s+)?(?:(?:any|your|an|the|further)\s+)*{_WORK}(?:\s+(?:your|the)\s+answer)?"
    rf"|(?:no|without(?:\s+any)?)\s+(?:further\s+)?{_WORK}(?:\s+(?:is|are))?(?:\s+(?:needed|required|necessary))?"
    rf"|{_ANSWER}\s+only|short\s+answer|one[\s-]word\s+answer"
    r")",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"[(\[（]([^()\[\]（）\n]+)[)\]）]|([^\s.!?。！？:：][^\n.!?。！？]*)([.!?。！？]|$)(?=\s|$)", re.MULTILINE
)
_ABOUT_LETTERS = re.compile(r"\b(?:letters?|options?|choices?)\b", re.IGNORECASE)
_ASKS_ALREADY = re.compile(r"step[\s-]by[\s-]step|reasoning process|show your (?:work|reasoning)", re.IGNORECASE)


@shielded
def shallow_instruction(text: str) -> str:
    """The first shallow instruction becomes a request for reasoning, further ones go."""
    asked = _ASKS_ALREADY.search(text) is not None

    def rewrite(match: re.Match[str]) -> str:
        nonlocal asked
        sentence = (match[1] or match[2]).strip().rstrip(".!。")
        if _SHALLOW.fullmatch(sentence) is None:
            return match[0]
        again, asked = asked, True
        if again:
            return ""
        return REASONING_LETTER if _ABOUT_LETTERS.search(sentence) else REASONING

    rewritten = _SENTENCE.sub(rewrite, text)
    return text if rewritten == text else rewritten.rstrip()
