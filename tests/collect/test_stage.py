"""The collect stage as a whole: every row accounted for, and killed without loss."""

import json
import os
import random
import signal
import subprocess
import sys
import time

import pyarrow.parquet as pq
import pytest

from mmfinereason import pipeline
from mmfinereason.collect.batches import Finished, batches
from mmfinereason.collect.readers import RawRow
from mmfinereason.errors import SettingsChanged, SourceError
from mmfinereason.recipe import parse
from mmfinereason.schema import Stage
from mmfinereason.store import Folder, Run

RECIPE = """
name: puzzles
sources:
  - use: puzzles
    puzzles: {{count: {count}, dirty: 0.3, spoil: 0.3, seed: 5}}
collect:
  shard_rows: 20
execute:
  workers: {workers}
"""


def collect(url, count=60, workers=0, **changes):
    recipe = parse(RECIPE.format(count=count, workers=workers), overrides=[f"run={url}"])
    context = pipeline.prepare(recipe.model_copy(update=changes))
    pipeline.run(context, [Stage.COLLECT])
    return context


def rows_of(url):
    table = Run(url).table(Stage.COLLECT)
    samples = [row for shard in table.shards() for row in table.read(shard).to_pylist()]
    rejects = [row for shard in table.shards() for row in table.rejects(shard).to_pylist()]
    return samples, rejects


def test_every_raw_row_is_a_sample_or_a_reject_with_a_reason(tmp_path):
    context = collect(str(tmp_path / "run"))
    samples, rejects = rows_of(context.run.url)
    assert len(samples) + len(rejects) == 60
    assert len({row["id"] for row in samples + rejects}) == 60
    assert all(row["reason"] and row["detail"] and row["origin"] for row in rejects)
    books = context.table(Stage.COLLECT).manifest()
    assert (books.rows, sum(books.rejects.values())) == (len(samples), len(rejects))


def test_processes_and_no_processes_give_the_same_bytes(tmp_path):
    for name, workers in (("alone", 0), ("pool", 2)):
        collect(str(tmp_path / name), workers=workers)
    files = sorted((tmp_path / "alone" / "samples").rglob("*.parquet"))
    assert len(files) >= 3
    for file in files:
        twin = tmp_path / "pool" / file.relative_to(tmp_path / "alone")
        assert file.read_bytes() == twin.read_bytes()


def test_a_run_may_live_in_memory():
    context = collect(f"memory://collect-{os.getpid()}")
    assert len(rows_of(context.run.url)[0]) > 20


def test_a_second_start_does_nothing_and_other_settings_are_refused(tmp_path):
    url = str(tmp_path / "run")
    first = collect(url).table(Stage.COLLECT).manifest()
    assert collect(url).table(Stage.COLLECT).manifest() == first
    with pytest.raises(SettingsChanged, match=r"collect\.image\.max_side \(2048 → 512\)"):
        pipeline.run(
            pipeline.prepare(
                parse(RECIPE.format(count=60, workers=0), overrides=[f"run={url}", "collect.image.max_side=512"])
            ),
            [Stage.COLLECT],
        )


def test_one_of_several_processes_never_settles_for_all(tmp_path, monkeypatch):
    """A start killed before settling, then one with --shards: the rows of the other shards must not be lost."""

    def killed(context):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("mmfinereason.collect.stage.settle", killed)
        collect(str(tmp_path / "run"))
    recipe = parse(RECIPE.format(count=60, workers=0), overrides=[f"run={tmp_path / 'run'}"])
    part = pipeline.run(pipeline.prepare(recipe, only=range(1)), [Stage.COLLECT])
    assert part == {Stage.COLLECT: None}
    collect(str(tmp_path / "run"))
    assert sum(map(len, rows_of(str(tmp_path / "run")))) == 60


