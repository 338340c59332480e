"""The life of a row as it is shown: titled sections of labelled lines."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a row's life; a line is a label and a text, which may have several lines."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Life:
    """All that a run knows of one row."""

    id: str
    summary: str
    """Where the row is, in one sentence."""
    sections: tuple[Section, ...]
