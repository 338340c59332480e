"""Marks, choices, exclusions, and the settings of a source."""

import datetime

import pytest
from pydantic import ValidationError

from mmfinereason.collect.locate import Beside
from mmfinereason.collect.readers import RawRow, read
from mmfinereason.collect.sources import SOURCES, Draft, Skip, mapping, pin, source
from mmfinereason.collect.sources.choices import letter_of, option_texts, shown
from mmfinereason.collect.sources.marks import MARKS
from mmfinereason.collect.sources.values import without_markers
from mmfinereason.errors import SourceError
from mmfinereason.recipe.sources import SourceSettings
from mmfinereason.schema import Domain, Reason

OWN = {"name": "own", "path": "unused", "columns": {"question": "q", "image": "img", "answer": "a", "id": "id"}}


def one(row: dict, origin: str = "a.jsonl#0", **settings) -> Draft | Skip:
    (draft,) = mapping(SourceSettings(**{**OWN, **settings})).map(RawRow(row, origin))
    return draft


@pytest.mark.parametrize(
    ("mark", "reference", "answer"),
    [
        ("whole", " 4.4 ", "4.4"),
        ("whole", "word " * 13, None),
        ("boxed", r"so $\boxed{\frac{1}{2}}$", r"\frac{1}{2}"),
        ("boxed", r"\boxed{C} and again \boxed{C}", "C"),
        ("boxed", r"\boxed{y = 3} and \boxed{x = -4}", None),
        ("boxed", r"\boxed{never closed", None),
        ("boxed", "no box", None),
        ("answer_tag", "<think>..</think>\n<answer>\nC\n</answer>", "C"),
        ("answer_tag", "<answer>A</answer> or <answer>B</answer>", None),
        ("answer_tag", "<answer>" + "a long solution " * 9 + "</answer>", None),
        ("conclusion", "<CONCLUSION>\nFerrero\n</CONCLUSION>", "Ferrero"),
        ("answer_line", "Thus D.\nAnswer:D", "D"),
        ("answer_line", "Answer: B\nbecause of that", None),
        ("answer_is", "The answer is 49", "49"),
        ("answer_is", "The answer is B", "B"),
        ("answer_is", "The correct answer is D. 7. This relates to rocks.", "D"),
        ("answer_is", "The answer is 3.5", "3.5"),
        ("answer_is", "It seems the answer is 49", None),
    ],
)
def test_a_marked_answer_is_taken_only_where_the_mark_is_plain(mark, reference, answer):
    assert MARKS[mark](reference) == answer


@pytest.mark.parametrize(
    ("cell", "options"),
    [
        (["red", "blue"], ("red", "blue")),
        (["A. red", "B. blue"], ("red", "blue")),
        (["A.1", "B.5", "C.6"], ("1", "5", "6")),
        (["A: 6", "B: 2"], ("6", "2")),
        (["(A) red", "(B) blue"], ("red", "blue")),
        (["1.5", "2.5"], ("1.5", "2.5")),
        (["A. one.B. two.", "C. three."], ("one.", "two.", "three.")),
        (["A. one", "C. three"], ("A. one", "C. three")),
        ({"B": "blue", "A": "red"}, ("red", "blue")),
        ('["red", "blue"]', ("red", "blue")),
        ("['red', \"blue's\"]", ("red", "blue's")),
        ("{'A': 'red', 'B': 'blue'}", ("red", "blue")),
        ([[0, 12], [3, 2]], ("(0, 12)", "(3, 2)")),
        ([14, 5.0], ("14", "5")),
        ("red or blue", ()),
        ([], ()),
        (None, ()),
    ],
)
def test_options_are_read_from_every_form(cell, options):
    assert option_texts(cell) == options


