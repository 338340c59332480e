"""A damaged row or file costs itself, never the run, and no row is lost without a word."""

import gzip
import io
import json
import tarfile

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from mmfinereason.collect.readers import BadRow, RawRow, read
from mmfinereason.recipe.sources import Columns, SourceSettings
from mmfinereason.schema import Reason


def write_tar(path, members: dict[str, bytes]):
    with tarfile.open(path, "w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))


def items(path, **other):
    columns = Columns(question="question", image="image")
    return list(read(SourceSettings(**{"name": "own", "path": str(path), "columns": columns, **other})))


def test_a_line_of_garbage_is_one_bad_row(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(b'{"id": 1}\n{"id": \xff\n\n[1]\n{"id": 2}')
    first, broken, array, last = items(tmp_path)
    assert first == RawRow({"id": 1}, "a.jsonl#0")
    assert (broken.reason, broken.origin) == (Reason.UNREADABLE_ROW, "a.jsonl#1")
    assert "not an object" in array.detail
    assert last == RawRow({"id": 2}, "a.jsonl#3")


objects = st.dictionaries(
    st.text(max_size=5), st.integers(-(2**60), 2**60) | st.text(max_size=9) | st.none(), max_size=3
)
garbage = st.binary(min_size=1, max_size=30).filter(lambda data: b"\n" not in data and b"\r" not in data)


@given(st.lists(st.one_of(objects, garbage), max_size=12))
def test_json_lines_account_for_every_line_whatever_is_in_it(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    written = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    path.write_bytes(b"\n".join(written))
    found = items(path)
    present = [line for line, data in zip(lines, written, strict=True) if data.strip(b" \t\r\n\x0b\x0c")]
    if present and written and written[0].startswith(b"\xef\xbb\xbf"):
        return  # a byte order mark: the first line is then what follows it
    assert len(found) == len(present)
    for line, item in zip(present, found, strict=True):
        if isinstance(line, dict):
            assert item.values == line


def test_an_array_that_breaks_off_keeps_the_rows_before(tmp_path):
    (tmp_path / "a.json").write_text('[{"id": 1}, {"id": 2}, {"id": ')
    *rows, bad = items(tmp_path)
    assert [row.values for row in rows] == [{"id": 1}, {"id": 2}]
    assert isinstance(bad, BadRow)
    assert bad.origin == "a.json#2"


def test_a_compressed_file_that_breaks_off_keeps_the_rows_before(tmp_path):
    lines = b"".join(json.dumps({"id": number, "text": str(number) * 50}).encode() + b"\n" for number in range(5000))
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(lines)[:-2000])
    (tmp_path / "b.jsonl.zst").write_bytes(b"this is not zstandard")
    (tmp_path / "c.jsonl").write_text('{"id": "next file"}')
    found = items(tmp_path)
    assert found[0] == RawRow({"id": 0, "text": "0" * 50}, "a.jsonl.gz#0")
    assert found[-1] == RawRow({"id": "next file"}, "c.jsonl#0")
    bad = [item.origin for item in found if isinstance(item, BadRow)]
    assert bad[0].startswith("a.jsonl.gz#")
    assert bad[-1] == "b.jsonl.zst#0"


def test_a_file_that_is_no_parquet_is_one_bad_row(tmp_path):
    (tmp_path / "a.parquet").write_bytes(b"<html>not found</html>" * 10)
    (tmp_path / "b.parquet").write_bytes(b"")
    assert [item.origin for item in items(tmp_path)] == ["a.parquet#0", "b.parquet#0"]


def test_every_row_of_a_damaged_row_group_is_accounted_for(tmp_path):
    path = tmp_path / "a.parquet"
    table = pa.table({"id": range(30), "text": [f"{number:040d}" for number in range(30)]})
    pq.write_table(table, path, row_group_size=10, compression="none", use_dictionary=False)
    facts = pq.ParquetFile(path).metadata.row_group(1).column(1)
    data = bytearray(path.read_bytes())
    data[facts.data_page_offset : facts.data_page_offset + 12] = b"\xff" * 12
    path.write_bytes(data)
    found = items(path)
    assert [item.origin for item in found] == [f"a.parquet#{number}" for number in range(30)]
    assert [isinstance(item, BadRow) for item in found] == [False] * 10 + [True] * 10 + [False] * 10


def test_a_row_with_too_many_cells_is_bad_and_the_next_one_is_read(tmp_path):
    (tmp_path / "a.csv").write_text("id,question\n1,how?,many\n2,why?\n3\n")
    found = items(tmp_path)
    assert [type(item) for item in found] == [BadRow, RawRow, BadRow]
    assert found[0].detail == "a.csv: 3 cells under a header of 2"


def test_a_tar_that_breaks_off_keeps_the_rows_before(tmp_path):
    path = tmp_path / "a.tar"
    write_tar(path, {f"{number:03d}.jpg": b"x" * 2000 for number in range(10)})
    path.write_bytes(path.read_bytes()[:9000])
    *rows, bad = items(path)
    assert [row.values["__key__"] for row in rows] == ["000", "001", "002"]
    assert isinstance(bad, BadRow)
    assert bad.origin == "a.tar#3"


def test_unreadable_json_inside_a_tar_costs_its_row(tmp_path):
    write_tar(tmp_path / "a.tar", {"0.json": b"{", "0.jpg": b"x", "1.json": b"{}"})
    bad, row = items(tmp_path)
    assert bad.origin == "a.tar#0"
    assert row == RawRow({"__key__": "1", "json": {}}, "a.tar#1")


def test_a_truncated_zstandard_stream_is_noticed(tmp_path):
    lines = b"".join(b'{"id": %d}\n' % number for number in range(20000))
    (tmp_path / "a.jsonl.zst").write_bytes(zstandard.compress(lines)[:-30])
    found = items(tmp_path)
    assert isinstance(found[-1], BadRow)


def test_a_cell_that_is_no_text_costs_its_row(tmp_path):
    texts = pa.array([b"one", b"\xff\xfe", b"three"]).view(pa.string())
    pq.write_table(pa.table({"question": texts}), tmp_path / "a.parquet")
    one, bad, three = items(tmp_path)
    assert (one.values, three.values) == ({"question": "one"}, {"question": "three"})
    assert (bad.reason, bad.origin) == (Reason.UNREADABLE_ROW, "a.parquet#1")
    assert "0xff" in bad.detail


def test_rows_nested_without_end_are_bad_rows(tmp_path):
    deep = "[" * 1000 + "]" * 1000
    (tmp_path / "a.jsonl").write_text(f'{{"x": {deep}}}\n{{"id": 1}}')
    (tmp_path / "b.json").write_text(f'[{{"x": {deep}}}, {{"id": 2}}]')
    write_tar(tmp_path / "c.tar", {"1.json": f'{{"x": {deep}}}'.encode(), "2.json": b'{"id": 3}'})
    found = items(tmp_path)
    bad = [item for item in found if isinstance(item, BadRow)]
    assert [item.origin for item in bad] == ["a.jsonl#0", "b.json#0", "c.tar#0"]
    assert all("nested too deep" in item.detail for item in bad)
    assert len(found) == 6


def test_a_number_of_thousands_of_digits_is_read_as_text(tmp_path):
    """The parser would crash on Python's refusal to convert so long a number."""
    digits = "9" * 5000
    (tmp_path / "a.json").write_text(f'{{"n": {digits}, "data": [{{"x": {digits}, "y": 12}}, {{"x": 1}}]}}')
    assert [item.values for item in items(tmp_path)] == [{"x": digits, "y": 12}, {"x": 1}]
