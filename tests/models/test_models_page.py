"""docs/models.md shows every setting of the roles, in excerpts that a recipe takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from mmfinereason.recipe import parse
from mmfinereason.recipe.distill import CaptionSettings, DistillSettings, ScreenSettings, TraceRetrySettings
from mmfinereason.recipe.lab import FaultSettings
from mmfinereason.recipe.models import (
    BudgetSettings,
    EndpointSettings,
    LabSettings,
    ModelsSettings,
    RetrySettings,
    RoleSettings,
)

PAGE = (Path(__file__).parents[2] / "docs" / "models.md").read_text()
EXCERPTS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
BARE = {"name": "shown", "sources": [{"use": "puzzles"}]}


@pytest.mark.parametrize("excerpt", EXCERPTS)
def test_an_excerpt_is_taken(excerpt):
    values = BARE | yaml.safe_load(excerpt)
    for role in values.get("models", {}).values():
        if isinstance(role, dict) and "model" in role and "endpoints" not in role:
            role["endpoints"] = [{"url": "http://localhost:8000/v1"}]
    parse(yaml.safe_dump(values))


def keys(value):
    if isinstance(value, dict):
        return set(value).union(*(keys(one) for one in value.values()))
    return set().union(*(keys(one) for one in value)) if isinstance(value, list) else set()


@pytest.mark.parametrize(
    "settings",
    [
        RoleSettings, EndpointSettings, RetrySettings, BudgetSettings, LabSettings, FaultSettings, DistillSettings,
        ScreenSettings, TraceRetrySettings, CaptionSettings,
    ],
)  # fmt: skip
def test_every_setting_is_shown_in_an_excerpt(settings):
    shown = set().union(*(keys(yaml.safe_load(excerpt)) for excerpt in EXCERPTS))
    assert set(settings.model_fields) <= shown


def test_every_role_is_told():
    for name in ModelsSettings.model_fields:
        assert f"`{name}`" in PAGE or name == "budget"
