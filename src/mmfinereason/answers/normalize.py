"""One spelling for everything that is written in several ways.

`clean` removes what carries no meaning (LaTeX and Markdown wrappers, invisible characters, quotes, a final full stop)
and gives each remaining thing one form: `π` for `\\pi`, `<=` for `≤`, `^(2)` for `²`, `\\frac{a}{b}` for all fractions.
It never joins or drops characters that could matter: `2²` becomes `2^(2)`, never `22`.
"""

from __future__ import annotations

import re
from functools import lru_cache

MAX_CHARS = 2_000
"""Longer answers are compared only as exact text: nobody writes a final answer of 2,000 characters."""

_PLAIN = re.compile(r"-?\d+(?:\.\d+)?|[A-Za-z]+")
_INVISIBLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")

_GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "vartheta": "θ", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π", "rho": "ρ", "sigma": "σ", "tau": "τ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Sigma": "Σ", "Phi": "Φ", "Psi": "Ψ",
    "Omega": "Ω",
}  # fmt: skip

_COMMANDS = _GREEK | {
    "dfrac": "\\frac", "tfrac": "\\frac", "cfrac": "\\frac", "le": "<=", "leq": "<=", "leqslant": "<=",
    "ge": ">=", "geq": ">=", "geqslant": ">=", "ne": "!=", "neq": "!=", "lt": "<", "gt": ">", "approx": "≈",
    "simeq": "≈", "times": "*", "cdot": "*", "ast": "*", "div": "/", "infty": "∞", "cup": "∪", "cap": "∩",
    "in": "∈", "pm": "±", "circ": "°", "degree": "°", "angle": "∠", "triangle": "△", "colon": ":", "to": "→",
    "rightarrow": "→", "lbrace": "⦃", "rbrace": "⦄", "emptyset": "∅", "varnothing": "∅", "mid": "|", "vert": "|",
    "lvert": "|", "rvert": "|", "ldots": "...", "dots": "...", "cdots": "...", "euro": "€", "pounds": "£",
    "left": "", "right": "", "big": "", "Big": "", "bigg": "", "Bigg": "", "displaystyle": "", "limits": "",
    "quad": " ; ", "qquad": " ; ", "newline": " ; ", "arcsin": "\\asin", "arccos": "\\acos", "arctan": "\\atan",
    "ohm": "Ω", "percent": "%", "perp": "⊥", "parallel": "∥", "cong": "≅", "sim": "~", "land": "∧", "lor": "∨",
}  # fmt: skip

_CHARS = str.maketrans(
    {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    | {
        ord(char): value
        for chars, value in {
            "−–—‒‑﹣": "-", "×∗⋅·∙•": "*", "÷∕⁄": "/", "≤≦⩽": "<=", "≥≧⩾": ">=", "≠": "!=", "￥": "¥",
            "“”„«»": '"', "‘’ʼ`": "'", "º˚": "°", "µ": "μ", "、，": ", ", "；": ";", "：": ":", "。": ".",
            "\u00a0\u2002\u2003\u2009\u202f\u3000\t\r\n": " ", "℃": "°C", "℉": "°F", "∣": "|", "∶": ":", "√": "\\sqrt ",
            "½": " 1/2", "⅓": " 1/3", "⅔": " 2/3", "¼": " 1/4", "¾": " 3/4", "⅕": " 1/5", "⅖": " 2/5",
            "⅗": " 3/5", "⅘": " 4/5", "⅙": " 1/6", "⅚": " 5/6", "⅛": " 1/8", "⅜": " 3/8", "⅝": " 5/8", "⅞": " 7/8",
            "Ω": "Ω", "ϕ": "φ", "ϵ": "ε", "【": "[", "】": "]", "～": "~",
        }.items()
        for char in chars
    }
)  # fmt: skip

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ]+")
_LOWERED = re.compile("[₀₁₂₃₄₅₆₇₈₉]+")
_WORDY = r"\\(?:text(?:bf|it|rm|sf|tt|normal)?|mathrm|mathbf|mathit|mathsf|mbox|operatorname\*?|bm|boldsymbol|bold|rm)"
_TEXT = re.compile(_WORDY + r"\s*\{([^{}]*)\}")
_BOXED = re.compile(r"\\f?box(?:ed)?\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}")
_COMMAND = re.compile(r"\\([A-Za-z]+)\s?")
_TIGHT_FRACTION = re.compile(r"\\frac\s*(\d|[a-zA-Zπ])\s*(\d|[a-zA-Zπ])")
_HALF_FRACTION = re.compile(r"\\frac\s*(?:(\d)\s*(\{)|(\{[^{}]*\})\s*(\d))")
_DEGREES = re.compile(r"\^\s*(?:\{\s*°\s*\}|\(\s*°\s*\)|°)")
_ROOT_SIGN = re.compile(r"\\sqrt\s+(\d+(?:\.\d+)?|[A-Za-zπ])")
_ROOT_GROUP = re.compile(r"\\sqrt\s*\(([^()]*)\)")
_MARKDOWN = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_GAPS = re.compile(r"(?<=\S)(?: {3,}| ?\\\\ ?)(?=\S)")
_SPACES = re.compile(r"\s+")
_QUOTES = {('"', '"'), ("'", "'")}


