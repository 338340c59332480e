import csv
import io

import pytest
from PIL import Image

from mmfinereason.errors import MmfrError, StoreError
from mmfinereason.evaluate import show
from mmfinereason.evaluate.compare import compare
from mmfinereason.evaluate.grade import Grade
from mmfinereason.evaluate.items import Item
from mmfinereason.evaluate.picture import draw, points
from mmfinereason.evaluate.result import FILE, TABLE, result
from mmfinereason.evaluate.table import Answered, as_table
from mmfinereason.models import Failure
from mmfinereason.recipe.evaluate import AboutModel
from mmfinereason.schema import Reason
from mmfinereason.store import Folder, write_parquet

SETTINGS = {"model": {"temperature": 0.0}, "prompt": "plain@1", "verifier": {}, "seed": 0}
NO_REPLY = Failure("k", Reason.REFUSED_REQUEST, "", 1, 0.0, "", "m", "p", None, None, None)


def evaluated(folder, name, benchmark, right, paper=None, about=None, settings=SETTINGS, count=50):
    """Results of a model that has the items in `right` right."""
    answered = [
        Answered(Item(str(i), f"Question {i}?", "A", b""), "0", "", "plain@1", NO_REPLY, _grade(i in right))
        for i in range(count)
    ]
    facts = {
        "model": name, "benchmark": benchmark, "paper": paper, "rule": "each", "expected": None,
        "about": about or AboutModel(), "settings": settings,
    }  # fmt: skip
    made = result(answered, [], facts, draws=200, seed=0, train_run=None)
    at = Folder(f"{folder}/{name}/{benchmark}")
    write_parquet(at, TABLE, as_table(answered))
    at.write(FILE, made.model_dump_json().encode())
    return f"{folder}/{name}"


def _grade(right):
    return Grade("correct" if right else "wrong", "exact")


def test_a_difference_is_taken_item_by_item(tmp_path):
    base = evaluated(tmp_path, "base", "own", set(range(20)))
    tuned = evaluated(tmp_path, "tuned", "own", set(range(2, 30)))
    (pair,) = compare([base, tuned]).paired
    assert (pair.better, pair.worse) == (10, 2)
    assert pair.difference.value == pytest.approx(8 / 50)
    assert pair.difference.low > 0
    assert pair.p == pytest.approx(158 / 4096)


def test_the_papers_columns_stand_beside_benchmarks_of_the_paper_only(tmp_path):
    one = evaluated(tmp_path, "one", "MMStar", set(range(25)), paper="MMStar")
    evaluated(tmp_path, "one", "own", set(range(25)))
    evaluated(tmp_path, "one", "AI2D", set(range(50)), paper="AI2D")
    found = compare([one], "MFR-8B,OMR-7B")
    assert show.reference(found) == [
        ["benchmark", "MFR-8B", "OMR-7B"],
        ["MMStar", "75.2", "69.0"],
        ["AI2D", "87.9", "85.0"],
        ["own", "–", "–"],
        ["average of 2", "81.6", "77.0"],
    ]
    assert show.scores(found)[-1] == ["average of 2", "75.0"]  # of the same two


def test_own_benchmarks_alone_need_no_published_columns(tmp_path):
    one = evaluated(tmp_path, "one", "own", {1})
    assert compare([one]).reference == ()


def test_an_unknown_column_is_a_sentence(tmp_path):
    one = evaluated(tmp_path, "one", "MMStar", {1}, paper="MMStar")
    with pytest.raises(MmfrError, match="no column MFR-9B"):
        compare([one], "MFR-9B")


def test_settings_that_differ_are_said(tmp_path):
    base = evaluated(tmp_path, "base", "own", {1})
    warm = evaluated(tmp_path, "warm", "own", {1}, settings=SETTINGS | {"model": {"temperature": 0.7}})
    assert compare([base, warm]).remarks == ("own: base has temperature 0.0, warm has 0.7",)


def test_only_shared_questions_are_paired_and_that_is_said(tmp_path):
    base = evaluated(tmp_path, "base", "own", set(range(10)))
    less = evaluated(tmp_path, "less", "own", set(range(10)), count=20)
    found = compare([base, less])
    assert found.paired[0].difference.n == 20
    assert "not asked the same items; 20 shared" in found.remarks[0]


def test_models_of_one_name_are_told_apart_by_their_runs(tmp_path):
    paths = [evaluated(tmp_path / run / "evaluations", "student", "own", {1}) for run in ("old", "new")]
    assert [model.name for model in compare(paths).models] == ["old/student", "new/student"]
    assert [model.name for model in compare([f"a={paths[0]}", paths[1]]).models] == ["a", "student"]


def test_a_folder_without_results_is_a_sentence(tmp_path):
    with pytest.raises(StoreError, match="holds no results"):
        compare([str(tmp_path)])


def test_markdown_and_csv_hold_the_same_numbers(tmp_path):
    base = evaluated(tmp_path, "base", "MMStar", set(range(20)), paper="MMStar")
    tuned = evaluated(tmp_path, "tuned", "MMStar", set(range(30)), paper="MMStar")
    found = compare([base, tuned])
    assert "| MMStar | 40.0 [" in show.as_markdown(found)
    lines = list(csv.DictReader(io.StringIO(show.as_csv(found))))
    assert [one["value"] for one in lines if one["kind"] == "difference"] == ["20.0"]
    assert [one["value"] for one in lines if one["model"] == "MFR-8B"] == ["75.2"]


def test_the_picture_shows_models_of_known_size_only(tmp_path):
    about = AboutModel(parameters=4, samples=12_000)
    base = evaluated(tmp_path, "base", "MMStar", {1}, paper="MMStar")
    tuned = evaluated(tmp_path, "tuned", "MMStar", set(range(30)), paper="MMStar", about=about)
    found = compare([base, tuned])
    assert [point.name for point in points(found) if point.ours] == ["tuned"]
    assert "MFR-8B" in {point.name for point in points(found)}
    assert draw(found, tmp_path / "a.png") == ["base is not drawn: evaluate.about says no parameters or samples of it"]
    with Image.open(tmp_path / "a.png") as image:
        assert image.width > 800


def test_no_sizes_no_picture(tmp_path):
    with pytest.raises(MmfrError, match="no model has both"):
        draw(compare([evaluated(tmp_path, "one", "own", {1})]), tmp_path / "a.png")
