"""The tutorial says what happens."""

from mmfinereason import open_run


def test_every_step_works_in_its_order(tutorial):
    folder, said = tutorial
    assert "1 missing_image" in said["mmfr status runs/shapes"]
    assert "rejected by collect: missing_image" in said["mmfr explain runs/shapes q7"]
    run = open_run(str(folder / "runs" / "shapes"))
    assert run.arrow("samples").count_rows() == 12
    assert set(run.sql("SELECT DISTINCT unnest(subsets) FROM selection").fetchall()) >= {("full",), ("1.8M",)}
    assert (folder / "runs/shapes/report/index.html").is_file()
    assert {path.name for path in (folder / "runs/shapes/exports").iterdir()} == {
        "dataset",
        "llamafactory",
        "verl",
        "trl",
    }
