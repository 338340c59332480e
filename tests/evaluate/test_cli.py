import pytest
from typer.testing import CliRunner

from mmfinereason.cli.app import app


@pytest.fixture
def recipe(tmp_path, recipe_text):
    path = tmp_path / "recipe.yaml"
    path.write_text(recipe_text)
    return str(path)


def mmfr(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_evaluate_then_compare(tmp_path, recipe):
    done = mmfr("evaluate", recipe, "--by")
    assert done.exit_code == 0, done.output
    assert "75.0 [" in done.output and "geometry_angles" in done.output
    shown = mmfr("compare", tmp_path / "run/evaluations/student", "--markdown", tmp_path / "c.md")
    assert shown.exit_code == 0, shown.output
    assert "75.0 [" in shown.output
    assert (tmp_path / "c.md").read_text().startswith("Accuracy in %")


def test_a_missing_benchmark_file_is_a_sentence(tmp_path, recipe, monkeypatch):
    monkeypatch.setenv("LMUData", str(tmp_path))
    done = mmfr("evaluate", recipe, "--benchmark", "MMStar")
    assert done.exit_code == 2
    assert "MMStar.tsv is not at" in done.output and "download" in done.output


def test_an_unknown_model_is_a_sentence(recipe):
    done = mmfr("evaluate", recipe, "--model", "stduent")
    assert done.exit_code == 2
    assert "the recipe has student" in done.output


def test_the_registry_can_be_listed():
    done = mmfr("benchmarks")
    assert done.exit_code == 0
    assert "MMMU_DEV_VAL.tsv" in done.output
