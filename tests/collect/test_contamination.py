"""Contamination: copies of test items are found by image or by question, and generic texts accuse nobody."""

import io
import json

import pyarrow as pa
import pytest
from PIL import Image, ImageDraw

from mmfinereason.collect.benchmarks import benchmark_items
from mmfinereason.collect.contamination import BenchmarkItem, build_index, find_contamination
from mmfinereason.errors import SourceError
from mmfinereason.images import normalize
from mmfinereason.recipe.clean import ContaminationSettings, ImageSettings
from mmfinereason.recipe.sources import Columns, SourceSettings
from mmfinereason.schema import Reason

ITEM = (
    "A train leaves the station at noon and travels north at a speed of eighty kilometres an hour. "
    "Another train leaves one hour later. When do they meet?"
)
SETTINGS = ContaminationSettings()


def figure(shift=0, size=(300, 200), kind="PNG"):
    image = Image.new("RGB", (300, 200), "white")
    pen = ImageDraw.Draw(image)
    pen.ellipse((20 + shift, 20, 120 + shift, 120), outline="black", width=5)
    pen.polygon([(150, 180 - shift), (280, 150), (200, 30 + shift)], fill="navy")
    buffer = io.BytesIO()
    image.resize(size).save(buffer, kind)
    return buffer.getvalue()


def find(question, image=None, items=None, settings=SETTINGS):
    index = build_index(items or [BenchmarkItem("Bench", "7", ITEM, figure())], settings)
    picture = normalize(image or figure(shift=60), ImageSettings())
    return index.find(question, picture.phash, picture.sha256)


def test_the_same_image_is_found_also_rescaled_and_re_encoded():
    assert find("Find x.", figure()).by == "bytes"
    match = find("Find x.", figure(size=(450, 300), kind="JPEG"))
    assert (match.benchmark, match.item, match.by, match.sure) == ("Bench", "7", "image", False)


def test_a_picture_that_is_only_alike_is_sure_beside_a_question_that_no_other_item_asks():
    again = figure(size=(450, 300), kind="JPEG")
    items = [BenchmarkItem("Bench", "7", "What time is it?", figure())]
    assert find("<image>What time is it?", again, items).by == "both"
    assert find("<image>What time is it?", again, items).sure
    assert find("How late is it?", again, items).by == "image"
    others = [BenchmarkItem("Bench", "8", "What time is it?", figure(shift=30))]
    assert not find("What time is it?", again, [*items, *others]).sure, "the question of a template proves nothing"
    assert find("What time is it?", again, [*items, BenchmarkItem("Other", "8", "What time is it?", None)]).sure


def test_sure_evidence_comes_before_a_suspicion():
    items = [BenchmarkItem("Bench", "1", "Find x.", figure()), BenchmarkItem("Bench", "2", ITEM, None)]
    match = find(ITEM, figure(size=(450, 300), kind="JPEG"), items)
    assert (match.item, match.by) == ("2", "question")
    assert str(find("Find y.", figure(size=(450, 300), kind="JPEG"), items)).startswith(
        "Bench item 1, suspected by image alone ("
    )


def test_the_same_question_is_found_also_within_a_longer_text():
    assert find(f"<image>{ITEM}").score == 1
    match = find(f"Consider this. {ITEM.upper().replace('.', ' ;')} Explain every step of your solution in detail.")
    assert (match.by, match.item) == ("question", "7")


def test_a_question_with_a_few_words_changed_is_found():
    assert find(ITEM.replace("eighty", "ninety"), settings=ContaminationSettings(question_overlap=0.6)).by == "question"


def test_another_image_and_question_match_nothing():
    assert find("In the triangle shown in the figure, what is the length of the side that is opposite of A?") is None


def test_a_short_question_accuses_nobody():
    items = [BenchmarkItem("Bench", "1", "What is the area of the shaded region in the figure?", figure())]
    assert find("What is the area of the shaded region in the figure?", items=items) is None