def test_a_missing_source_is_told_before_anything_counts_as_begun(tmp_path):
    text = f"""
name: own
run: {tmp_path}/run
sources:
  - name: mine
    path: {tmp_path}/rows.jsonl
    images: {tmp_path}/pictures
    columns: {{question: question, image: image}}
execute: {{workers: 0}}
"""
    with pytest.raises(SourceError, match="there is no file or folder"):
        pipeline.run(pipeline.prepare(parse(text)), [Stage.COLLECT])
    (tmp_path / "rows.jsonl").write_text("{}")
    with pytest.raises(SourceError, match="the image folder is missing") as caught:
        pipeline.run(pipeline.prepare(parse(text)), [Stage.COLLECT])
    assert caught.value.next_step == "check `images` of this source"
    mended = parse(text.replace("pictures", ""))
    books = pipeline.run(pipeline.prepare(mended), [Stage.COLLECT])[Stage.COLLECT]
    assert (books.rows, books.rejects) == (0, {"missing_field": 1})


def test_sources_without_a_row_are_an_error(tmp_path):
    (tmp_path / "rows.jsonl").write_text("")
    text = f"""
name: own
run: {tmp_path}/run
sources: [{{name: mine, path: {tmp_path}/rows.jsonl, columns: {{question: question, image: image}}}}]
execute: {{workers: 0}}
"""
    for _ in range(2):
        with pytest.raises(SourceError, match="the sources hold not one row"):
            pipeline.run(pipeline.prepare(parse(text)), [Stage.COLLECT])


def test_the_duplicate_that_leaves_names_its_twin(tmp_path):
    row = {"question": "What is the area of the square?", "answer": "4", "image": "a.png"}
    from PIL import Image

    Image.new("RGB", (64, 64), "red").save(tmp_path / "a.png")
    (tmp_path / "rows.jsonl").write_text("\n".join(json.dumps(row | {"id": str(n)}) for n in range(3)))
    text = f"""
name: own
run: {tmp_path}/run
sources:
  - name: mine
    path: {tmp_path}/rows.jsonl
    columns: {{question: question, answer: answer, image: image, id: id}}
execute: {{workers: 0}}
"""
    context = pipeline.prepare(parse(text))
    pipeline.run(context, [Stage.COLLECT])
    samples, rejects = rows_of(context.run.url)
    assert [one["id"] for one in samples] == ["mine/0"]
    assert [(one["id"], one["reason"]) for one in rejects] == [("mine/1", "duplicate"), ("mine/2", "duplicate")]
    assert all("mine/0" in one["detail"] for one in rejects)


def test_an_item_of_a_benchmark_is_kept_out_with_the_pair_as_evidence(tmp_path):
    from mmfinereason.lab.puzzles.source import PuzzleSpec, raw_row

    item = raw_row(PuzzleSpec(count=60, seed=5), 0)
    (tmp_path / "x.png").write_bytes(item["image"]["bytes"])
    (tmp_path / "bench.jsonl").write_text(json.dumps({"q": item["question"], "i": "x.png", "n": "test-1"}))
    text = f"""
name: own
run: {tmp_path}/run
sources:
  - use: puzzles
    puzzles: {{count: 20, seed: 5}}
collect:
  benchmarks:
    - name: bench
      path: {tmp_path}/bench.jsonl
      columns: {{question: q, image: i, id: n}}
execute: {{workers: 0}}
"""
    context = pipeline.prepare(parse(text))
    pipeline.run(context, [Stage.COLLECT])
    _, rejects = rows_of(context.run.url)
    (one,) = [row for row in rejects if row["reason"] == "contaminated"]
    assert item["id"] in one["id"]
    assert "bench" in one["detail"] and "test-1" in one["detail"]


