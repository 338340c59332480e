"""Rows of the built-in source."""

from io import BytesIO

from PIL import Image

from mmfinereason.lab.puzzles import FAMILIES
from mmfinereason.lab.puzzles.source import PuzzleSpec, puzzle, raw_row, raw_rows


def test_a_row_is_the_same_alone_and_in_the_stream():
    spec = PuzzleSpec(count=12, seed=4, dirty=0.5, spoil=0.5)
    rows = list(raw_rows(spec))
    assert [raw_row(spec, i) for i in reversed(range(12))] == rows[::-1]


def test_a_row_tells_what_the_puzzle_knows():
    spec = PuzzleSpec(count=4, seed=1, multiple_choice_share=1.0)
    row, (known, dirt, spoiled) = raw_row(spec, 3), puzzle(spec, 3)
    assert (dirt, spoiled) == (None, None)
    assert row["question"] == row["clean_question"] == known.question
    assert row["answer"] == known.answer
    assert row["options"] == list(known.options)
    assert row["image"]["path"] == f"{row['id']}.png"
    assert Image.open(BytesIO(row["image"]["bytes"])).size == known.draw().size


def test_families_take_turns():
    spec = PuzzleSpec(count=2 * len(FAMILIES))
    assert [puzzle(spec, i)[0].family for i in range(spec.count)] == 2 * list(FAMILIES)
