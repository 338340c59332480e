"""Imports point one way: the core knows no stage, stages know no other stage, only the pipeline and the commands do."""

import ast
from pathlib import Path

import pytest

import mmfinereason

ROOT = Path(mmfinereason.__file__).parent
STAGES = {"collect", "distill", "select", "export", "train", "evaluate", "report", "viewer", "inspect"}
FREE = {"pipeline", "planning", "ablate", "api", "benchmark_files", "overlap", "cli", "lab", "__init__"}
CORE = {"schema", "errors", "recipe", "store", "execute", "answers", "models", "trace", "images", "context"}
FILES = sorted(ROOT.rglob("*.py"))


def home(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported(path):
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        yield from (name.split(".")[1] for name in names if name.startswith("mmfinereason."))


def test_every_folder_has_its_place():
    assert {home(path) for path in FILES} <= STAGES | FREE | CORE


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_one_way(path):
    here, there = home(path), set(imported(path))
    if here in CORE:
        assert not there & (STAGES | {"pipeline", "cli"}), "the core imports a stage"
    if here in STAGES:
        assert not there & (STAGES - {here}), "a stage imports another stage"
        assert not there & {"pipeline", "cli"}


@pytest.mark.parametrize("path", [p for p in FILES if home(p) == "answers"], ids=lambda path: path.name)
def test_answers_needs_neither_tables_nor_a_network(path):
    text = path.read_text()
    for heavy in ("pyarrow", "aiohttp", "pydantic", "duckdb"):
        assert f"import {heavy}" not in text and f"from {heavy}" not in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_says_why_it_is_there(path):
    assert ast.get_docstring(ast.parse(path.read_text())) or not path.read_text().strip()
