"""One screen tells the whole life of a row, also of a row that left."""

import pytest

from mmfinereason.errors import MmfrError
from mmfinereason.inspect import explain, suspects
from mmfinereason.store import Run

from .conftest import make


def shown(life):
    return {section.title: section.lines for section in life.sections}


def test_the_whole_life_of_a_selected_row(run):
    life = explain(run, "puzzles/1")
    assert (life.id, life.summary) == ("puzzles/1", "in full, 1.8M")
    assert shown(life) == {
        "Source": (
            ("source", "puzzles (Puzzle/Game)"),
            ("licence", "Apache-2.0"),
            ("origin", "rows.parquet, row 7"),
        ),
        "Text": (
            ("as it came", "题：几只？"),
            ("question", "How many?"),
            ("options", "A. 10, B. 12"),
            ("reference", "12"),
            ("from", "The answer is 12."),
            ("edits", "question_number, cleaner:translation"),
        ),
        "Image": (
            ("stored", "640 × 480 PNG, 12,345 bytes"),
            ("known by", "sha256 abababababababab, perceptual 0123456789abcdef"),
        ),
        "Attempts": (
            (
                "trace 0, try 0",
                "truncated: no closing tag, 1,234 tokens, finish reason length, seed 7, "
                "teacher at temperature 1, $0.0100",
            ),
            (
                "trace 0, try 1",
                "ok, 1,234 tokens, finish reason stop, seed 7, teacher at temperature 1, $0.0100, counts",
            ),
        ),
        "Verdict": (
            (
                "trace 0",
                "consistent: equal by number: 12 against 12, answer '12' (answer_tag), stands for the row",
            ),
            ("analysis", "Compared as numbers."),
        ),
        "Difficulty": (
            ("pass rate", "0.75 (3 of 4 that count; 95 % interval 0.10 to 0.90)"),
            ("rollout 0", "wrong '10' (number: 10 against 12)"),
            ("suspicion", "two models say 10"),
        ),
        "Selection": (("subsets", "full, 1.8M"),),
    }


def test_a_row_outside_tells_its_reason(run):
    life = explain(run, "puzzles/2")
    assert life.summary == "in no subset: inconsistent"
    assert shown(life)["Selection"] == (("subsets", "none"), ("reason", "inconsistent: number: 13 against 12"))


def test_a_rejected_row_tells_who_rejected_it_and_why(run):
    life = explain(run, "charts/1")
    assert life.summary == "rejected by collect: duplicate"
    (line,) = shown(life)["Rejected"]
    assert line == ("by collect", "duplicate: same as puzzles/1 (charts.csv, row 3)\nquestion: How many bars?")


@pytest.mark.parametrize(("text", "id"), [("3", "puzzles/3"), ("char", "charts/1"), ("puzzles/2", "puzzles/2")])
def test_an_id_in_the_source_or_the_beginning_of_an_id_is_enough(run, text, id):
    assert explain(run, text).id == id


def test_an_ambiguous_text_lists_what_it_could_be(run):
    with pytest.raises(MmfrError, match="several rows: charts/1, puzzles/1"):
        explain(run, "1")
    with pytest.raises(MmfrError, match="several rows: puzzles/1, puzzles/2, puzzles/3"):
        explain(run, "puzz")


def test_an_unknown_id_gets_the_nearest_ones(run):
    with pytest.raises(MmfrError, match="no row of this run has the id 'puzles/3'") as raised:
        explain(run, "puzles/3")
    assert raised.value.next_step.startswith("did you mean puzzles/3")


def test_a_run_in_memory_can_be_explained():
    run = make("memory://explained")
    assert explain(run, "puzzles/3").summary == "in full, 1.8M"


def test_a_row_that_was_only_collected_can_be_explained(tmp_path):
    run = make(str(tmp_path / "run"), selected=False)
    assert explain(run, "puzzles/3").summary == "in the run; subsets are not selected yet"
    with pytest.raises(MmfrError, match="no row"):
        explain(Run(str(tmp_path / "empty")), "puzzles/3")


def test_suspect_references_are_listed_for_review(run):
    (one,) = suspects(run)
    assert (one.id, one.question, one.reference, one.evidence) == ("puzzles/1", "How many?", "12", "two models say 10")
