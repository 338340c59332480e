"""The most memory that this process and all below it held at one time, shared pages counted once.

Read from Linux's /proc; elsewhere nothing is known, and nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from os import getpid
from pathlib import Path
from threading import Event, Thread

PROC = Path("/proc")
EVERY = 1.0
"""Seconds between two looks."""


class Peak:
    """The largest sum seen so far, in bytes; None before the first look, and where there is no /proc."""

    def __init__(self) -> None:
        self.bytes: int | None = None

    def look(self) -> None:
        """Sum up the processes of this moment."""
        if held := sum(map(_held, _family(getpid()))):
            self.bytes = max(self.bytes or 0, held)


@contextmanager
def watched() -> Iterator[Peak]:
    """Look again and again until the block ends."""
    peak, over = Peak(), Event()

    def watch() -> None:
        while not over.wait(EVERY):
            peak.look()

    thread = Thread(target=watch, name="mmfr-memory", daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        over.set()
        thread.join()
        peak.look()


def _family(root: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for path in PROC.glob("[0-9]*/stat"):
        if said := _read(path):
            parent = int(said.rpartition(")")[2].split()[1])  # the name before it may hold spaces and brackets
            children.setdefault(parent, []).append(int(path.parent.name))
    found = [root]
    for one in found:
        found += children.get(one, [])
    return found


def _held(process: int) -> int:
    """Bytes of a process, a page that n processes share counted as one n-th; 0 once it has ended."""
    lines = (line.split() for line in _read(PROC / str(process) / "smaps_rollup").splitlines())
    return sum(int(words[1]) * 1024 for words in lines if words[0] == "Pss:")


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return ""  # it ended between two looks, or belongs to somebody else
