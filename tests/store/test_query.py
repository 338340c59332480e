import os

import pytest

from mmfinereason.schema import Reason, Stage
from mmfinereason.store import Plan, Reject, Run
from mmfinereason.store.query import connect, dataset


@pytest.fixture(params=["local", "memory"])
def run(request, tmp_path):
    run = Run(str(tmp_path / "it's a run") if request.param == "local" else f"memory://query-{os.getpid()}")
    table = run.table(Stage.SELECT)
    table.begin(Plan("select", {}), "")
    table.write(0, [{"id": "s/1", "subsets": ["full", "rl"]}], [Reject("s/2", Reason.DUPLICATE, "as s/1")])
    table.write(1, [{"id": "s/3", "subsets": []}])
    yield run
    run.folder.remove("")


def test_every_table_is_a_view_and_missing_ones_are_empty(run):
    ask = connect(run)
    assert ask.sql("SELECT id, len(subsets) FROM selection ORDER BY id").fetchall() == [("s/1", 2), ("s/3", 0)]
    assert ask.sql("SELECT id, reason FROM rejects").fetchall() == [("s/2", "duplicate")]
    assert ask.sql("SELECT count(*) FROM traces WHERE tokens > 5").fetchall() == [(0,)]


def test_a_table_is_an_arrow_dataset(run):
    assert dataset(run, Stage.SELECT).to_table(columns=["id"]).to_pylist() == [{"id": "s/1"}, {"id": "s/3"}]
