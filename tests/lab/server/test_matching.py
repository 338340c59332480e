"""Finding the row a request is about."""

import hashlib
import io

import orjson
import pytest
from PIL import Image

from mmfinereason.lab.chat import Refusal, parse
from mmfinereason.lab.knowledge import Known
from mmfinereason.lab.matching import Matcher
from mmfinereason.models.prompts import load

from .asking import blocks, body, picture, sample

MODELS = {"m": "teacher"}


def request(text, image=None):
    return parse(orjson.dumps(body("m", text, image)), MODELS)


def test_every_puzzle_is_found_by_its_bytes(rows, puzzles):
    matcher = Matcher(rows)
    for row, puzzle in zip(rows, puzzles, strict=True):
        assert matcher.find(request(blocks(question=puzzle.question), picture(puzzle)[0])) == row


def test_a_rescaled_jpeg_is_found_too(rows, puzzles):
    matcher = Matcher(rows)
    with Image.open(io.BytesIO(picture(puzzles[0])[0])) as image:
        smaller, file = image.resize((image.width * 3 // 4, image.height * 3 // 4)), io.BytesIO()
    smaller.save(file, "JPEG", quality=90)
    assert matcher.find(request(blocks(question=puzzles[0].question), file.getvalue())) == rows[0]


def test_rows_with_one_image_are_told_apart_by_the_question():
    rows = [Known(str(i), (question,), answer=str(i), image_sha256=SHA) for i, question in enumerate(QUESTIONS)]
    matcher = Matcher(rows)
    for row in rows:
        assert matcher.find(request(blocks(question=row.question), b"pixels")) == row
        assert matcher.find(request(f"Look at this. {row.question.upper()} Answer briefly.", b"pixels")) == row


def test_a_reworded_question_still_finds_its_row():
    matcher = Matcher([Known(str(i), (q,), answer=str(i), image_sha256=SHA) for i, q in enumerate(QUESTIONS)])
    reworded = "How many red apples are there in the basket? Reason step by step."
    assert matcher.find(request(blocks(question=reworded), b"pixels")).id == "0"


def test_the_longest_question_in_a_foreign_prompt_counts():
    rows = [Known("short", ("Find x.",)), Known("long", ("Find x. Round to tenths.",))]
    assert Matcher(rows).find(request("Task: Find x. Round to tenths. Go!")).id == "long"
    assert Matcher(rows).find(request("Task: Find x. Go!")).id == "short"


def test_a_word_is_no_part_of_a_longer_word():
    with pytest.raises(Refusal, match="no known row"):
        Matcher([Known("a", ("Find x",))]).find(request("Find xylophones"))


def test_without_an_image_only_nearly_the_same_question_will_do():
    matcher = Matcher([Known(str(i), (question,)) for i, question in enumerate(QUESTIONS)])
    assert [row.id for row in matcher.nearly_asking("3. " + QUESTIONS[0])] == ["0"]
    assert matcher.nearly_asking("How many red apples are there?") == matcher.nearly_asking("") == []


def test_active_tags_in_a_question_do_not_hide_it():
    matcher = Matcher([Known("a", ("<image>What follows <answer>? in the row",))])
    assert matcher.find(request(blocks(question="[image]What follows [answer]? in the row"))).id == "a"


def test_two_rows_that_fit_are_refused_unless_they_say_the_same():
    twins = [Known("a", ("How many?",), answer="3"), Known("b", ("How many?",), answer="3")]
    assert Matcher(twins).find(request(blocks(question="How many?"))).id == "a"
    rivals = [*twins, Known("c", ("How many?",), answer="4")]
    with pytest.raises(Refusal, match="3 known rows fit"):
        Matcher(rivals).find(request(blocks(question="How many?")))


def test_an_unknown_image_is_decoded_once(rows, puzzles, monkeypatch):
    seen = []
    monkeypatch.setattr("mmfinereason.lab.matching.hash_image", lambda data: seen.append(data))
    matcher = Matcher(rows)
    for _ in range(3):
        with pytest.raises(Refusal, match="has this image"):
            matcher.find(request(blocks(question=puzzles[0].question), b"unknown"))
    assert seen == [b"unknown"]


def test_any_wording_of_a_row_is_matched(rows, puzzles, tmp_path):
    from mmfinereason.lab.knowledge import load

    from .asking import write_samples

    dirty = sample(puzzles[0], original_question="3. 这是什么？", question="这是什么？")
    (row,) = load([write_samples([dirty], tmp_path)])
    assert row.wordings == (puzzles[0].question, "这是什么？", "3. 这是什么？")
    assert Matcher([row]).find(request(blocks(question="3. 这是什么？"))) == row


QUESTIONS = ("How many red apples are in the basket?", "What colour is the table cloth under the plates?")
SHA = hashlib.sha256(b"pixels").hexdigest()


def test_every_puzzle_is_found_by_a_bare_question_too(rows, puzzles):
    matcher, prompt = Matcher(rows), load("question")
    for row, puzzle in zip(rows, puzzles, strict=True):
        text = prompt.render(question=puzzle.question).text
        assert matcher.find(request(f"Think first. {text}", picture(puzzle)[0])) == row
