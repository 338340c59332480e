from mmfinereason.evaluate.items import LeftOut
from mmfinereason.evaluate.registry import find
from mmfinereason.evaluate.rows import item_of


def made(name, **values):
    return item_of(find(name), {"index": "3", **values}, b"png")


def test_a_row_with_options_in_columns():
    item = made("MMStar", question="Which?", hint="Look left.", A="red", B="blue", C="", answer="B", category="colour")
    assert item.question == "Look left.\nWhich?"
    assert (item.options, item.reference, item.kind, item.listed) == (("red", "blue"), "B", "option", False)
    assert item.labels == {"category": "colour"}


def test_none_is_an_option_and_an_answer():
    item = made("MMStar", question="Which?", A="None", B="NA", answer="A")
    assert item.options == ("None", "NA")


def test_mathvista_lists_its_choices_in_the_question():
    asked = "Hint: Give the letter.\nQuestion: How long?\nChoices:\n(A) 3 cm\n(B) 4 cm"
    item = made("MathVista", question=asked, choices="['3 cm', '4 cm']", answer="4 cm", question_type="multi_choice")
    assert (item.options, item.reference, item.listed) == (("3 cm", "4 cm"), "4 cm", True)


def test_mathvista_free_form_has_no_options():
    item = made("MathVista", question="How many?", choices="", answer="7")
    assert (item.options, item.kind) == ((), "value")


def test_mmmu_asks_the_validation_split_only():
    assert made("MMMU", question="Which?", A="1", B="2", answer="A", split="dev") is None
    item = made("MMMU", question="<image 1> Which is <image 1>?", A="1", B="2", answer="A", split="validation")
    assert item.question == "Which is <image 1>?"


def test_mathverse_versions_share_their_problem():
    values = {
        "question": "Please directly answer...",
        "query_cot": "Reason first. What is x?",
        "question_for_eval": "What is x?",
        "answer": "5",
        "problem_index": "12",
        "problem_version": "Vision Only",
        "metadata": "{'subject': 'Plane Geometry', 'subfield': 'Angle'}",
    }
    item = made("MathVerse", **values)
    assert (item.unit, item.variant) == ("12", "Vision Only")
    assert (item.question, item.judged_as) == ("Reason first. What is x?", "What is x?")
    assert item.labels == {"version": "Vision Only", "subject": "Plane Geometry", "subfield": "Angle"}


def test_dynamath_variants_share_their_question_and_floats_have_their_bound():
    values = {"question": "How far?", "answer": "2.5", "qid": "44", "varid": "7", "subject": "algebra"}
    item = made("DynaMath", **values, answer_type="float", knowledge_level="high school")
    assert (item.unit, item.variant, item.within) == ("44", "7", 0.001)
    assert item.labels == {"subject": "algebra", "level": "high school"}
    assert made("DynaMath", **values, answer_type="text").within is None
    assert made("DynaMath", **(values | {"answer": "B"}), answer_type="multiple choice").kind == "letters"


def test_mmbench_rotations_belong_to_their_question():
    item = item_of(find("MMBench"), {"index": "2000241", "question": "Which?", "A": "1", "B": "2", "answer": "A"}, b"")
    assert (item.id, item.unit) == ("2000241", "241")


def test_charxiv_questions_are_labelled_by_skill():
    item = made("CharXiv_descriptive", question="What is the title?", answer="Loss", qid="1", grading_query="Grade.")
    assert item.labels == {"category": "Information Extraction"}
    assert (item.kind, item.rubric) == ("chart", "Grade.")
    item = made("CharXiv_reasoning", question="Which?", answer="4", inst_category="3")
    assert item.labels == {"category": "Number-in-Chart"}


def test_visulogic_options_stand_in_the_image():
    item = made("VisuLogic", question="Which comes next?", answer="C", category="Spatial Reasoning")
    assert (item.kind, item.options) == ("letters", ())


def test_a_row_without_an_answer_is_left_out_and_named():
    assert made("MMStar", question="Which?", answer="nan") == LeftOut("3", "no_answer", "no reference answer")
