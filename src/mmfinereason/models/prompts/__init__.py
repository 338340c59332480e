"""Prompts: files with `{{placeholders}}`, rendered strictly and so that foreign text in them stays text.

Whatever comes from a row stands between two tags that carry a nonce made from the values themselves: a question cannot
close its own block, and tags that a chat template or our own parsers act on are written in square brackets. A prompt is
known by its name and hash, stored with every reply; a changed prompt therefore never meets an old reply.

`{{question|bare}}` puts in the value alone, for models that were trained on bare questions: its tags are harmless all
the same, but it has no block to stay in.
"""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from mmfinereason.answers import parse_options
from mmfinereason.errors import RecipeError
from mmfinereason.trace.tags import inert

_NAMED = r"\{\{\s*(\w+)\s*(?:\|\s*([^{}]*?)\s*)?\}\}"
_PLACEHOLDER = re.compile(_NAMED)
_LONE_PLACEHOLDER = re.compile(rf"^[ \t]*{_NAMED}[ \t]*\n{{0,2}}", re.MULTILINE)

BARE = "bare"
"""The one filter of a placeholder: the value without its block."""

_MARKER = re.compile(r"\A\s*(?:<image>\s*)+")


@dataclass(frozen=True, slots=True)
class Kind:
    """What prompts of one purpose may say: `required` placeholders, and those left out when a row has no value."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()


_JUDGING = Kind(frozenset({"question", "reference", "answer"}), frozenset({"options"}))

KINDS: dict[str, Kind] = {
    "clean": Kind(frozenset({"question"})),
    "extract_answer": Kind(frozenset({"question", "solution"}), frozenset({"options"})),
    "caption": Kind(frozenset()),
    "distill": Kind(frozenset({"question"}), frozenset({"options"})),
    "verify": _JUDGING,
    "compass_verify": _JUDGING,
    "answer": Kind(frozenset({"question"}), frozenset({"options"})),
    "reminder": Kind(frozenset()),
}
"""The purposes. A recipe's own prompt file names one of them and gets the same values as the built-in prompt."""

BUILT_IN: dict[str, str] = {**{kind: kind for kind in KINDS}, "distill_instruct": "distill", "question": "answer"}
"""Prompts that come with the package, and the purpose of each."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt with a row's values in it."""

    text: str
    prompt: str
    """Name and hash of the prompt, `distill@1a2b3c4d`."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt whose placeholders were checked against its purpose."""

    name: str
    text: str
    kind: str

    @property
    def hash(self) -> str:
        """First 8 hex digits of the SHA-256 of the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:8]

    @property
    def placeholders(self) -> frozenset[str]:
        return frozenset(name for name, _ in _PLACEHOLDER.findall(self.text))

    @property
    def bare(self) -> frozenset[str]:
        """Values that stand without their block somewhere."""
        return frozenset(name for name, filter in _PLACEHOLDER.findall(self.text) if filter == BARE)

    @property
    def label(self) -> str:
        return f"{self.name}@{self.hash}"

    def render(self, **values: str | None) -> Rendered:
        """The prompt with every value in a block of its own, or bare where the prompt says so.

        Raises ValueError when a value is missing or one is given that prompts of this purpose do not know.
        """
        kind = KINDS[self.kind]
        present = {name: _as_text(value) for name, value in values.items() if value is not None}
        missing = kind.required - present.keys()
        unknown = values.keys() - kind.required - kind.optional
        if missing or unknown:
            raise ValueError(f"prompt {self.label}: missing values {sorted(missing)}, unknown values {sorted(unknown)}")
        nonce = _nonce(present)

        def put(match: re.Match[str]) -> str:
            name, filter = match[1], match[2]
            if name not in present:
                return ""
            if filter == BARE:
                return present[name].strip()
            return f"<{name}-{nonce}>\n{present[name]}\n</{name}-{nonce}>"

        absent = self.placeholders - present.keys()
        text = _LONE_PLACEHOLDER.sub(lambda match: "" if match[1] in absent else match[0], self.text)
        return Rendered(_PLACEHOLDER.sub(put, text).strip(), self.label)


def load(name_or_path: str | Path, kind: str | None = None) -> Prompt:
    """A built-in prompt by name, or a recipe's own file for the purpose `kind`.

    Raises RecipeError when there is no such prompt or its placeholders are not those of its purpose.
    """
    name = str(name_or_path)
    if name in BUILT_IN:
        text = resources.files(__name__).joinpath(f"{name}.md").read_text(encoding="utf-8")
        return _checked(Prompt(name, text.strip(), BUILT_IN[name]), kind)
    path = Path(name)
    if not path.is_file():
        close = difflib.get_close_matches(name, BUILT_IN, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"built in are {', '.join(sorted(BUILT_IN))}"
        raise RecipeError([f"prompt {name!r} is neither built in nor a file"], hint)
    if kind is None:
        raise RecipeError([f"prompt file {name}: its purpose is not known"], f"purposes are {', '.join(sorted(KINDS))}")
    return _checked(Prompt(path.stem, path.read_text(encoding="utf-8").strip(), kind), kind)


def options_text(options: list[str] | tuple[str, ...], question: str) -> str | None:
    """Options as lettered lines when the question does not list them itself, else None."""
    if not options or [*map(_squeeze, parse_options(question))] == [*map(_squeeze, options)]:
        return None
    return "\n".join(f"{_letter(index)}. {option}" for index, option in enumerate(options))


def _checked(prompt: Prompt, kind: str | None) -> Prompt:
    if kind is not None and KINDS[kind] != KINDS[prompt.kind]:
        raise RecipeError([f"prompt {prompt.name!r} is written for {prompt.kind!r}, not for {kind!r}"])
    wanted = KINDS[prompt.kind]
    problems = [
        f"prompt {prompt.name!r} lacks the placeholder {{{{{name}}}}}"
        for name in sorted(wanted.required - prompt.placeholders)
    ]
    known = sorted(wanted.required | wanted.optional)
    for name in sorted(prompt.placeholders - wanted.required - wanted.optional):
        offer = f"it may use {', '.join(f'{{{{{one}}}}}' for one in known)}" if known else "it takes none"
        problems.append(f"prompt {prompt.name!r} has the unknown placeholder {{{{{name}}}}}: {offer}")
    for name, filter in _PLACEHOLDER.findall(prompt.text):
        if filter not in ("", BARE):
            whole = f"{{{{{name}|{filter}}}}}"
            problems.append(
                f"prompt {prompt.name!r} has the unknown filter {filter!r} in {whole}: the only one is {BARE}"
            )
    if problems:
        raise RecipeError(problems, "mend the prompt file")
    return prompt


def _as_text(value: str) -> str:
    """A value as a model should read it: without the marker of its image in front, its tags harmless."""
    return inert(_MARKER.sub("", value))


def _nonce(values: dict[str, str]) -> str:
    """Eight hex digits that occur in none of the values, the same for the same values."""
    digest = hashlib.sha256()
    for name, value in sorted(values.items()):
        digest.update(f"{name}\0{value}\0".encode("utf-8", "surrogatepass"))
    while any(digest.hexdigest()[:8] in value for value in values.values()):
        digest.update(b"\0")
    return digest.hexdigest()[:8]


def _squeeze(text: str) -> str:
    return "".join(text.split()).lower()


def _letter(index: int) -> str:
    return chr(ord("A") + index) if index < 26 else str(index + 1)
