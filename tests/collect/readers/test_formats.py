"""Every format gives the same rows, in order, with the place each was read from."""

import base64
import gzip
import io
import json
import tarfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from mmfinereason.collect.readers import READERS, BadRow, RawRow, read, reader
from mmfinereason.errors import SourceError
from mmfinereason.recipe.sources import Columns, SourceSettings

ROWS = [
    {"id": "a", "question": "Wie viele?", "answer": 3, "image": "a.png"},
    {"id": "b", "question": 'with "quotes",\nand a line end', "answer": 4.5, "image": "b.png"},
    {"id": "c", "question": "三角形", "answer": None, "image": "c.png"},
]


def settings(path, **other) -> SourceSettings:
    columns = Columns(question="question", image="image", answer="answer")
    return SourceSettings(**{"name": "own", "path": str(path), "columns": columns, **other})


def values(path, **other) -> list[dict]:
    return [item.values for item in read(settings(path, **other))]


def write_parquet(path, rows=ROWS, **options):
    pq.write_table(pa.Table.from_pylist(rows), path, **options)


def write_json_lines(path, rows=ROWS):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_parquet_rows_come_in_order_with_their_origin(tmp_path):
    write_parquet(tmp_path / "train.parquet", row_group_size=2)
    assert list(read(settings(tmp_path))) == [RawRow(row, f"train.parquet#{number}") for number, row in enumerate(ROWS)]


