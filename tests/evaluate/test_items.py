from dataclasses import replace

from mmfinereason.evaluate.items import Benchmark, Item, LeftOut, rotations

ITEM = Item("7", "Which?", "B", b"png", ("red", "green", "blue"), kind="option")


def test_rotations_move_the_answer_with_its_option():
    turned = list(rotations(ITEM))
    assert [one.reference for one in turned] == ["B", "A", "C"]
    assert all(one.options["ABC".index(one.reference)] == "green" for one in turned)
    assert [one.id for one in turned] == ["7", "7+1", "7+2"]
    assert {one.unit for one in turned} == {"7"}


def test_a_listed_question_loses_its_old_list():
    listed = replace(ITEM, question="Which?\nA. red\nB. green\nC. blue", listed=True)
    assert {one.question for one in rotations(listed)} == {"Which?"}


def test_a_question_that_lists_its_options_otherwise_is_left_out_by_name():
    odd = replace(ITEM, question="Which of red, green and blue?", listed=True)
    assert list(rotations(odd)) == [LeftOut("7", "no_rotation", "its options or its answer cannot be told")]


def test_a_limit_counts_questions_and_keeps_all_their_variants():
    items = [replace(ITEM, id=f"{group}{i}", group=group) for i in range(2) for group in "abc"]
    benchmark = Benchmark("x", "each", lambda: items, limit=2)
    assert [one.id for one in benchmark.items()] == ["a0", "b0", "a1", "b1"]


def test_own_circular_benchmarks_are_rotated_here():
    benchmark = Benchmark("x", "circular", lambda: [ITEM], rotations_made=True)
    assert len(list(benchmark.items())) == 3