@pytest.mark.parametrize(
    "question",
    [
        "Which?",
        "Which?\n1: red\n2: light blue",
        "Which?\n1. red\n2.light  blue\n",
        "Which? 1. red 2. light blue",
        "Which? [1] red, [2] light blue",
        "Which?\n(A) red (B) light blue",
        "Which?\nA: red\nB: light blue",
        "Which?A.red,B.light blue",
    ],
)
def test_options_are_shown_once_in_one_form(question):
    assert shown(question, ["red", "light blue"]) == "Which?\nA. red\nB. light blue"


def test_text_after_the_options_stays():
    assert shown("Which?\n1. red\n2. blue\nThink well.", ["red", "blue"]) == "Which?\nA. red\nB. blue\nThink well."


def test_a_numbered_list_in_other_words_gives_way_to_the_options():
    question = "What is it?\nOptions:\n1. red thing\n2.a blue thing\n"
    assert shown(question, ["the red one", "the blue one"]) == "What is it?\nOptions:\nA. the red one\nB. the blue one"


@pytest.mark.parametrize(
    ("answer", "first", "letter"),
    [
        ("B", None, "B"),
        ("(b)", None, "B"),
        ("B.", None, "B"),
        ("B. light blue", None, "B"),
        ("Light  Blue", None, "B"),
        (2, 1, "B"),
        ("1", 0, "B"),
        (3, 1, None),
        (0, 1, None),
        ("B. red", None, None),
        ("green", None, None),
        ("F", None, None),
        (None, None, None),
    ],
)
def test_the_letter_of_an_answer_is_told_or_left_open(answer, first, letter):
    assert letter_of(answer, ["red", "light blue"], first=first) == letter


def test_an_answer_that_is_an_option_is_that_option_even_if_it_looks_like_a_letter():
    assert letter_of("A", ["B", "A"]) == "B"
    assert letter_of("2", ["1", "2", "3"]) == "B"


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("<image>\nHow many?", "How many?"),
        ("How many in <image_1> here?", "How many in here?"),
        ("a  b", "a  b"),
        ("x <image> y <image>", "x y"),
    ],
)
def test_image_markers_leave_the_question(question, asked):
    assert without_markers(question) == asked


@pytest.mark.parametrize(
    ("use", "values", "reason"),
    [
        ("Euclid30K", {"problem": "Which?", "images": [b"1", b"2"], "answer": "1"}, Reason.MULTI_IMAGE),
        ("LLaVA-CoT", {"image": "CLEVR_v1.0/images/train/1.png"}, Reason.TOO_EASY_FAMILY),
        ("LLaVA-CoT", {"image": "clevr-math/1.png"}, Reason.TOO_EASY_FAMILY),
        ("FineVision-geo170k(qa)", {"images": [b"1"], "source": "geo170k(align)"}, Reason.TOO_EASY_FAMILY),
        ("FineVision-tqa", {"images": [b"1"], "source": "PathVQA"}, Reason.MEDICAL),
        ("ViRL39K", {"question": "?", "image": ["vqa-rad/1.png"], "answer": "no"}, Reason.MEDICAL),
        ("FineVision-tqa", {"images": [b"1"], "source": "EXAMS-V", "language": "Croatian"}, Reason.MINOR_LANGUAGE),
        ("FineVision-tqa", {"images": [b"1"], "source": "exams_v"}, Reason.MINOR_LANGUAGE),
    ],
)
def test_the_papers_exclusions_are_applied_and_named(use, values, reason):
    turns = [{"from": "human", "value": "What?"}, {"from": "gpt", "value": "3"}]
    row = RawRow({"id": "7", "conversations": turns, **values}, "a.jsonl#0")
    (skip,) = mapping(SourceSettings(use=use)).map(row)
    assert isinstance(skip, Skip)
    assert skip.reason is reason


def test_a_row_read_from_the_folder_of_an_excluded_family_is_excluded():
    row = RawRow({"images": [b"1"], "texts": [{"user": "How many?", "assistant": "3"}]}, "clevr_math/a.parquet#0")
    (skip,) = mapping(SourceSettings(use="FineVision-tqa")).map(row)
    assert (skip.reason, skip.detail) == (Reason.TOO_EASY_FAMILY, "clevr_math/a.parquet#0")


