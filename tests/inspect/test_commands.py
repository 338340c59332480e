"""The commands print what the library found, and nothing of a user's mistake is a traceback."""

import pytest
from typer.testing import CliRunner

from mmfinereason.cli.app import app

from .conftest import make


@pytest.fixture
def mmfr():
    def run(*arguments):
        return CliRunner().invoke(app, [str(one) for one in arguments], env={"COLUMNS": "160", "NO_COLOR": "1"})

    return run


def test_explain_prints_one_screen(mmfr, run):
    shown = mmfr("explain", run.url, "2")
    assert shown.exit_code == 0
    assert "puzzles/2: in no subset: inconsistent" in shown.output
    assert "not consistent: different by number: 13 against 12" in shown.output
    assert len(shown.output.splitlines()) < 50


def test_an_unknown_row_is_a_sentence_with_a_hint(mmfr, run):
    shown = mmfr("explain", run.url, "puzles/1")
    assert shown.exit_code == 2
    assert "Traceback" not in shown.output
    assert "did you mean puzzles/1" in shown.output


def test_a_folder_that_is_no_run_is_a_sentence(mmfr, tmp_path):
    shown = mmfr("explain", tmp_path, "x")
    assert shown.exit_code == 2 and "is not a run folder" in shown.output


def test_diff_counts_and_lists(mmfr, run, tmp_path):
    other = make(str(tmp_path / "other"), verdict_of_2="equal")
    shown = mmfr("diff", run.url, other.url)
    assert shown.exit_code == 0
    assert "verdict: different by number → equal by number" in shown.output
    assert "puzzles/2 entered: nowhere → 1.8M, full" in shown.output
    assert "no row changed" in mmfr("diff", run.url, run.url).output


@pytest.mark.parametrize(
    ("format", "line"), [("text", "puzzles     3"), ("csv", "source,rows,probed"), ("markdown", "| source | rows |")]
)
def test_tables_come_in_three_formats(mmfr, run, format, line):
    shown = mmfr("tables", run.url, "--format", format)
    assert shown.exit_code == 0
    assert line in shown.output
