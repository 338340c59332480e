from __future__ import annotations

import pytest

from mmfinereason.answers import parse_options

QUESTIONS = [
    ("Pick one.\nA. red\nB. green\nC. blue", ("red", "green", "blue")),
    ("Pick one. (A) red (B) green (C) blue", ("red", "green", "blue")),
    ("Pick one: A) red B) green", ("red", "green")),
    ("Pick:\na. 2\nb. 3\nc. 4\nd. 7", ("2", "3", "4", "7")),
    ("Pick: A: 60° B: 45°", ("60°", "45°")),
    ("Total? A.256; B.512; C.944; D.275", ("256", "512", "944", "275")),
    ("How many?Choose from the following options:A.1,B.5,C.6", ("1", "5", "6")),
    ("Which?\nOptions: ['warm', 'cold']", ("warm", "cold")),
    ("Where?\nOptions:\n1: (2, 0)\n2: (2, 2)\n3: (0, 2)", ("(2, 0)", "(2, 2)", "(0, 2)")),
    ("Color?Options: [1] pink, [2] yellow, [3] green", ("pink", "yellow", "green")),
    ("Who? Options: 1. First Player 2. Second Player 3. Not Marked", ("First Player", "Second Player", "Not Marked")),
    ("Find x.\nChoices:\n8\n9\n10\n11", ("8", "9", "10", "11")),
    ("Which?\n**A.** red\n**B.** green", ("red", "green")),
    ("Options: A) A  B) B  C) C  D) D", ("A", "B", "C", "D")),
    ("Rules: A. run B. jump\nWhich?\nA. red\nB. green\nC. blue\nAnswer with the letter.", ("red", "green", "blue")),
    ("What is 2 + 2?", ()),
    ("", ()),
    ("1. The grid is 5x5.\n2. Rows start at 0.\nHow many stars?", ()),
    ("(a) Find the distance that the block travels. (b) What is the largest acceleration at which it rests?", ()),
    ("In triangle ABC, D. is a point. Find AB.", ()),
]


@pytest.mark.parametrize(("question", "options"), QUESTIONS)
def test_the_options_of_a_question(question, options):
    assert parse_options(question) == options


def test_a_list_in_the_rules_of_a_game_is_not_taken_for_options():
    rules = "Colours:\nA. Red\nB. Green\nC. Blue\n" + "The board has many cells and rules. " * 80
    assert parse_options(rules + "How many are red?") == ()
