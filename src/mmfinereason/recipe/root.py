"""The whole recipe: one section a stage."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mmfinereason.recipe.ablate import AblateSettings
from mmfinereason.recipe.base import Operational, Place, Settings
from mmfinereason.recipe.collect import CollectSettings, ExecuteSettings
from mmfinereason.recipe.distill import CaptionSettings, DistillSettings
from mmfinereason.recipe.evaluate import EvaluateSettings
from mmfinereason.recipe.export import ExportSettings
from mmfinereason.recipe.models import ModelsSettings
from mmfinereason.recipe.report import ReportSettings
from mmfinereason.recipe.select import ProbeSettings, SelectSettings, VerifySettings
from mmfinereason.recipe.sources import SourceSettings
from mmfinereason.recipe.train import TrainSettings


class Recipe(Settings):
    """Every setting of a run."""

    name: str = Field(min_length=1, pattern=r"^[\w.-]+$")
    """Name of the run; its folder is `runs/<name>` unless `run` says otherwise."""
    run: Annotated[Place | None, Operational] = None
    """Where the run folder lives: a path, or a URL such as `s3://bucket/runs/name`."""
    seed: int = 0
    """Seed of everything that is drawn."""
    sources: list[SourceSettings] = []
    """Where rows come from, in the order in which duplicates are decided. A recipe that only evaluates needs none."""
    collect: CollectSettings = CollectSettings()
    """Stage 1: raw rows to canonical samples."""
    models: ModelsSettings = ModelsSettings()
    """The models of the run, by role."""
    caption: CaptionSettings = CaptionSettings()
    """Stage 2: dense captions."""
    distill: DistillSettings = DistillSettings()
    """Stage 2: reasoning traces."""
    export: ExportSettings = ExportSettings()
    """Files for the hub and for trainers."""
    verify: VerifySettings = VerifySettings()
    """Stage 3: is the answer right?"""
    probe: ProbeSettings = ProbeSettings()
    """Stage 3: how hard is the row?"""
    select: SelectSettings = SelectSettings()
    """Stage 3: named subsets."""
    train: TrainSettings = TrainSettings()
    """Models trained on the exports."""
    evaluate: EvaluateSettings = EvaluateSettings()
    """Trained models on benchmarks."""
    ablate: AblateSettings = AblateSettings()
    """A grid of trainings on parts of the data."""
    report: ReportSettings = ReportSettings()
    """The page that shows the run."""
    execute: ExecuteSettings = ExecuteSettings()
    """Where and how wide the work runs."""

    @property
    def run_url(self) -> str:
        return self.run or f"runs/{self.name}"
