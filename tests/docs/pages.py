"""What stands in the documentation: fenced blocks, commands, links."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
GENERATED = ("commands.md", "recipe-reference.md")

_FENCE = re.compile(r"^```(\S*) ?(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_COMMAND = re.compile(r"^(?:\$ )?(mmfr [^#\n]*)|`(mmfr [^`]*)`", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the file it is said to be, its text, and where it stands."""

    page: str
    line: int
    language: str
    file: str
    text: str

    def __str__(self):
        return f"{self.page}:{self.line}"


def blocks(page, language=None):
    text = page.read_text()
    for found in _FENCE.finditer(text):
        one = Block(page.name, text[: found.start()].count("\n") + 1, *found.groups())
        if language in (None, one.language):
            yield one


def commands(text):
    """Every `mmfr ...` as a list of words: lines of blocks that begin with it, and spans of code."""
    joined = text.replace("\\\n", " ")
    for found in _COMMAND.finditer(joined):
        line = (found[1] or found[2]).strip()
        yield shlex.split(re.split(r"\s{3,}", line)[0])
