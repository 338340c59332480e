"""Captioner, cleaner, answer extraction and judge."""

import json

import pytest

from mmfinereason.lab.knowledge import load
from mmfinereason.lab.puzzles.dirt import DIRT, dirty
from mmfinereason.schema import CATEGORIES

from .asking import blocks, body, picture, sample, write_samples

SECTIONS = (
    "**Scene Summary:**",
    "**Explicit Component Breakdown:**",
    "**Interactions and Relationships:**",
    "**Implicit and Inferred Properties:**",
    "**Identified Ambiguities:**",
)


def test_captions_have_a_category_five_sections_and_a_hundred_words(ask, puzzles):
    for puzzle, answer in zip(
        puzzles, ask([body("simulated-captioner", "Describe.", picture(p)[0]) for p in puzzles]), strict=True
    ):
        heading, _, rest = answer.message["content"].partition("\n\n")
        assert heading == f"### Image 1: {puzzle.category}" and puzzle.category in CATEGORIES
        assert all(rest.count(section) == 1 for section in SECTIONS)
        assert len(answer.message["content"].split()) >= 100
        assert all(fact in rest for fact in puzzle.facts)


def test_a_captioner_without_an_image_refuses(ask):
    (answer,) = ask([body("simulated-captioner", "Describe.")])
    assert answer.status == 400 and answer.error["code"] == "no_image"


def clean(ask, text, known=None):
    (answer,) = ask([body("simulated-cleaner", blocks(question=text))], known=known)
    said = answer.message["content"]
    return said if said == "No Problem" else json.loads(said)


@pytest.mark.parametrize("kind", DIRT)
def test_every_kind_of_dirt_on_a_known_puzzle_is_mended(ask, puzzles, tmp_path, kind):
    for puzzle in puzzles[::4]:
        soiled = dirty(puzzle, kind)
        row = sample(puzzle, original_question=soiled.question, question=f"<image>{soiled.question}")
        said = clean(ask, soiled.question, load([write_samples([row], tmp_path)]))
        if soiled.expect == "rejected":
            assert said == {"error_type": "non-answer question", "corrected_text": ""}
        else:
            assert said["corrected_text"] == puzzle.question
            assert (said["error_type"] == "translation") == (kind == "chinese")


def test_a_clean_question_is_no_problem(ask, puzzles):
    assert clean(ask, puzzles[0].question) == "No Problem"
    assert clean(ask, "How tall is the tower in the middle?") == "No Problem"


@pytest.mark.parametrize(
    ("text", "error_type", "corrected"),
    [
        ("12. (5 points) Find x.", "irrelevant content", "Find x."),
        ("Find x. https://a.example/b", "irrelevant content", "Find x."),
        ("![](images/1.png)\nFind x.", "irrelevant content", "Find x."),
        ("Sketch the graph of f.", "non-answer question", ""),
        ("Write a Python program that draws this.", "non-answer question", ""),
    ],
)
def test_dirt_on_an_unknown_question_is_recognized(ask, text, error_type, corrected):
    assert clean(ask, text) == {"error_type": error_type, "corrected_text": corrected}


def test_a_shallow_instruction_becomes_one_that_asks_for_reasoning(ask):
    said = clean(ask, "Find x.\nAnswer with a single word.")
    assert said["error_type"] == "low-quality instruction"
    assert said["corrected_text"].startswith("Find x.") and "single word" not in said["corrected_text"]


def test_an_unknown_translation_is_not_invented(ask):
    (answer,) = ask([body("simulated-cleaner", blocks(question="这座塔有多高？"))])
    assert answer.status == 422 and "translation is not known" in answer.error["message"]


@pytest.mark.parametrize(
    ("solution", "answer"),
    [
        (r"First \boxed{1}, then \boxed{\frac{1}{2}}.", r"\frac{1}{2}"),
        ("Thus the answer is 12 cm.\nThank you.", "12 cm"),
        ("The proof follows from symmetry.", ""),
    ],
)
def test_the_short_answer_of_a_solution_is_found(ask, solution, answer):
    (said,) = ask([body("simulated-cleaner", blocks(question="?", solution=solution))])
    assert said.message["content"] == f"<answer>{answer}</answer>"


def judge(ask, reference, answer, dialect="Say EQUIVALENT or DIFFERENT.", **options):
    text = f"{blocks(question='How long is it?', reference=reference, answer=answer)}\n{dialect}"
    (said,) = ask([body("simulated-judge", text)], **options)
    return said.message["content"]


def test_the_judge_answers_in_two_lines(ask):
    analysis, judgment = judge(ask, "12 cm", "12.0 cm").splitlines()
    assert analysis.startswith("Analysis: ") and judgment == "Judgment: EQUIVALENT"
    assert judge(ask, "12 cm", "13 cm").endswith("Judgment: DIFFERENT")


def test_the_judge_speaks_the_dialect_of_compassverifier(ask):
    boxed = r"End with Final Judgment: \boxed{A} - CORRECT"
    assert judge(ask, "12", "12", boxed).endswith(r"Final Judgment: \boxed{A} - CORRECT")
    assert judge(ask, "12", "13", boxed).endswith(r"Final Judgment: \boxed{B} - INCORRECT")
    assert judge(ask, "12", "", boxed).endswith(r"Final Judgment: \boxed{C} - INVALID")


def test_the_judge_reads_compassverifiers_own_prompt(ask):
    text = (
        "<Original Question Begin>:\nHow long?\n<Original Question End>\n"
        "<Standard Answer Begin>:\n12\n<Standard Answer End>\n"
        "<Candidate's Answer Begin>: \n{}\n<Candidate's Answer End>\n"
    )
    answers = ask([body("simulated-judge", text.format(given)) for given in ("12", "13")])
    assert [answer.message["content"] for answer in answers] == ["A", "B"]


def test_a_judge_errs_at_its_rate(ask):
    assert judge(ask, "12", "12", judge_error=1.0).endswith("DIFFERENT")


def test_a_judge_without_two_answers_refuses(ask):
    (answer,) = ask([body("simulated-judge", "Is it right?")])
    assert answer.status == 422 and answer.error["code"] == "no_answers"