def test_parquet_images_come_in_all_three_forms(tmp_path):
    table = pa.table(
        {
            "struct": [{"bytes": b"png", "path": "a.png"}],
            "large": pa.array([b"png"], pa.large_binary()),
            "path": ["a.png"],
            "category": pa.array(["x"]).dictionary_encode(),
            "list": pa.array([[{"bytes": b"1", "path": None}, {"bytes": b"2", "path": None}]]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    assert values(tmp_path) == [
        {
            "struct": {"bytes": b"png", "path": "a.png"},
            "large": b"png",
            "path": "a.png",
            "category": "x",
            "list": [{"bytes": b"1", "path": None}, {"bytes": b"2", "path": None}],
        }
    ]


def test_json_lines_give_the_rows(tmp_path):
    write_json_lines(tmp_path / "train.jsonl")
    assert values(tmp_path) == ROWS


def test_a_json_array_gives_the_rows(tmp_path):
    (tmp_path / "train.json").write_text(json.dumps(ROWS, indent=1))
    assert values(tmp_path) == ROWS


def test_an_object_that_holds_an_array_gives_its_rows(tmp_path):
    (tmp_path / "train.json").write_text(json.dumps({"version": 1, "data": ROWS}))
    assert values(tmp_path) == ROWS


def test_an_object_of_rows_keeps_the_keys(tmp_path):
    (tmp_path / "problems.json").write_text(json.dumps({row["id"]: row for row in ROWS}))
    assert values(tmp_path) == [{"__key__": row["id"], **row} for row in ROWS]


def test_json_lines_under_the_name_of_json_are_told_apart(tmp_path):
    write_json_lines(tmp_path / "train.json")
    assert values(tmp_path) == ROWS


def test_numbers_of_any_size_survive_json(tmp_path):
    (tmp_path / "a.json").write_text('[{"id": 123456789012345678901234567890, "x": [1.5, {"y": 2.25}]}]')
    assert values(tmp_path) == [{"id": 123456789012345678901234567890, "x": [1.5, {"y": 2.25}]}]


@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.tsv", "\t")])
def test_tables_of_text_give_the_rows_as_text(tmp_path, name, delimiter):
    import csv

    with (tmp_path / name).open("w", newline="", encoding="utf-8-sig") as stream:
        writer = csv.DictWriter(stream, ROWS[0], delimiter=delimiter)
        writer.writeheader()
        writer.writerows(ROWS)
    expected = [{key: "" if value is None else str(value) for key, value in row.items()} for row in ROWS]
    assert values(tmp_path) == expected


def test_a_cell_may_be_far_larger_than_the_csv_module_allows_by_default(tmp_path):
    cell = "A" * 1_000_000
    (tmp_path / "a.tsv").write_text(f"index\timage\n1\t{cell}\n")
    assert values(tmp_path) == [{"index": "1", "image": cell}]


@pytest.mark.parametrize("ending", [".gz", ".zst"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.tar"])
def test_compressed_files_read_like_plain_ones(tmp_path, name, ending):
    plain = tmp_path / "plain"
    plain.mkdir()
    {
        "a.jsonl": lambda: write_json_lines(plain / name),
        "a.json": lambda: (plain / name).write_text(json.dumps(ROWS)),
        "a.csv": lambda: (plain / name).write_text("id,question\n1,how?\n"),
        "a.tar": lambda: write_tar(plain / name, {"1.txt": b"how?", "1.jpg": b"jpg"}),
    }[name]()
    packed = tmp_path / "packed"
    packed.mkdir()
    data = (plain / name).read_bytes()
    squeezed = gzip.compress(data) if ending == ".gz" else zstandard.compress(data)
    (packed / (name + ending)).write_bytes(squeezed)
    assert values(packed) == values(plain) != []


def write_tar(path, members: dict[str, bytes]):
    with tarfile.open(path, "w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def test_webdataset_groups_the_files_of_one_row(tmp_path):
    write_tar(
        tmp_path / "shard-0.tar",
        {
            "part/000.jpg": b"\xff\xd8",
            "part/000.json": b'{"question": "how?"}',
            "part/001.seg.png": b"png",
            "part/001.txt": b"drei",
        },
    )
    assert list(read(settings(tmp_path))) == [
        RawRow({"__key__": "part/000", "jpg": b"\xff\xd8", "json": {"question": "how?"}}, "shard-0.tar#0"),
        RawRow({"__key__": "part/001", "seg.png": b"png", "txt": "drei"}, "shard-0.tar#1"),
    ]


def test_a_folder_saved_with_datasets_is_read_without_that_library(tmp_path):
    datasets = pytest.importorskip("datasets")
    saved = datasets.Dataset.from_list(ROWS).select([2, 0, 1])
    saved.save_to_disk(str(tmp_path / "saved"), num_shards=2)
    assert values(tmp_path / "saved", format="datasets") == [ROWS[2], ROWS[0], ROWS[1]]
    assert values(tmp_path / "saved") == [ROWS[2], ROWS[0], ROWS[1]]


def test_vlmevalkit_resolves_images_that_refer_to_other_rows_in_both_directions(tmp_path):
    picture, other = (base64.b64encode(data * 40).decode() for data in (b"one", b"two"))
    lines = [f"0\t{picture}\tfirst", "1\t0\tback", "2\t3\tahead", f"3\t{other}\tlast", "4\t77\tnowhere"]
    (tmp_path / "bench.tsv").write_text("index\timage\tquestion\n" + "\n".join(lines) + "\n")
    *rows, bad = read(settings(tmp_path, format="vlmevalkit", columns=None))
    assert [row.values["image"] for row in rows] == [picture, picture, other, other]
    assert isinstance(bad, BadRow)
    assert bad.origin == "bench.tsv#4"
    assert "'77'" in bad.detail


def test_files_of_a_folder_come_by_name_and_foreign_ones_are_left_alone(tmp_path):
    (tmp_path / "b").mkdir()
    write_json_lines(tmp_path / "b" / "2.jsonl", ROWS[2:])
    write_json_lines(tmp_path / "a.jsonl", ROWS[:2])
    (tmp_path / "a.png").write_bytes(b"png")
    (tmp_path / "README.md").write_text("read me")
    (tmp_path / ".hidden.jsonl").write_text("{}")
    assert [item.origin for item in read(settings(tmp_path))] == ["a.jsonl#0", "a.jsonl#1", "b/2.jsonl#0"]


def test_symlinks_to_files_are_read_and_odd_folder_names_too(tmp_path):
    folder = tmp_path / "[x] (qa)"
    folder.mkdir()
    write_json_lines(tmp_path / "blob", ROWS[:1])
    (folder / "train.jsonl").symlink_to(tmp_path / "blob")
    assert [item.origin for item in read(settings(folder))] == ["train.jsonl#0"]


def test_a_conversation_file_of_one_line_is_read(tmp_path):
    (tmp_path / "one.jsonl").write_text('{"conversations": [{"from": "human", "value": "?"}]}')
    found = list(read(settings(tmp_path, format="sharegpt", columns=None)))
    assert [item.origin for item in found] == ["one.jsonl#0"]


def test_a_glob_picks_files(tmp_path):
    for name in ("train-0", "train-1", "test-0"):
        write_json_lines(tmp_path / f"{name}.jsonl", ROWS[:1])
    assert [item.origin for item in read(settings(f"{tmp_path}/train-*.jsonl"))] == [
        "train-0.jsonl#0",
        "train-1.jsonl#0",
    ]


def test_a_store_in_memory_reads_like_a_folder():
    import fsspec

    fsspec.filesystem("memory").pipe("/readers/train.jsonl", b'{"id": 1}\n')
    assert list(read(settings("memory://readers"))) == [RawRow({"id": 1}, "train.jsonl#0")]


@pytest.mark.parametrize(
    ("path", "message"),
    [("nowhere", "no file or folder"), ("nowhere/*.jsonl", "no file to read"), ("", "no file to read")],
)
def test_a_source_that_is_not_there_says_so(tmp_path, path, message):
    with pytest.raises(SourceError, match=message):
        list(read(settings(tmp_path / path)))


def test_an_unknown_format_gets_a_suggestion():
    with pytest.raises(SourceError, match="did you mean 'parquet'"):
        reader("parket")
    assert set(READERS) == {
        "auto", "parquet", "jsonl", "json", "csv", "tsv", "sharegpt", "vlmevalkit", "webdataset", "datasets",
    }  # fmt: skip