def test_batches_are_cut_by_count_and_by_bytes_and_the_same_after_a_restart(tmp_path):
    lines = [json.dumps({"q": "x" * (10 + 40 * (n % 3)), "i": "a.png"}) for n in range(50)]
    (tmp_path / "rows.jsonl").write_text("\n".join(lines))
    (source,) = parse(f"""
name: own
sources:
  - {{name: mine, path: {tmp_path}/rows.jsonl, columns: {{question: q, image: i}}}}
""").sources
    whole = list(batches([source], rows=8, size=300, finished={}))
    assert all(len(batch.items) <= 8 for batch in whole)
    assert sum(len(batch.items) for batch in whole) == 50
    done = {batch.shard: Finished(0, len(batch.items)) for batch in whole if batch.shard in (0, 1, 4)}
    again = list(batches([source], rows=8, size=300, finished=done))
    assert [b.shard for b in again] == [b.shard for b in whole if b.shard not in done]
    assert {b.shard: b.items for b in again} == {b.shard: b.items for b in whole if b.shard not in done}
    assert all(isinstance(item, RawRow) for batch in whole for item in batch.items)


def test_images_that_rows_only_name_weigh_as_much_as_their_files(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.png").write_bytes(b"x" * 100)
    (tmp_path / "b.JPG").write_bytes(b"x" * 100)
    lines = [{"q": "?", "i": name} for name in ("a.png", "b.JPG", "none.png", "a.png", "b.JPG")]
    (tmp_path / "data" / "rows.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (source,) = parse(f"""
name: own
sources:
  - {{name: mine, path: {tmp_path}, files: [rows.jsonl], columns: {{question: q, image: i}}}}
""").sources
    assert [len(one.items) for one in batches([source], rows=9, size=250, finished={})] == [3, 2]


def test_killed_at_random_points_the_table_ends_the_same(tmp_path):
    """`kill -9` loses at most the shards in progress and never leaves half a file under a whole file's name."""
    count = 120
    undisturbed = collect(str(tmp_path / "calm"), count=count)
    url = str(tmp_path / "killed")
    recipe = tmp_path / "r.yaml"
    recipe.write_text(RECIPE.format(count=count, workers=2) + f"run: {url}\n")
    command = [sys.executable, "-c", "from mmfinereason.cli import main; main()", "collect", str(recipe)]
    dice = random.Random(3)
    for _ in range(4):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
        time.sleep(dice.uniform(0.7, 3.0))
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        folder = Folder(url)
        for name in (*folder.names("samples"), *folder.names("samples/staged")):
            if name.endswith(".parquet"):
                where = "samples" if folder.exists(f"samples/{name}") else "samples/staged"
                pq.read_table(f"{url}/{where}/{name}")
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    for ours, theirs in zip(rows_of(url), rows_of(undisturbed.run.url), strict=True):
        key = lambda row: row["id"]  # noqa: E731
        assert sorted(ours, key=key) == sorted(theirs, key=key)
    assert not Folder(url).exists("samples/staged")


def heed_ctrl_c():
    """A background job of a shell is started with SIGINT ignored, and its children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def test_ctrl_c_stops_within_two_seconds_and_says_how_to_go_on(tmp_path):
    recipe = tmp_path / "r.yaml"
    recipe.write_text(RECIPE.format(count=3000, workers=2) + f"run: {tmp_path}/run\n")
    command = [sys.executable, "-c", "from mmfinereason.cli import main; main()", "collect", str(recipe)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed_ctrl_c
    )
    time.sleep(4)
    process.send_signal(signal.SIGINT)
    started = time.monotonic()
    _, said = process.communicate(timeout=30)
    assert time.monotonic() - started < 5  # two seconds on an idle machine; the bound leaves room for a busy one
    assert process.returncode == 130
    assert "the same command goes on from here" in said


def test_once_rows_are_decided_on_no_model_is_asked_again(tmp_path, monkeypatch):
    from mmfinereason.collect import settle as settling
    from mmfinereason.collect.stage import collect as collect_stage

    recipe = parse(RECIPE.format(count=20, workers=0), overrides=[f"run={tmp_path}/run"])
    context = pipeline.prepare(recipe)
    asked = []
    with monkeypatch.context() as broken:
        broken.setattr(settling, "map_tasks", lambda *args, **kwargs: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            collect_stage(context, asked.append)
    assert len(asked) == 1 and settling.decided(context)
    assert collect_stage(context, asked.append).rows > 10
    assert len(asked) == 1
