"""Dirty questions."""

import re

import ftfy
import pytest

from mmfinereason.lab.puzzles import FAMILIES, generate
from mmfinereason.lab.puzzles.dirt import DIRT, dirty

KINDS = {
    "chinese", "link", "question_number_score", "shallow_instruction", "watermark", "html", "mojibake",
    "repeated_punctuation", "drawing_task", "coding_task", "cut_off", "markdown_image",
}  # fmt: skip


def puzzles():
    return [generate(family, seed=6, index=i) for family in FAMILIES for i in range(4)]


def test_all_kinds_are_there():
    assert set(DIRT) == KINDS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_dirt_changes_the_question_and_is_always_the_same(kind):
    for puzzle in puzzles():
        soiled = dirty(puzzle, kind)
        assert soiled.question != puzzle.question
        assert soiled == dirty(puzzle, kind)
        assert soiled.kind == kind


@pytest.mark.parametrize(
    "kind", ["link", "watermark", "question_number_score", "shallow_instruction", "markdown_image"]
)
def test_dirt_around_the_question_leaves_it_whole(kind):
    for puzzle in puzzles():
        soiled = dirty(puzzle, kind)
        assert soiled.expect == "cleaned"
        assert all(line in soiled.question for line in puzzle.question.split("\n"))


def test_fates():
    puzzle = generate("maze", seed=0, index=0)
    assert {kind for kind in DIRT if dirty(puzzle, kind).expect == "rejected"} == {
        "drawing_task", "coding_task", "cut_off",
    }  # fmt: skip
    assert {kind for kind in DIRT if dirty(puzzle, kind).expect == "needs_model"} == {"chinese"}


def test_chinese_questions_keep_their_options():
    for puzzle in puzzles():
        text = dirty(puzzle, "chinese").question
        assert re.search(r"[\u4e00-\u9fff]{3}", text)
        assert all(f". {option}" in text for option in puzzle.options)
        assert not re.search(r"[\u4e00-\u9fff][,?;]", text)


def test_mojibake_can_be_repaired():
    for puzzle in puzzles():
        repaired = " ".join(ftfy.fix_text(dirty(puzzle, "mojibake").question).replace("\u00a0", " ").split(" "))
        assert repaired == ftfy.fix_text(puzzle.question)


def test_html_can_be_stripped():
    for puzzle in puzzles():
        text = re.sub(r"<br/>", "\n", dirty(puzzle, "html").question)
        text = re.sub(r"<[^>]+>", "", text).replace("&nbsp;", "")
        assert text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&") == puzzle.question


def test_a_cut_off_question_does_not_end():
    for puzzle in puzzles():
        assert not re.search(r"[.?!]$|\n", dirty(puzzle, "cut_off").question)


def test_repeated_punctuation_repeats():
    assert all(re.search(r"([.?!] ?){3}", dirty(p, "repeated_punctuation").question) for p in puzzles())