def test_chinese_and_english_rows_of_exams_v_stay():
    assert isinstance(one({"q": "?", "img": "1.png", "source": "EXAMS-V", "language": "Chinese"}), Draft)


@pytest.mark.parametrize("name", ["cleverness", "slakes.png", "pathological", "exams-vocational/1.png"])
def test_names_that_only_look_like_an_excluded_family_stay(name):
    assert isinstance(one({"q": "?", "img": "1.png", "source": name}), Draft)


def test_the_papers_exclusions_can_be_switched_off():
    assert isinstance(one({"q": "?", "img": "clevr/1.png"}, paper_exclusions=False), Draft)


def test_own_data_is_mapped_by_its_columns():
    columns = {
        "question": "json.q",
        "image": "jpg",
        "answer": "json.gold",
        "id": "__key__",
        "options": "json.choices",
        "hint": "json.context",
        "first_option": 0,
        "extra": ["json.level", "nothing"],
    }
    values = {
        "__key__": "007",
        "jpg": b"jpg",
        "json": {"q": "<image>Which?", "gold": 1, "choices": ["red", "blue"], "context": "Look.", "level": 3},
    }
    assert one(values, columns=columns, domain="Science", licence="MIT") == Draft(
        source_id="007",
        question="Look.\nWhich?\nA. red\nB. blue",
        answer="B",
        images=(b"jpg",),
        original_question="<image>Which?",
        original_answer="1",
        options=("red", "blue"),
        domain=Domain.SCIENCE,
        licence="MIT",
        extra={"json.level": 3},
    )
    made = mapping(SourceSettings(**{**OWN, "domain": "Science", "licence": "MIT"}))
    assert (made.name, made.domain, made.licence) == ("own", Domain.SCIENCE, "MIT")


def test_options_may_be_a_column_each():
    columns = {"question": "q", "image": "img", "answer": "a", "options": ["A", "B", "C"]}
    draft = one({"q": "Which?", "img": "1.png", "a": "blue", "A": "red", "B": "blue", "C": ""}, columns=columns)
    assert (draft.options, draft.answer) == (("red", "blue"), "B")


def test_a_long_reference_is_left_to_the_answer_extraction():
    draft = one({"q": "Which?", "img": "1.png", "a": "Because of this and that it is 7."})
    assert (draft.answer, draft.original_answer) == (None, "Because of this and that it is 7.")


def test_a_path_is_looked_up_beside_the_file_it_stands_in():
    assert one({"q": "?", "img": "1.png"}, origin="games/chess/data.json#4").images == (Beside("1.png", "games/chess"),)
    assert one({"q": "?", "img": "1.png"}, origin="data.json#4").images == ("1.png",)
    assert one({"q": "?", "img": "1.png"}, origin="games/data.json#4", images="pictures").images == ("1.png",)
    assert one({"q": "?", "img": b"png"}, origin="games/data.json#4").images == (b"png",)


def test_rows_can_be_included_and_excluded_by_value():
    row = {"q": "?", "img": "1.png", "level": 3, "meta": {"topic": "maps"}}
    assert isinstance(one(row, include={"level": [2, 3]}), Draft)
    assert isinstance(one(row, exclude={"meta.topic": ["games"]}), Draft)
    for rule in ({"include": {"level": [1]}}, {"exclude": {"meta.topic": ["maps"]}}, {"include": {"absent": ["x"]}}):
        assert one(row, **rule).reason is Reason.NOT_INCLUDED


def test_a_domain_in_the_recipe_is_the_domain_of_all_rows():
    physics = RawRow({"id": "1", "question": "?", "image": b"1", "answer": "2", "subject": "physics"}, "a.parquet#0")
    (draft,) = mapping(SourceSettings(use="MMK12", domain="General/OCR", licence="MIT")).map(physics)
    assert (draft.domain, draft.licence) == (Domain.GENERAL, "MIT")


