"""Reading on from any row gives what is left of an undisturbed reading, and drawing a sample does not change that."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mmfinereason.collect.readers import read
from mmfinereason.recipe.sources import Columns, PuzzleSettings, SourceSettings

COLUMNS = Columns(question="q", image="i")


def settings(path, **other):
    return SourceSettings(name="own", path=str(path), columns=COLUMNS, **other)


@pytest.fixture
def folder(tmp_path):
    """Files of every kind of reader, some rows bad: 53 rows."""
    pq.write_table(pa.table({"q": range(20)}), tmp_path / "a.parquet", row_group_size=6)
    (tmp_path / "b.jsonl").write_text("".join(f'{{"q": {n}}}\n' if n % 4 else "broken\n" for n in range(10)))
    (tmp_path / "c.json").write_text(json.dumps([{"q": n} for n in range(8)])[:-3])
    (tmp_path / "d.csv").write_text("q\n" + "".join(f"{n}\n" for n in range(7)))
    (tmp_path / "e.parquet").write_bytes(b"no parquet")
    (tmp_path / "f.tsv").write_text("q\ti\n" + "".join(f"{n}\t{n}.png\n" for n in range(7)))
    return tmp_path


def test_skipping_any_number_of_rows_leaves_the_rest(folder):
    whole = list(read(settings(folder)))
    assert len(whole) == 20 + 10 + 8 + 7 + 1 + 7
    for skip in range(len(whole) + 2):
        assert list(read(settings(folder), skip=skip)) == whole[skip:]


def test_a_row_group_that_is_passed_over_is_not_decoded(tmp_path, monkeypatch):
    pq.write_table(pa.table({"q": range(100)}), tmp_path / "a.parquet", row_group_size=10)
    decoded = []
    original = pq.ParquetFile.iter_batches

    def spy(self, *args, row_groups, **kwargs):
        decoded.extend(row_groups)
        return original(self, *args, row_groups=row_groups, **kwargs)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", spy)
    assert [item.values["q"] for item in read(settings(tmp_path), skip=85)] == list(range(85, 100))
    assert decoded == [8, 9]


def test_a_limit_counts_from_the_first_row(folder):
    whole = list(read(settings(folder)))
    limited = settings(folder, limit=25)
    assert list(read(limited)) == whole[:25]
    assert list(read(limited, skip=22)) == whole[22:25]
    assert list(read(limited, skip=30)) == []


def test_a_sample_is_the_same_every_time_and_can_be_read_on(folder):
    whole = list(read(settings(folder)))
    drawn = list(read(settings(folder, sample=0.4, seed=7)))
    assert 10 < len(drawn) < 35
    assert [item for item in whole if item in drawn] == drawn
    assert drawn != list(read(settings(folder, sample=0.4, seed=8)))
    for skip in range(len(drawn) + 1):
        assert list(read(settings(folder, sample=0.4, seed=7), skip=skip)) == drawn[skip:]
        assert list(read(settings(folder, sample=0.4, seed=7, limit=9), skip=skip)) == drawn[skip:9]


def test_puzzles_are_rows_by_number_and_are_not_drawn_while_reading():
    puzzles = SourceSettings(use="puzzles", puzzles=PuzzleSettings(count=5))
    assert [(item.values, item.origin) for item in read(puzzles, skip=3)] == [
        ({"index": 3}, "puzzles#3"),
        ({"index": 4}, "puzzles#4"),
    ]
    assert len(list(read(SourceSettings(use="puzzles")))) == PuzzleSettings().count
