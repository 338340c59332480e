from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mmfinereason.cli.app import app
from mmfinereason.cli.distill import role_overrides
from mmfinereason.lab.launch import start
from mmfinereason.recipe.lab import LabOptions
from mmfinereason.schema import Stage
from mmfinereason.store import Run

RECIPE = """
name: t
run: {run}
sources:
  - use: puzzles
    puzzles: {{count: 12, families: [clock_reading]}}
execute: {{workers: 0}}
models:
  teacher: {{model: simulated-teacher, endpoints: [{{url: "{url}"}}], max_tokens: 4000}}
  captioner: {{model: simulated-captioner, endpoints: [{{url: "{url}"}}]}}
distill: {{retry: {{truncated: 0}}}}
"""


def test_a_role_may_stand_without_its_section() -> None:
    given = ["teacher.max_tokens=9", "models.judge.model=x", "distill.candidates=2"]
    assert role_overrides(given) == ["models.teacher.max_tokens=9", "models.judge.model=x", "distill.candidates=2"]
    assert role_overrides(None) == []


def test_distill_redo_and_caption_from_the_command_line(tmp_path: Path) -> None:
    recipe, run = tmp_path / "recipe.yaml", tmp_path / "run"

    def mmfr(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == code, result.output
        return result.output

    recipe.write_text(RECIPE.format(run=json.dumps(str(run)), url="http://127.0.0.1:9/v1"))
    mmfr("collect", str(recipe))
    with start("simulated", [run / "samples"], LabOptions(truncated=0.4)) as server:
        recipe.write_text(RECIPE.format(run=json.dumps(str(run)), url=server.url))
        assert "good traces, from" in mmfr("distill", str(recipe))
        before = (run / "recipe.yaml").read_text()
        table = Run(str(run)).table(Stage.DISTILL)
        truncated = table.rejects(0).num_rows
        assert truncated > 0
        mmfr("distill", str(recipe), "--redo", "truncated", "--set", "teacher.max_tokens=8000")
        again = [row for row in table.read(0).to_pylist() if row["attempt"] == 1]
        assert len(again) == truncated and {row["max_tokens"] for row in again} == {8000}
        assert (run / "recipe.yaml").read_text() == before
        mmfr("distill", str(recipe))
        assert "did you mean 'truncated'" in mmfr("distill", str(recipe), "--redo", "truncatd", code=2)
        assert "rows have a good caption" in mmfr("caption", str(recipe))


@pytest.mark.parametrize("command", ["distill", "caption"])
def test_the_samples_must_be_there(tmp_path: Path, command: str) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(RECIPE.format(run=json.dumps(str(tmp_path / "run")), url="http://127.0.0.1:9/v1"))
    result = CliRunner().invoke(app, [command, str(recipe)])
    assert result.exit_code == 2
    assert "samples" in result.output and "mmfr collect" in result.output
