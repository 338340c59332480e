from mmfinereason.evaluate.score import Mark, score


def marks(*rows):
    return [Mark(f"{question}/{i}", question, right, labels) for i, (question, right, labels) in enumerate(rows)]


def scored(rule, *rows):
    return score(marks(*rows), rule, draws=200, seed=0)


def test_a_question_counts_in_circular_only_when_right_in_every_rotation():
    found = scored("circular", ("a", True, {}), ("a", True, {}), ("b", True, {}), ("b", False, {}))
    assert found.headline.value == 0.5
    assert found.headline.n == 2
    assert found.beside["vanilla"].value == 0.75


def test_the_worst_case_stands_beside_the_average_of_variants():
    rows = [("a", True, {})] * 10 + [("b", True, {})] * 9 + [("b", False, {})]
    found = scored("variants", *rows)
    assert found.headline.value == 0.95
    assert found.beside["worst_case"].value == 0.5


def test_items_of_one_question_each_count_but_are_drawn_together():
    found = scored("each", ("a", True, {}), ("a", False, {}), ("b", False, {}), ("c", True, {}))
    assert found.headline.value == 0.5
    assert found.headline.n == 3


def test_accuracy_is_broken_down_by_every_label():
    found = scored(
        "each",
        ("a", True, {"version": "Text Lite", "subject": "Plane Geometry"}),
        ("a", False, {"version": "Vision Only", "subject": "Plane Geometry"}),
        ("b", True, {"version": "Text Lite"}),
    )
    assert {name: one.value for name, one in found.by["version"].items()} == {"Text Lite": 1.0, "Vision Only": 0.0}
    assert found.by["subject"]["Plane Geometry"].value == 0.5


def test_circular_labels_count_questions():
    found = scored("circular", ("a", True, {"ability": "ocr"}), ("a", False, {"ability": "ocr"}))
    assert found.by["ability"]["ocr"].value == 0.0