def test_the_template_of_a_benchmark_accuses_nobody():
    template = (
        "Rules: the player moves the crates onto the marked fields and never pulls one. How many moves does it take to"
    )
    items = [BenchmarkItem("Bench", str(i), f"{template} reach goal number {i}?", None) for i in range(20)]
    assert find(f"{template} win?", items=items) is None
    assert find(f"{template} win?", items=items[:3]).by == "question"


def test_what_many_different_images_share_with_one_item_is_a_template_and_no_copy():
    index = build_index([BenchmarkItem("Bench", "7", ITEM, None)], SETTINGS)

    def dropped(rows):
        columns = {"id": map(str, range(rows)), "image_sha256": map(str, range(rows))}
        columns |= {"question": [ITEM] * rows, "image_phash": ["0" * 16] * rows}
        return len(find_contamination(pa.table({name: pa.array(values) for name, values in columns.items()}), index))

    assert dropped(5) == 5
    assert dropped(6) == 0


def test_the_drop_carries_the_pair_as_evidence():
    index = build_index([BenchmarkItem("Bench", "7", ITEM, None)], SETTINGS)
    keys = pa.table(
        {
            "id": ["s/1", "s/2"],
            "question": ["<image>Find x.", f"<image>{ITEM}"],
            "image_sha256": ["aa", "bb"],
            "image_phash": ["0" * 16, "0" * 16],
        }
    )
    [drop] = find_contamination(keys, index)
    assert (drop.index, drop.reason) == (1, Reason.CONTAMINATED)
    assert "Bench item 7, by question (100% of its n-grams)" in drop.detail
    assert "A train leaves the station" in drop.detail


def test_pictures_of_one_colour_and_unreadable_images_match_nothing():
    blank = io.BytesIO()
    Image.new("RGB", (64, 64), "white").save(blank, "PNG")
    items = [
        BenchmarkItem("Bench", "1", "Find x.", blank.getvalue()),
        BenchmarkItem("Bench", "2", "Find y.", b"no image"),
    ]
    grey = io.BytesIO()
    Image.new("RGB", (64, 64), "grey").save(grey, "PNG")
    assert find("Find x.", grey.getvalue(), items) is None
    assert find("Find x.", blank.getvalue(), items).item == "1"  # the very same bytes are evidence


def test_an_empty_benchmark_matches_nothing():
    assert build_index([], SETTINGS).find(ITEM, "f" * 16, "aa") is None


def test_chinese_words_are_single_characters():
    question = "如图所示，在风力推动下，风叶带动发电机发电，下列说法中正确的是哪一个？"
    assert find(question, items=[BenchmarkItem("Bench", "1", question.replace("，", " "), None)]).by == "question"


def test_a_benchmark_row_of_another_layout_is_passed_over(tmp_path):
    asked = {"conversations": [{"from": "human", "value": "How many?"}, {"from": "gpt", "value": "3"}]}
    lines = [{"texts": ["what"]}, asked, {"conversations": 7}]
    (tmp_path / "b.jsonl").write_text("\n".join(map(json.dumps, lines)))
    settings = SourceSettings(name="bench", path=str(tmp_path / "b.jsonl"), format="sharegpt")
    assert [item.question for item in benchmark_items(settings)] == ["How many?"]


def test_a_benchmark_item_of_two_images_is_compared_by_its_question(tmp_path):
    (tmp_path / "b.jsonl").write_text(json.dumps({"question": ITEM, "image": ["a.png", "b.png"]}))
    columns = Columns(question="question", image="image")
    settings = SourceSettings(name="bench", path=str(tmp_path / "b.jsonl"), columns=columns)
    assert [item.question for item in benchmark_items(settings)] == [ITEM]


def test_a_benchmark_that_gives_no_item_is_an_error_and_not_a_clean_bill(tmp_path):
    (tmp_path / "b.jsonl").write_text('{"text": "How many?"}')
    columns = Columns(question="question", image="image")
    settings = SourceSettings(name="bench", path=str(tmp_path / "b.jsonl"), columns=columns)
    with pytest.raises(SourceError, match="'bench' gives no question to compare with"):
        list(benchmark_items(settings))
