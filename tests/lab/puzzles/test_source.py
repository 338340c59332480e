"""Rows of the built-in source."""

from io import BytesIO

import pytest
from PIL import Image

from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.collect.sources.puzzles import by_drawing
from mmfinereason.errors import SourceError
from mmfinereason.lab.puzzles import FAMILIES, SMALL, generate
from mmfinereason.lab.puzzles.source import PuzzleSpec, puzzle, raw_row, raw_rows
from mmfinereason.recipe.sources import PuzzleSettings


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


def test_a_row_can_be_made_again_from_its_numbers():
    for part in ("all", "train", "test"):
        row = raw_row(PuzzleSpec(tuple(SMALL), count=10, seed=3, part=part), 7)
        again = generate(**row["puzzle"])
        assert (again.question, again.answer) == (row["question"], row["answer"])
        assert Image.open(BytesIO(row["image"]["bytes"])).tobytes() == again.draw().tobytes()


def test_rows_of_different_parts_have_different_ids():
    ids = [raw_row(PuzzleSpec(count=1, part=part), 0)["id"] for part in ("all", "train", "test")]
    assert ids == [f"geometry_angles-0-000000{end}" for end in ("", "-train", "-test")]


def rows_of(**settings):
    map_row = by_drawing(PuzzleSettings(count=12, **settings))
    return [draft for i in range(12) for draft in map_row(RawRow({"index": i}, f"#{i}"))]


def test_a_world_is_the_default_for_its_families():
    small = {f"puzzles-{name}" for name in SMALL}
    assert {draft.source for draft in rows_of(world="small")} == small
    assert not {draft.source for draft in rows_of()} & small
    mixed = rows_of(world="small", families=["maze", "small_bars"])
    assert {draft.source for draft in mixed} == {"puzzles-maze", "puzzles-small_bars"}


def test_a_draft_names_its_part():
    drafts = rows_of(world="small", part="test")
    assert {draft.extra["puzzle"]["part"] for draft in drafts} == {"test"}
    assert [generate(**draft.extra["puzzle"]).answer for draft in drafts] == [draft.answer for draft in drafts]


def test_an_unknown_family_is_named():
    with pytest.raises(SourceError, match="did you mean 'small_bars'"):
        by_drawing(PuzzleSettings(families=["small_bar"]))
