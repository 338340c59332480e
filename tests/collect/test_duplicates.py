"""Duplicates: what counts as the same, who stays, and that no pair of rows decides by chance."""

import random

import pyarrow as pa
import pytest

from mmfinereason.collect.duplicates import Drop, find_duplicates, same_wording
from mmfinereason.recipe.clean import DuplicateSettings
from mmfinereason.schema import Reason

EXACT = DuplicateSettings()
NEAR = DuplicateSettings(near=True, question_similarity=0.8)
LONG = "As shown in the figure, the two circles touch each other and the line is tangent to both. Find the angle at {}."


def keys(*rows):
    """Rows as (id, question, image_sha256, image_phash)."""
    return pa.table(
        {
            name: pa.array([row[i] for row in rows], pa.string())
            for i, name in enumerate(("id", "question", "image_sha256", "image_phash"))
        }
    )


def phash(bits):
    return f"{bits:016x}"


def test_the_same_image_and_wording_is_a_duplicate_of_the_first():
    table = keys(
        ("s/1", "<image>Find x.", "aa", phash(1)),
        ("s/2", "<image>find  x", "aa", phash(1)),
        ("s/3", "<image>Find x.", "bb", phash(1)),
        ("s/4", "<image>Find y.", "aa", phash(1)),
        ("t/5", "Find x.", "aa", phash(1)),
    )
    same = "same image and question as s/1"
    assert find_duplicates(table, EXACT) == [Drop(1, Reason.DUPLICATE, same), Drop(4, Reason.DUPLICATE, same)]


def test_an_id_that_is_taken_is_rejected_whatever_the_row_says():
    table = keys(("s/1", "Find x.", "aa", phash(1)), ("s/1", "Find y.", "bb", phash(2)))
    [drop] = find_duplicates(table, EXACT)
    assert (drop.index, drop.reason) == (1, Reason.DUPLICATE_ID)


def test_a_dropped_row_is_nobodys_twin():
    table = keys(
        ("s/1", "Find x.", "aa", phash(1)),
        ("s/1", "Find y.", "bb", phash(2)),
        ("s/3", "Find y.", "bb", phash(2)),
        ("s/4", "Find y.", "bb", phash(2)),
    )
    drops = find_duplicates(table, EXACT)
    assert [(drop.index, drop.reason) for drop in drops] == [(1, Reason.DUPLICATE_ID), (3, Reason.DUPLICATE)]
    assert drops[1].detail.endswith("s/3")


def test_no_rows_have_no_duplicates():
    assert find_duplicates(keys(), NEAR) == []
    assert find_duplicates([], NEAR) == []


def test_exact_duplicates_can_be_kept():
    table = keys(("s/1", "Find x.", "aa", phash(1)), ("s/2", "Find x.", "aa", phash(1)))
    assert find_duplicates(table, DuplicateSettings(exact=False)) == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Find x.", "find X.", False),
        ("Find the angle.", "FIND the angle", False),
        ("Find the Angle.", "find the angle", True),
        ("Find AB.", "Find ab.", False),
        ("x = 1.5?", "x = 15?", False),
        ("x < 3?", "x > 3?", False),
    ],
)
def test_names_and_numbers_make_a_question_another(one, other, same):
    assert (same_wording(one) == same_wording(other)) is same


def test_nearly_the_same_image_and_question_is_dropped_on_request_only():
    table = keys(
        ("s/1", LONG.format("P"), "aa", phash(0xF0F0_1234)),
        ("s/2", LONG.format("P").replace("the figure", "this figure"), "bb", phash(0xF0F0_1237)),
    )
    assert find_duplicates(table, EXACT) == []
    assert find_duplicates(table, NEAR) == [Drop(1, Reason.NEAR_DUPLICATE, "nearly the same image and question as s/1")]


@pytest.mark.parametrize(
    "other",
    [
        ("s/2", LONG.format("Q"), "bb", phash(0xF0F0_1234)),  # another name
        ("s/2", LONG.format("P") + " Use 3.", "bb", phash(0xF0F0_1234)),  # another number
        ("s/2", LONG.format("P"), "bb", phash(0x0F0F_1234)),  # another image
        ("s/2", LONG.format("P").replace("touch", "cross"), "bb", phash(0xF0F0_1234)),  # another word
        ("s/2", "What is wrong with the clock at P?", "bb", phash(0xF0F0_1234)),  # another question
    ],
)
def test_what_differs_in_a_fact_is_no_near_duplicate(other):
    assert find_duplicates(keys(("s/1", LONG.format("P"), "aa", phash(0xF0F0_1234)), other), NEAR) == []


def test_pictures_of_one_colour_are_not_near_duplicates():
    table = keys(("s/1", LONG.format("P"), "aa", phash(0)), ("s/2", LONG.format("P"), "bb", phash(0)))
    assert find_duplicates(table, NEAR) == []


def test_bands_find_every_pair_that_comparing_all_with_all_finds():
    dice = random.Random(5)
    rows = []
    for group in range(60):
        bits = dice.getrandbits(64)
        for copy in range(3):
            flipped = bits ^ (1 << dice.randrange(64)) ^ (1 << dice.randrange(64)) if copy else bits
            rows.append((f"{group}", LONG.format("P").replace("circles", f"circles{'abc'[group % 3]}"), phash(flipped)))
    dice.shuffle(rows)
    table = keys(*((f"s/{i}", question, str(i), bits) for i, (_, question, bits) in enumerate(rows)))
    dropped = {drop.index for drop in find_duplicates(table, NEAR)}
    for i, (group, _, bits) in enumerate(rows):
        close = [j for j in range(i) if j not in dropped and (int(rows[j][2], 16) ^ int(bits, 16)).bit_count() <= 2]
        assert (i in dropped) == bool(close), (i, group)


def test_the_result_does_not_depend_on_how_the_table_is_cut():
    rows = [(f"s/{i}", f"Find {'xyz'[i % 3]}.", str(i % 7), phash(i % 5)) for i in range(100)]
    whole = keys(*rows)
    cut = pa.concat_tables([whole.slice(start, 9) for start in range(0, 100, 9)])
    assert find_duplicates(whole, NEAR) == find_duplicates(cut, NEAR) == find_duplicates(iter(cut.to_batches()), NEAR)