def test_further_columns_are_kept_as_json_can_hold_them():
    columns = {"question": "q", "image": "img", "extra": ["meta"]}
    meta = {"big": 2**70, "blob": b"x", "list": (1, None, b"y"), 7: True, "pi": 3.5, "day": datetime.date(2026, 1, 2)}
    draft = one({"q": "?", "img": "1.png", "meta": meta}, columns=columns)
    assert draft.extra == {
        "meta": {"big": str(2**70), "blob": None, "list": [1, None, None], "7": True, "pi": 3.5, "day": "2026-01-02"}
    }


def test_a_known_source_keeps_its_facts_unless_the_recipe_says_otherwise():
    plain = mapping(SourceSettings(use="mmk12"))
    assert (plain.name, plain.licence) == ("MMK12", "Apache-2.0")
    assert mapping(SourceSettings(use="MMK12", name="school")).name == "school"


@pytest.mark.parametrize(
    ("name", "meant"), [("MMK-12", "MMK12"), ("puzzels", "puzzles"), ("WeMath-Pro", "WeMath2-Pro")]
)
def test_an_unknown_source_gets_a_suggestion(name, meant):
    with pytest.raises(SourceError, match=f"did you mean '{meant}'"):
        source(name)


def test_every_known_source_states_its_facts():
    assert {known.name for known in SOURCES.values() if known.answer_tag_exempt} == {
        "FineVision-visualwebinstruct(filtered)",
        "LLaVA-CoT",
        "FineVision-ai2d_merged",
    }
    assert {known.name for known in SOURCES.values() if known.confirmed is None} == {"WeMath2-SFT"}
    for known in SOURCES.values():
        assert known.homepage.startswith("https://")
        assert known.licence
        assert known.inclusion


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "own", "columns": OWN["columns"]}, "say where the rows are"),
        ({"path": "x", "columns": OWN["columns"]}, "own data needs a `name`"),
        ({"name": "own", "path": "x"}, "own data needs `columns`"),
        ({"name": "own", "path": "x", "hub": {"id": "a/b"}, "columns": OWN["columns"]}, "either `path` or `hub`"),
        ({"use": "puzzles", "path": "x"}, "the built-in puzzles take `puzzles`"),
        ({"use": "MMK12", "puzzles": {}}, "goes with `use: puzzles`"),
        ({"use": "MMK12", "columns": OWN["columns"]}, "has its own columns"),
        ({"use": "MMK12", "hub": {"id": "not a repository"}}, "should match pattern"),
        ({"use": "MMK12", "sample": 0}, "greater than 0"),
        ({"use": "MMK12", "colums": {}}, "Extra inputs are not permitted"),
    ],
)
def test_settings_that_contradict_themselves_are_refused(settings, message):
    with pytest.raises(ValidationError, match=message):
        SourceSettings(**settings)


def test_a_known_source_reads_only_its_own_files_of_a_folder(tmp_path):
    for name in ("sokoban/data.json", "sokoban/states/1.json", "games_data_test.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text('[{"data_id": "1"}]')
    pinned = pin(SourceSettings(use="GameQA-140K", path=str(tmp_path)))
    assert [item.origin for item in read(pinned)] == ["sokoban/data.json#0"]
    named = pin(SourceSettings(use="GameQA-140K", path=f"{tmp_path}/games_data_test.json"))
    assert [item.origin for item in read(named)] == ["games_data_test.json#0"]
    with pytest.raises(SourceError, match=r"looked for sft\.json"):
        read(pin(SourceSettings(use="MMR1", path=str(tmp_path))))


def test_an_unknown_source_is_refused_when_it_is_pinned():
    with pytest.raises(SourceError, match="did you mean 'MMK12'"):
        pin(SourceSettings(use="MMK-12", path="unused"))
