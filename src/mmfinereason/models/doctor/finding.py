"""What an examination finds, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["fine", "note", "blocks"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found at one endpoint, and the recipe line or command that mends it, if anything must be mended."""

    check: str
    found: str
    level: Level = "fine"
    change: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All that was found about a model at an endpoint."""

    roles: tuple[str, ...]
    model: str
    url: str
    findings: tuple[Finding, ...]
    requests: int
    tokens: int

    @property
    def blocked(self) -> bool:
        """Whether a run must not start like this."""
        return any(one.level == "blocks" for one in self.findings)
