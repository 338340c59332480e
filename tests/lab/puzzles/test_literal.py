"""Literal puzzles: whoever changes a family changes what a seed means, and sees it here."""

import pytest

from mmfinereason.lab.puzzles import FAMILIES, generate

EXPECTED = {
    ("geometry_angles", 0, 1): (
        "In the figure, find ∠TSU in degrees.",
        (),
        "104°",
    ),
    ("geometry_areas", 1, 2): (
        "Using the measures in the figure, work out the area of the trapezoid.",
        ("291 m²", "289 m²", "306 m²", "578 m²"),
        "B",
    ),
    ("pythagoras", 2, 3): (
        "How long is HI in the figure? Give the exact value.",
        (),
        "√185 ft",
    ),
    ("bar_chart", 3, 1): (
        "What is the difference between the bars for Plums and Grapes?",
        ("300", "250", "200", "180"),
        "C",
    ),
    ("line_chart", 4, 2): (
        "How large is the biggest rise between two neighbouring points?",
        (),
        "35",
    ),
    ("function_plot", 5, 3): (
        "The two graphs meet in two points. What is the sum of all four coordinates of these points?",
        ("-6", "1", "6", "5"),
        "C",
    ),
    ("table_reading", 6, 1): (
        "What is the total of the column Days?",
        (),
        "105",
    ),
    ("circuit", 7, 2): (
        "Find the equivalent resistance that the battery sees.",
        ("18 Ω", "90 Ω", "45 Ω", "108 Ω"),
        "C",
    ),
    ("mechanics", 8, 3): (
        "Rope and pulley are light. With what acceleration does the block move up the slope? Take g = 10 m/s².",
        (),
        "8 m/s²",
    ),
    ("pattern_matrix", 9, 1): (
        "Each row of the 3x3 matrix is built by the same rules. Which candidate, 1 to 6, is the missing cell?",
        ("5", "2", "4", "3"),
        "C",
    ),
    ("maze", 10, 2): (
        "How many stars lie on the way from S to G, if no cell is visited twice?",
        (),
        "1",
    ),
    ("sudoku_like", 11, 3): (
        "Fill the grid so that no number from 1 to 4 repeats in a row, a column or a bold-framed 2x2 "
        "block. Add the numbers that belong in the two marked cells. What do you get?",
        ("7", "4", "8", "5", "6"),
        "E",
    ),
    ("counting_scene", 12, 1): (
        "What is the number of stars in the scene?",
        (),
        "4",
    ),
    ("spatial_scene", 13, 2): (
        "Look at the building from the front, in the direction of the arrow. How many squares do you see?",
        ("10", "7", "8", "16"),
        "C",
    ),
    ("clock_reading", 14, 3): (
        "A train leaves 2 hours and 23 minutes after the time on the clock. At what time does it leave (h:mm)?",
        (),
        "2:25",
    ),
    ("receipt_reading", 15, 1): (
        "How much was paid for Honey in all?",
        ("$5.40", "$6.40", "$10.80", "$5.30"),
        "A",
    ),
}
"""(family, index, level) with seed 7 -> question without its option lines, options, answer."""


def test_every_family_has_a_literal_example():
    assert {key[0] for key in EXPECTED} == set(FAMILIES)


@pytest.mark.parametrize("key", list(EXPECTED), ids=lambda key: key[0])
def test_a_seed_means_the_same_puzzle_for_ever(key):
    family, index, level = key
    question, options, answer = EXPECTED[key]
    puzzle = generate(family, seed=7, index=index, level=level, multiple_choice=bool(options))
    assert puzzle.question.split("\nA. ")[0] == question
    assert (puzzle.options, puzzle.answer) == (options, answer)
