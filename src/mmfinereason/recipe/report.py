"""Settings of the report: how much of it shows single rows, and whether the paper stands beside the run."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mmfinereason.recipe.base import Operational, Settings


class ReportSettings(Settings):
    """The page that shows a run."""

    examples: Annotated[int, Operational] = Field(default=3, ge=0, le=20)
    """Rows shown for each source and for each reason to leave."""
    published: Annotated[bool, Operational] = True
    """Show the published dataset's figures beside the run's."""
