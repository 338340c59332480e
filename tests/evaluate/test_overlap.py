from dataclasses import replace

import pyarrow as pa

from mmfinereason.evaluate.items import Benchmark, Item
from mmfinereason.images import perceptual_hash
from mmfinereason.overlap import overlaps
from mmfinereason.recipe.clean import ContaminationSettings
from mmfinereason.schema import SAMPLES, SELECTION, Stage
from mmfinereason.store import Run


def training_run(tmp_path, trained):
    import io

    from PIL import Image

    run = Run(str(tmp_path / "train"))
    records = []
    for id, row in trained.items():
        with Image.open(io.BytesIO(row.image)) as picture:
            phash = perceptual_hash(picture.convert("RGB"))
        records.append({"id": id, "question": row.question, "image_phash": phash, "image_sha256": "0" * 64})
    run.table(Stage.COLLECT).write(0, pa.Table.from_pylist(records, schema=SAMPLES))
    return run


def benchmark(rows):
    items = [Item(str(i), row.question, row.answer, row.image, row.options) for i, row in enumerate(rows)]
    return Benchmark("ours", "each", lambda: items)


def test_a_benchmark_item_in_the_training_data_is_found_by_its_image(tmp_path, rows):
    run = training_run(tmp_path, {"puzzles/a": rows[3]})
    found = overlaps(benchmark(rows[:6]), run, ContaminationSettings())
    assert found.found == {"3": "puzzles/a, an image like it and the same question"}
    assert (found.run, found.suspected) == (run.url, {})


def test_an_image_alone_is_only_a_suspicion_unless_another_row_is_sure(tmp_path, rows):
    other = replace(rows[3], question="Something else entirely?")
    found = overlaps(benchmark(rows[:6]), training_run(tmp_path, {"a": other}), ContaminationSettings())
    assert (found.found, found.suspected) == ({}, {"3": "a, an image like it"})
    both = training_run(tmp_path / "both", {"a": other, "b": rows[3]})
    found = overlaps(benchmark(rows[:6]), both, ContaminationSettings())
    assert (list(found.found), found.suspected) == (["3"], {})


def test_rows_that_no_subset_holds_were_not_trained_on(tmp_path, rows):
    run = training_run(tmp_path, {"puzzles/a": rows[3], "puzzles/b": rows[1]})
    selected = [{"id": "puzzles/a", "subsets": []}, {"id": "puzzles/b", "subsets": ["full"]}]
    run.table(Stage.SELECT).write(0, pa.Table.from_pylist(selected, schema=SELECTION))
    assert list(overlaps(benchmark(rows[:6]), run, ContaminationSettings()).found) == ["1"]


def test_other_data_is_no_overlap(tmp_path, rows):
    run = training_run(tmp_path, {"puzzles/a": rows[7]})
    assert overlaps(benchmark(rows[:6]), run, ContaminationSettings()).found == {}
