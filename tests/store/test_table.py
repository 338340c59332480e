import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mmfinereason.errors import SettingsChanged, StoreError
from mmfinereason.schema import SAMPLES, SELECTION, Reason, Stage
from mmfinereason.store import Folder, Plan, Reject, Run, Table, write_parquet

ROW = {"id": "s/1", "subsets": ["full"], "reason": None, "detail": None}


@pytest.fixture
def table(tmp_path):
    return Table(Folder(str(tmp_path)), Stage.SELECT)


def test_a_shard_holds_its_rows_its_rejects_and_its_books(table):
    stats = table.write(3, [ROW], [Reject("s/2", Reason.BAD_IMAGE, "not an image", "s", "f#2", "What?")], seconds=1.5)
    assert table.shards() == [3]
    assert table.read(3).to_pylist() == [ROW]
    assert table.rejects(3).to_pylist() == [
        {
            "id": "s/2",
            "stage": "select",
            "reason": "bad_image",
            "detail": "not an image",
            "source": "s",
            "origin": "f#2",
            "question": "What?",
        }
    ]
    assert table.stats(3) == stats
    assert (stats.rows, stats.rejects, stats.seconds) == (1, {"bad_image": 1}, 1.5)


def test_a_shard_written_again_without_rejects_has_none(table):
    table.write(0, [ROW], [Reject("s/2", Reason.BAD_IMAGE, "")])
    table.write(0, [ROW])
    assert table.rejects(0).num_rows == 0


def test_the_same_rows_make_the_same_bytes(table, tmp_path):
    table.write(0, [ROW])
    table.write(1, [ROW], seconds=9)
    assert (tmp_path / "selection/part-00000.parquet").read_bytes() == (
        tmp_path / "selection/part-00001.parquet"
    ).read_bytes()


def test_a_file_of_another_schema_version_is_refused_with_a_sentence(table, tmp_path):
    (tmp_path / "selection").mkdir()
    pq.write_table(pa.Table.from_pylist([ROW], schema=SELECTION), tmp_path / "selection/part-00000.parquet")
    with pytest.raises(StoreError, match="has no version of the table schema; this program reads version 1"):
        table.read(0)


def test_changed_settings_are_refused_and_named(table):
    table.begin(Plan("select", {"a": 1, "deep": {"b": [1], "c": 2}}), "redo it")
    table.begin(Plan("select", {"a": 1, "deep": {"b": [1], "c": 2}}), "redo it")
    with pytest.raises(SettingsChanged) as caught:
        table.begin(Plan("select", {"a": 1, "deep": {"b": [2], "c": 2}}), "redo it")
    assert caught.value.changed == ["deep.b ([1] → [2])"]
    assert "redo it" in str(caught.value)


def test_a_table_is_unfinished_until_its_manifest_is_written(table):
    plan = Plan("select", {})
    table.begin(plan, "")
    table.write(0, [ROW], [Reject("s/2", Reason.BAD_IMAGE, "")], seconds=1, figures={"cost": 0.5})
    table.write(1, [ROW, ROW], [Reject("s/3", Reason.DUPLICATE, "")], seconds=2, figures={"cost": 1.0})
    assert table.manifest() is None
    table.finish(plan)
    books = table.manifest()
    assert (books.shards, books.rows, books.seconds) == (2, 3, 3.0)
    assert books.rejects == {"bad_image": 1, "duplicate": 1}
    assert books.figures == {"cost": 1.5}


def test_clearing_a_table_keeps_the_journal(table, tmp_path):
    table.begin(Plan("select", {}), "")
    table.write(0, [ROW])
    table.folder.write("selection/journal/part-00000.jsonl", b"{}\n")
    table.clear()
    assert table.plan() is None
    assert table.shards() == []
    assert table.folder.exists("selection/journal/part-00000.jsonl")


def test_row_groups_are_bounded_by_bytes_and_images_are_neither_compressed_nor_in_a_dictionary(tmp_path):
    folder = Folder(str(tmp_path))
    image = {"bytes": b"\x00" * 50_000, "path": "x.png"}
    rows = pa.Table.from_pylist([{"id": f"s/{i}", "image": image} for i in range(40)], schema=SAMPLES)
    write_parquet(folder, "x.parquet", rows, row_group_bytes=500_000)
    metadata = pq.ParquetFile(tmp_path / "x.parquet").metadata
    assert metadata.num_row_groups >= 4
    assert max(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups)) < 600_000
    first = metadata.row_group(0)
    columns = {first.column(i).path_in_schema: first.column(i) for i in range(first.num_columns)}
    assert columns["image.bytes"].compression == "UNCOMPRESSED"
    assert "RLE_DICTIONARY" not in columns["image.bytes"].encodings
    assert columns["question"].compression == "ZSTD"


def test_a_folder_without_a_recipe_is_not_a_run(tmp_path):
    with pytest.raises(StoreError, match="is not a run folder"):
        Run.open(str(tmp_path))


def test_a_file_missing_from_a_finished_table_is_named_with_the_command_that_makes_it_again(table):
    plan = Plan("select", {})
    table.begin(plan, "")
    for shard in range(6):
        table.write(shard, [])
    table.finish(plan)
    table.folder.remove(table.path(4))
    with pytest.raises(StoreError, match=rf"lacks {table.path(4)} of the finished table {table.name}") as lost:
        table.manifest()
    assert f"mmfr run RECIPE --redo {table.stage.command} " in lost.value.next_step
    for shard in (0, 1, 2):
        table.folder.remove(table.path(shard))
    with pytest.raises(StoreError, match=r"part-00002\.parquet and 1 more of the finished table"):
        table.manifest()