def clean(text: str) -> str:
    """`text` in its one spelling; never longer work than linear in `MAX_CHARS`."""
    if len(text) > MAX_CHARS:
        return _strip_ends(_SPACES.sub(" ", _INVISIBLE.sub("", text)))
    if _PLAIN.fullmatch(text):
        return text
    return _clean(text)


@lru_cache(maxsize=8_192)
def _clean(text: str) -> str:
    text = _INVISIBLE.sub("", text)
    if "*" in text or "_" in text:
        text = _MARKDOWN.sub(r"\2", text)
    text = text.replace("{,}", ",")
    text = text.translate(_CHARS)
    text = _GAPS.sub(" ; ", text.strip())
    if not text.isascii():
        text = _RAISED.sub(lambda m: f"^({m[0].translate(_SUPERSCRIPTS)})", text)
        text = _LOWERED.sub(lambda m: f"_{{{m[0].translate(_SUBSCRIPTS)}}}", text)
    text = _latex(text)
    return _strip_ends(_SPACES.sub(" ", text))


def _latex(text: str) -> str:
    if "\\" not in text and "$" not in text:
        return _DEGREES.sub("°", text) if "°" in text else text
    text = _currency_and_math_signs(text)
    for _ in range(4):
        text, boxes = _BOXED.subn(r"\1", text)
        text, words = _TEXT.subn(r" \1 ", text)
        if not boxes + words:
            break
    text = re.sub(r"\\[,;:! ]|\\(?=\s)|~", " ", text).replace("{,}", ",")
    text = text.replace("\\%", "%").replace("\\{", "⦃").replace("\\}", "⦄").replace("\\&", "&").replace("\\_", "_")
    text = _COMMAND.sub(_command, text)
    text = _TIGHT_FRACTION.sub(r"\\frac{\1}{\2}", text)
    text = _HALF_FRACTION.sub(lambda m: f"\\frac{{{m[1]}}}{m[2]}" if m[1] else f"\\frac{m[3]}{{{m[4]}}}", text)
    text = _ROOT_SIGN.sub(r"\\sqrt{\1}", text)
    text = _ROOT_GROUP.sub(r"\\sqrt{\1}", text)
    return _DEGREES.sub("°", text)


def _command(match: re.Match[str]) -> str:
    name = match[1]
    if name in _COMMANDS:
        return _COMMANDS[name]
    return match[0]


def _currency_and_math_signs(text: str) -> str:
    """Drop `$` as a delimiter of mathematics, keep it (as `$`) where it is money: `\\$5`, or a lone `$5`."""
    text = text.replace("\\$", "\ue000")
    text = re.sub(r"\\[()\[\]]", "", text)
    if text.count("$") % 2 == 1 and re.search(r"\$\s?\d", text):
        text = re.sub(r"\$(?=\s?\d)", "\ue000", text, count=1)
    return text.replace("$", "").replace("\ue000", "$")


def _strip_ends(text: str) -> str:
    for _ in range(3):
        text = text.strip().rstrip(".,;。")
        if len(text) > 2 and (text[0], text[-1]) in _QUOTES and text[0] not in text[1:-1]:
            text = text[1:-1]
    return text.strip()


_ARTICLE = re.compile(r"^(?:the|an?|its|it is|it's|they are)\s+(?=\w)", re.IGNORECASE)
_TRIM = re.compile(r"[\"`]|(?<=\w)\.(?=\s|$)")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_GENOTYPE = re.compile(r"(?:([A-Za-z])(?i:\1))+")


@lru_cache(maxsize=8_192)
def phrase(text: str) -> str:
    """A word answer for comparison: lower case, no leading article, no quotes, hyphens as spaces.

    Genotypes (`AaBb`) keep their case: there it is the meaning.
    """
    words = _HYPHEN.sub(" ", _TRIM.sub("", text)).split()
    folded = " ".join(word if _GENOTYPE.fullmatch(word) else word.casefold() for word in words)
    return _ARTICLE.sub("", folded).strip(" .,;:")
