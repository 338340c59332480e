"""The same run folder in an object store, against a server on loopback that speaks its protocol."""

import pytest

from mmfinereason.schema import Reason, Stage
from mmfinereason.store import Plan, Reject, Run
from mmfinereason.store.query import connect


@pytest.fixture
def bucket(monkeypatch):
    moto = pytest.importorskip("moto.server")
    import boto3

    server = moto.ThreadedMotoServer("127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "NO_PROXY": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket="runs")
    yield "s3://runs"
    server.stop()


def test_a_run_in_an_object_store_behaves_like_one_on_disk(bucket):
    run = Run(f"{bucket}/demo")
    run.save_recipe("name: demo\n")
    table = run.table(Stage.SELECT)
    plan = Plan("select", {"a": 1})
    table.begin(plan, "")
    table.write(0, [{"id": "s/1", "subsets": ["full"]}], [Reject("s/2", Reason.DUPLICATE, "as s/1")])
    table.finish(plan)
    again = Run.open(f"{bucket}/demo")
    assert again.recipe_text() == "name: demo\n"
    assert again.table(Stage.SELECT).read(0).to_pylist()[0]["subsets"] == ["full"]
    assert again.table(Stage.SELECT).manifest().rows == 1
    assert again.folder.names("selection") == ["manifest.json", "part-00000.parquet", "rejects", "stage.json", "stats"]
    assert connect(again).execute("SELECT id, reason FROM rejects").fetchall() == [("s/2", "duplicate")]
    again.table(Stage.SELECT).clear()
    assert again.table(Stage.SELECT).shards() == []


def test_the_collect_stage_runs_in_an_object_store(bucket):
    from mmfinereason import pipeline
    from mmfinereason.recipe import parse

    text = "name: s3\nsources: [{use: puzzles, puzzles: {count: 12}}]\ncollect: {shard_rows: 6}\n"
    context = pipeline.prepare(parse(text, overrides=[f"run={bucket}/s3", "execute.workers=1"]))
    pipeline.run(context, [Stage.COLLECT])
    assert connect(context.run).execute("SELECT count(*) FROM samples").fetchall() == [(12,)]
