"""One error type for each boundary that can fail.

A bad row is data and never reaches this module: it becomes a reject. What is raised here ends a run, so each message
is a sentence a user can act on, and `next_step` is the command or the edit that mends it.
"""

from __future__ import annotations


class MmfrError(Exception):
    """Base of all errors a user may see: a sentence, and what to do next."""

    def __init__(self, message: str, next_step: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message}\n  next: {self.next_step}" if self.next_step else self.message


class RecipeError(MmfrError):
    """A recipe that cannot be used; carries every problem found, not only the first."""

    def __init__(self, problems: list[str], next_step: str | None = None) -> None:
        super().__init__("\n".join(problems), next_step)
        self.problems = problems


class SourceError(MmfrError):
    """A source that cannot be opened or read at all."""


class StoreError(MmfrError):
    """A run folder or table that is missing, of another version, or was made with other settings."""


class SettingsChanged(StoreError):
    """A table in the run was made with other settings than the recipe now asks for."""

    def __init__(self, stage: str, changed: list[str], next_step: str) -> None:
        keys = ", ".join(changed)
        super().__init__(f"stage {stage!r} of this run was made with other settings: {keys}", next_step)
        self.stage = stage
        self.changed = changed


class WorkerError(MmfrError):
    """Shards that could not be finished although their workers were restarted."""


class EndpointError(MmfrError):
    """No model endpoint of a role can be used."""


class BudgetReached(MmfrError):
    """A budget of dollars, tokens or requests is spent; the run stops cleanly and can be resumed."""


class ExportError(MmfrError):
    """An export that breaks a rule of the trainer it is made for."""


class TrainError(MmfrError):
    """A training that cannot be set up, or a framework that is missing, refuses its settings, or fails."""
