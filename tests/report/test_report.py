"""The report as a whole: what is in its folder and on its page."""

from mmfinereason.report import report
from mmfinereason.store import Run


def test_a_report_is_one_page_with_tables_beside_it(run):
    assert report(run) == f"{run.url}/report/index.html"
    assert {"index.html", "tables"} <= set(run.folder.names("report"))
    assert b"| number |" in run.folder.read("report/tables/methods.md")


def test_a_context_is_reported_like_its_run(context):
    page = report(context)
    assert page.endswith("/report/index.html")


def test_the_same_run_gives_the_same_bytes(run):
    report(run)
    first = run.folder.read("report/index.html")
    report(run)
    assert run.folder.read("report/index.html") == first


def test_parts_whose_stage_has_not_run_say_so(tmp_path):
    run = Run(str(tmp_path / "new"))
    run.save_recipe("name: new\nsources: [{use: puzzles}]\n")
    report(run)
    page = run.folder.read("report/index.html").decode()
    assert "The stage probe has not run" in page
    assert "The stage collect has not run" in page
