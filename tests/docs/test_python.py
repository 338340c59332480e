"""The Python front door: light to open, complete, typed, silent."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest
from PIL import Image

import mmfinereason as mm

PACKAGE = Path(mm.__file__)
HEAVY = {
    "pyarrow",
    "duckdb",
    "numpy",
    "PIL",
    "pydantic",
    "aiohttp",
    "matplotlib",
    "sympy",
    "fastapi",
    "torch",
    "typer",
    "email",
}


@pytest.fixture(scope="module")
def done(tutorial):
    """The tutorial's run and the recipe it was made with."""
    folder, _ = tutorial
    run = mm.open_run(str(folder / "runs" / "shapes"))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield run, mm.load("shapes.yaml")


def test_importing_the_package_loads_nothing_heavy():
    program = "import sys; import mmfinereason; print(*{name.split('.')[0] for name in sys.modules})"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert not HEAVY & set(loaded.split())


def test_every_public_name_exists_and_hides_no_module():
    for name in mm.__all__:
        assert getattr(mm, name) is not None
        assert importlib.util.find_spec(f"mmfinereason.{name}") is None, f"{name} is a module as well"


def test_type_checkers_see_the_same_names():
    tree = ast.parse(PACKAGE.read_text())
    guarded = next(node for node in tree.body if isinstance(node, ast.If))
    seen = {(alias.asname, node.module) for node in guarded.body for alias in node.names}
    assert seen == {(name, home) for home, names in mm._HOMES.items() for name in names}


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'colect'"):
        mm.colect  # noqa: B018


def test_a_finished_stage_gives_its_books_back_and_says_nothing(done, capfd):
    _, recipe = done
    assert mm.run_stage(recipe, "select").rows == 12
    assert mm.run_stage("shapes.yaml", "select").rows == 12
    assert {name: one.rows for name, one in mm.write_exports(recipe).items()}["dataset"]["full"] == 12
    assert capfd.readouterr() == ("", "")


def test_tables_open_as_arrow_duckdb_and_datasets(done, monkeypatch, tmp_path):
    run, _ = done
    rows = run.arrow("samples").count_rows()
    assert run.arrow("verdicts").to_table(columns=["id"]).num_rows == rows
    assert run.sql("SELECT count(*) FROM samples JOIN verdicts USING (id)").fetchall() == [(rows,)]
    assert isinstance(run.sql("FROM rejects").to_arrow_table(), pa.Table)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    loaded = run.datasets("samples")
    assert len(loaded) == rows
    assert isinstance(loaded[0]["image"], Image.Image)


def test_a_table_that_no_run_has_is_named(done):
    with pytest.raises(mm.MmfrError, match="no table 'trace'"):
        done[0].arrow("trace")


def test_a_run_gives_its_recipe_back(done):
    run, recipe = done
    assert run.recipe().models == recipe.models


def test_rows_are_explained_and_runs_compared(done):
    run, _ = done
    assert mm.explain(run, "q8").id == "shapes/q8"
    assert mm.diff(run, run.url).changes == ()
    assert [table.title.split(".")[0] for table in mm.tables(run)] == ["Table 5", "Table 6", "Table 7"]
    assert mm.suspects(run) == []
    assert [one.state for one in mm.status(run)] == ["done"] * 6


def test_a_stage_that_does_not_exist_is_named(done):
    with pytest.raises(mm.MmfrError, match="no stage 'distil'"):
        mm.run_stage(done[1], "distil")
