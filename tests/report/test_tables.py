"""The paper's tables for a run: counted by hand here, beside the published figures."""

import csv
import io

import pytest

from mmfinereason.report.grid import Column, Grid
from mmfinereason.report.paper_sources import paper_sources
from mmfinereason.report.tables import run_tables
from mmfinereason.schema import TABLES, Reason, Stage
from mmfinereason.store import Plan, Reject, Run


def put(run, stage, rows, rejects=()):
    table, plan = run.table(stage), Plan(stage.command, {}, {})
    table.begin(plan, "")
    table.write(0, [dict.fromkeys(TABLES[stage].names) | row for row in rows], rejects)
    table.finish(plan)


@pytest.fixture
def run(tmp_path):
    run = Run(str(tmp_path / "run"))
    run.save_recipe("name: demo\n")
    ids = [f"BMMR/{n}" for n in range(4)] + ["own/1", "own/2"]
    domains = {"BMMR": "Science", "own": "General/OCR"}
    samples = [{"id": id, "source": (source := id.split("/")[0]), "domain": domains[source]} for id in ids]
    put(run, Stage.COLLECT, samples, [Reject("BMMR/9", Reason.BAD_IMAGE, "broken", "BMMR")])

    def trace(id, status="ok", tokens=100, **values):
        return {"id": id, "candidate": 0, "attempt": 0, "last": True, "status": status, "tokens": tokens} | values

    put(
        run,
        Stage.DISTILL,
        [
            trace("BMMR/0", tokens=100),
            trace("BMMR/1", tokens=300),
            trace("BMMR/2", "template"),
            trace("BMMR/3", "repetition", last=False),
            trace("BMMR/3", "too_short", attempt=1),
            trace("own/1", "truncated"),
            trace("own/1", "ok", tokens=70, candidate=1),
            trace("own/2", "timeout"),
        ],
    )

    def verdict(id, consistent, candidate=0):
        return {"id": id, "candidate": candidate, "chosen": True, "is_consistent": consistent}

    put(run, Stage.VERIFY, [verdict("BMMR/0", True), verdict("BMMR/1", False), verdict("own/1", True, 1)])
    rates = [{"id": "BMMR/0", "pass_rate": 0.5}, {"id": "BMMR/1", "pass_rate": 0.0}, {"id": "own/1"}]
    put(run, Stage.PROBE, rates)
    return run


def figures(grid):
    return {row[0]: tuple(row[1:]) for row in grid.rows}


def test_table_5_counts_consistent_rows(run):
    table = figures(run_tables(run)[0])
    assert table["BMMR"][:4] == ("Science", 1, 0.5, 100)
    assert table["own"] == ("General/OCR", 1, 0.5, 70, None, None)
    assert table["total"][1:4] == (2, 1.0, 85)
    assert table["BMMR"][4:] == (54_600, pytest.approx(0.0308, abs=1e-4))


def test_table_6_follows_rows_through_the_filters(run):
    table = figures(run_tables(run)[1])
    assert table["BMMR"] == (5, 4, 1, 1, 0, 0, 2, 400, 84_252, 67, 3_819, 80_366, 380_074_912)
    assert table["own"][:8] == (2, 2, 0, 0, 0, 1, 1, 70)
    assert table["total"][:8] == (7, 6, 1, 1, 0, 1, 3, 470)


def test_table_7_has_pass_rates_and_consistency(run):
    table = figures(run_tables(run)[2])
    assert table["BMMR"] == (2, 2, 0.25, 0.25, 1, 0.5, 0.5272, 0.5, 56_543, pytest.approx(0.7036, abs=1e-4))
    assert table["own"] == (1, 0, None, None, 1, 1.0, None, None, None, None)
    assert table["total"][:6] == (3, 2, 0.25, 0.25, 2, pytest.approx(2 / 3))


def test_a_run_without_rows_has_tables_with_a_total_of_nothing(tmp_path):
    for grid in run_tables(Run(str(tmp_path))):
        assert [row[0] for row in grid.rows] == ["total"]


def test_the_papers_figures_add_up_to_its_totals():
    sources = paper_sources().values()
    assert len(sources) == 22
    sums = [
        sum(getattr(one, name) for one in sources)
        for name in ("original", "too_short", "template", "rows", "tokens", "consistent")
    ]
    assert sums == [2_372_420, 1_806, 84_484, 2_286_130, 8_785_423_669, 1_810_887]


GRID = Grid("Small", [Column("source"), Column("rows", ","), Column("mean", ".2f")], [["a|b", 1234, None]], "A note.")


def test_text_lines_up():
    assert GRID.text() == "Small\nsource   rows  mean\na|b     1,234\nA note."


def test_csv_keeps_the_figures_as_they_are():
    assert list(csv.reader(io.StringIO(GRID.csv()))) == [["source", "rows", "mean"], ["a|b", "1234", ""]]


def test_markdown_escapes_what_would_end_a_cell():
    assert GRID.markdown().splitlines() == [
        "**Small**",
        "",
        "| source | rows | mean |",
        "| --- | --: | --: |",
        "| a\\|b | 1,234 |  |",
        "",
        "A note.",
    ]
