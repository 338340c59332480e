"""What is asked of the cleaner model, and how its reply is read: strictly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kept:
    """The model found nothing to mend."""


@dataclass(frozen=True, slots=True)
class Corrected:
    """The model mended the question."""

    error_type: str
    text: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """The model says that the row is no visual reasoning question."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """The reply follows none of the agreed forms."""

    detail: str


def parse(reply: str) -> Kept | Corrected | Dropped | Unclear:
    """Read the reply to the cleaning prompt."""
    raise NotImplementedError


def parse_extracted(reply: str) -> str | None:
    """Read the reply to the answer-extraction prompt; None where the model found no final answer."""
    raise NotImplementedError
