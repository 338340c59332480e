"""The report as a whole: what is in its folder and on its page."""

import re

import pytest
from tests.report.conftest import make_run, sample, trace, verdict, write
from tests.report.parsing import elements
from typer.testing import CliRunner

from mmfinereason.cli.app import app
from mmfinereason.context import Context
from mmfinereason.errors import StoreError
from mmfinereason.recipe import parse
from mmfinereason.report import compare, report
from mmfinereason.report.examples import gather_examples
from mmfinereason.report.facts import gather_facts
from mmfinereason.report.figures import FIGURES
from mmfinereason.report.render import render
from mmfinereason.schema import Stage
from mmfinereason.store import Run

TABLES = {
    *(
        "funnel",
        "reasons",
        "edits",
        "composition",
        "consistency",
        "methods",
        "pass-rates",
        "rollouts",
        "models",
        "costs",
    ),
    *("table-1-lengths", "table-2-categories", "table-5-composition", "table-6-cleaning", "table-7-difficulty"),
}


def page_of(run):
    return run.folder.read("report/index.html").decode()


def test_every_figure_and_table_is_also_a_file(reported):
    figures = {f"{spec.name}.{kind}" for spec in FIGURES for kind in ("svg", "png")}
    assert set(reported.folder.names("report/figures")) == figures
    assert set(reported.folder.names("report/tables")) == {
        f"{name}.{kind}" for name in TABLES for kind in ("csv", "md")
    }
    assert reported.folder.read("report/tables/methods.csv") == (
        b"method,equal,different,rows,share\nnumber,8,4,12,1.0\n"
    )


def test_the_page_needs_no_other_file(reported):
    for tag, attributes in elements(page_of(reported)):
        assert attributes.get("src", "data:").startswith("data:") and tag not in ("link", "script")
        assert attributes.get("href", "#").startswith("#")


def test_every_link_of_the_page_leads_somewhere(reported):
    found = elements(page_of(reported))
    ids = {attributes["id"] for _, attributes in found if "id" in attributes}
    assert {one["href"][1:] for tag, one in found if tag == "a"} <= ids


def test_the_funnel_counts_rows_and_reasons(reported):
    table = reported.folder.read("report/tables/funnel.csv").decode().splitlines()
    assert [line.split(",")[:3] for line in table[1:]] == [
        ["sources", "stage", "14"],
        ["collect", "stage", "12"],
        ["distill", "stage", "12"],
        ["verify", "stage", "8"],
        ["select", "stage", "12"],
        ["full", "subset", "12"],
        ["1.8M", "subset", "8"],
        ["586K", "subset", "0"],
        ["123K", "subset", "0"],
    ]
    assert b"verify,different,4" in reported.folder.read("report/tables/reasons.csv")


def test_a_duplicate_stands_beside_the_row_that_stayed(reported):
    page = page_of(reported)
    assert "dropped <code>src/0-again</code>" in page and "stayed <code>src/0</code>" in page


def test_a_row_is_shown_with_question_trace_and_verdict(reported):
    page = page_of(reported)
    assert "<mo>+</mo><mn>1</mn></mrow></math>?" in page
    assert '<span class="verdict good">equal</span>' in page and '<span class="verdict bad">different</span>' in page
    assert "<mfrac>" in page


def test_the_same_run_gives_the_same_bytes_alone_and_in_a_context(reported):
    first = page_of(reported)
    assert report(Context(reported, parse(reported.recipe_text()))) == f"{reported.url}/report/index.html"
    assert page_of(reported) == first


def test_a_page_names_no_endpoint_and_no_variable(tmp_path):
    run = Run(str(tmp_path / "new"))
    teacher = "{model: big-one, endpoints: [{url: 'http://node-7.inside:8000/v1', key_env: SECRET_KEY}]}"
    run.save_recipe(f"name: new\nsources: [{{use: puzzles}}]\nmodels: {{teacher: {teacher}}}\n")
    report(run)
    page = page_of(run)
    assert "big-one" in page and "node-7" not in page and "SECRET_KEY" not in page


def test_parts_whose_stage_has_not_run_say_so(tmp_path):
    run = Run(str(tmp_path / "new"))
    run.save_recipe("name: new\nsources: [{use: puzzles}]\n")
    report(run)
    page = page_of(run)
    for stage in ("collect", "caption", "distill", "verify", "probe"):
        assert f"The stage {stage} has not run" in page


def test_a_run_in_an_object_store_is_reported():
    run = make_run("memory://report/run", [sample(n) for n in range(3)])
    assert report(run) == "memory://report/run/report/index.html"
    assert "data:image/webp;base64," in page_of(run)


def test_a_run_without_probe_and_captions_is_reported(tmp_path):
    run = Run(str(tmp_path / "short"))
    run.save_recipe("name: short\nsources: [{use: puzzles}]\nreport: {examples: 1, published: false}\n")
    write(run, Stage.COLLECT, [sample(0)])
    write(run, Stage.DISTILL, [trace("src/0", tokens=None)])
    write(run, Stage.VERIFY, [verdict("src/0", None)])
    report(run)
    page = page_of(run)
    assert "The stage probe has not run" in page and "in the paper" not in page
    assert "no trace or caption has a length" in page and "(paper)" not in page


def test_simulated_models_are_named_in_a_banner(tmp_path, reported):
    run = make_run(tmp_path / "lab", [sample(0)])
    write(run, Stage.DISTILL, [trace("src/0", model="simulated-teacher")])
    page = render(gather_facts(run), [], [])
    assert "Simulated models took part" in page and "simulated-teacher" in page
    assert "Simulated models took part" not in page_of(reported)


def test_an_image_that_cannot_be_read_is_left_out(tmp_path):
    broken = sample(0, image={"bytes": b"not an image", "path": "x.png"})
    run = make_run(tmp_path / "broken", [broken, sample(1)])
    (group,) = gather_examples(run, 3).sources
    assert {one.id: one.image is None for one in group.examples} == {"src/0": True, "src/1": False}


def test_rows_that_left_are_shown_by_reason(reported):
    page = page_of(reported)
    assert re.search(r"<h3>bad image\s*<small>collect, 1 row</small>", page)
    assert "cannot be opened" in page


def test_two_runs_stand_beside_each_other(tmp_path, reported):
    other = make_run(tmp_path / "other", [sample(n, "new") for n in range(6)], "other", "seed: 3\n")
    url = compare(reported, other)
    assert url == f"{reported.url}/report/compare-other.html"
    page = reported.folder.read("report/compare-other.html").decode()
    assert reported.folder.read("report/tables/compare-settings.csv") == b"setting,tiny,other\nseed,0,3\n"
    assert b"stage,collect,12,6,-6" in reported.folder.read("report/tables/compare-rows.csv")
    assert "compare-consistency" in page


def test_the_command_prints_where_the_page_is(tmp_path):
    run = Run(str(tmp_path / "new"))
    run.save_recipe("name: new\nsources: [{use: puzzles}]\n")
    result = CliRunner().invoke(app, ["report", run.url])
    assert result.exit_code == 0 and result.stdout.strip() == f"{run.url}/report/index.html"
    result = CliRunner().invoke(app, ["report", run.url, run.url])
    assert result.exit_code == 0 and "compare-new" in result.stdout


def test_a_folder_without_a_run_is_a_sentence(tmp_path):
    with pytest.raises(StoreError, match="not a run folder"):
        Run.open(str(tmp_path))
    result = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert result.exit_code == 2
