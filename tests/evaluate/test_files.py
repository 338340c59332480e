import base64
import csv
from pathlib import Path

import pytest
from tests.evaluate import drawn as puzzles

from mmfinereason.benchmark_files import open_benchmark
from mmfinereason.errors import SourceError
from mmfinereason.evaluate.items import Item, LeftOut
from mmfinereason.recipe.evaluate import BenchmarkSettings


def write(path, header, *lines):
    with Path(path).open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter="\t").writerows([header, *lines])
    return str(path)


def opened(**settings):
    return list(open_benchmark(BenchmarkSettings(**settings)).items())


@pytest.fixture(scope="module")
def image():
    return puzzles.drawn(1)[0].image


@pytest.fixture(scope="module")
def cell(image):
    return base64.b64encode(image).decode()


def test_vlmevalkits_file_is_read_with_shared_images(tmp_path, cell, image):
    header = ["index", "image", "question", "A", "B", "answer", "category", "l2-category"]
    file = write(
        tmp_path / "MMStar.tsv",
        header,
        ["1", cell, "Which?", "red", "blue", "B", "colour", "perception"],
        ["2", "1", "Which is not?", "red", "blue", "A", "colour", "perception"],
    )
    first, second = opened(use="MMStar", path=file)
    assert (first.reference, first.options, first.image) == ("B", ("red", "blue"), image)
    assert second.image == image
    assert second.labels == {"category": "colour", "ability": "perception"}


def test_items_with_several_images_are_left_out_and_named(tmp_path, cell):
    header = ["index", "image", "question", "A", "B", "answer", "split"]
    several = f"['{cell}', '{cell}']"
    file = write(
        tmp_path / "MMMU_DEV_VAL.tsv",
        header,
        ["1", several, "<image 1> and <image 2>?", "1", "2", "A", "validation"],
        ["2", cell, "<image 1>?", "1", "2", "A", "validation"],
        ["3", cell, "<image 1>?", "1", "2", "A", "dev"],
    )
    out, kept = opened(use="MMMU", path=file)
    assert out == LeftOut("1", "multi_image", "2 images")
    assert kept.id == "2"


def test_an_own_benchmark_is_read_through_its_columns(tmp_path, rows):
    puzzles.write_parquet(tmp_path / "own.parquet", rows[:2])
    columns = {"question": "question", "image": "image", "answer": "answer", "options": "options", "id": "id"}
    source = {"name": "own", "path": str(tmp_path / "own.parquet"), "columns": columns}
    found = opened(source=source, labels={"length": "id"})
    assert [one.reference for one in found] == [row.answer for row in rows[:2]]
    assert [one.labels for one in found] == [{"length": "0"}, {"length": "1"}]
    assert found[0].listed and found[0].question == puzzles.asked(rows[0])


def test_an_own_file_in_vlmevalkits_form_needs_no_columns(tsv, rows):
    found = opened(source={"name": "ours", "path": str(tsv), "format": "vlmevalkit"})
    assert [one.labels["category"] for one in found] == [row.family for row in rows]
    assert [one.options for one in found] == [row.options for row in rows]


def test_the_built_in_puzzles_are_a_benchmark_too():
    found = opened(
        source={"use": "puzzles", "puzzles": {"count": 3, "families": ["maze"], "seed": 9}},
        labels={"family": "puzzle.family", "level": "puzzle.level"},
    )
    assert all(isinstance(one, Item) for one in found)
    assert {one.labels["family"] for one in found} == {"maze"}


def test_a_missing_file_is_an_error_before_anything_is_asked(tmp_path):
    with pytest.raises(SourceError, match=r"MMStar\.tsv is not at"):
        opened(use="MMStar", path=str(tmp_path / "no.tsv"))


def test_a_row_without_an_image_is_left_out(tmp_path):
    file = write(tmp_path / "a.tsv", ["index", "image", "question", "answer"], ["1", "", "Which?", "3"])
    assert opened(use="MathVision", path=file) == [LeftOut("1", "no_image", "no image")]
