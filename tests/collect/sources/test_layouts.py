"""A row in each publisher's layout becomes exactly these drafts."""

import json

import pytest

from mmfinereason.collect.readers import RawRow
from mmfinereason.collect.sources import SOURCES, Draft, Published, Skip, mapping
from mmfinereason.recipe.sources import PuzzleSettings, SourceSettings
from mmfinereason.schema import Domain, Reason

PNG = {"bytes": b"png", "path": "1.png"}


def drafts(use: str, values: dict, origin: str = "train.parquet#0") -> list[Draft | Skip]:
    return list(mapping(SourceSettings(use=use)).map(RawRow(values, origin)))


def finevision(user: str, assistant: str, source: str) -> dict:
    return {
        "images": [PNG],
        "texts": [{"user": user, "assistant": assistant}],
        "source": source,
        "relevance_ratings": [5],
        "image_correspondence_ratings": [5],
    }


LAYOUTS = {
    "BMMR": (
        {
            "id": "72393",
            "conversations": [
                {"from": "human", "value": "<image>如图所示，下列说法中正确的是（）\nA.M点 B.N点"},
                {"from": "gpt", "value": "### Reasoning Process ###\n...\n### Final answer ###\n\\boxed{C}"},
            ],
            "image": ["images/72393.png"],
        },
        Draft(
            source_id="72393",
            question="如图所示，下列说法中正确的是（）\nA.M点 B.N点",
            answer="C",
            images=("images/72393.png",),
            original_question="<image>如图所示，下列说法中正确的是（）\nA.M点 B.N点",
            original_answer="### Reasoning Process ###\n...\n### Final answer ###\n\\boxed{C}",
        ),
    ),
    "Euclid30K": (
        {"problem": "<image>The average price is ______ yuan/kg.", "images": [PNG], "answer": "$$4.4$$"},
        Draft(
            source_id=None,
            question="The average price is ______ yuan/kg.",
            answer="$$4.4$$",
            images=(PNG,),
            original_question="<image>The average price is ______ yuan/kg.",
            original_answer="$$4.4$$",
        ),
    ),
    "FineVision-ai2d_merged": (
        finevision(
            "Question: What?\nChoices:\nA. Oxygen\nB. Heat\nAnswer with the letter.", "Answer: B", "ai2d_merged"
        ),
        Draft(
            source_id=None,
            question="Question: What?\nChoices:\nA. Oxygen\nB. Heat\nAnswer with the letter.",
            answer="B",
            images=(PNG,),
            original_question="Question: What?\nChoices:\nA. Oxygen\nB. Heat\nAnswer with the letter.",
            original_answer="Answer: B",
            extra={"source": "ai2d_merged"},
        ),
    ),
    "FineVision-geo170k(qa)": (
        finevision(
            "Question: ...\nChoices:\nA: 12\nB: 9", "AC = 3. Therefore, the answer is B.\nAnswer:B", "geo170k(qa)"
        ),
        Draft(
            source_id=None,
            question="Question: ...\nChoices:\nA: 12\nB: 9",
            answer="B",
            images=(PNG,),
            original_question="Question: ...\nChoices:\nA: 12\nB: 9",
            original_answer="AC = 3. Therefore, the answer is B.\nAnswer:B",
            extra={"source": "geo170k(qa)"},
        ),
    ),
    "FineVision-geometry3k(mathv360k)": (
        finevision(
            "Hint: ...\nQuestion: If m \\angle 1 = 131, find m \\angle 2", "The answer is 49", "geometry3k(mathv360k)"
        ),
        Draft(
            source_id=None,
            question="Hint: ...\nQuestion: If m \\angle 1 = 131, find m \\angle 2",
            answer="49",
            images=(PNG,),
            original_question="Hint: ...\nQuestion: If m \\angle 1 = 131, find m \\angle 2",
            original_answer="The answer is 49",
            extra={"source": "geometry3k(mathv360k)"},
        ),
    ),
    "FineVision-raven": (
        finevision("Which figure should complete the logical sequence?", "F", "raven"),
        Draft(
            source_id=None,
            question="Which figure should complete the logical sequence?",
            answer="F",
            images=(PNG,),
            original_question="Which figure should complete the logical sequence?",
            original_answer="F",
            extra={"source": "raven"},
        ),
    ),
    "FineVision-scienceqa": (
        finevision("Lecture: ...\nQuestion: ...", "Answer: C", "scienceqa"),
        Draft(
            source_id=None,
            question="Lecture: ...\nQuestion: ...",
            answer="C",
            images=(PNG,),
            original_question="Lecture: ...\nQuestion: ...",
            original_answer="Answer: C",
            extra={"source": "scienceqa"},
        ),
    ),
    "FineVision-tqa": (
        finevision("How many?\na. 6\nb. 7", "The correct answer is B. 7. This relates to geology.", "tqa"),
        Draft(
            source_id=None,
            question="How many?\na. 6\nb. 7",
            answer="B",
            images=(PNG,),
            original_question="How many?\na. 6\nb. 7",
            original_answer="The correct answer is B. 7. This relates to geology.",
            extra={"source": "tqa"},
        ),
    ),
    "FineVision-visualwebinstruct(filtered)": (
        finevision("What is the angle?", "It is 180° - 113° = 67°. Thus 67°.", "visualwebinstruct(filtered)"),
        Draft(
            source_id=None,
            question="What is the angle?",
            answer=None,
            images=(PNG,),
            original_question="What is the angle?",
            original_answer="It is 180° - 113° = 67°. Thus 67°.",
            extra={"source": "visualwebinstruct(filtered)"},
        ),
    ),
    "GameQA-140K": (
        {
            "data_id": "sokoban-1",
            "image": "images/1.png",
            "state": "states/1.json",
            "plot_level": "Easy",
            "qa_type": "State Prediction",
            "question": "Where will the box end up?\n\nOptions:\n[1] (6, 4)\n[2] (4, 4)\n[3] (2, 6)",
            "answer": 3,
            "options": ["(6, 4)", "(4, 4)", "(2, 6)"],
            "analysis": "The option number is 3.",
        },
        Draft(
            source_id="sokoban-1",
            question="Where will the box end up?\n\nOptions:\nA. (6, 4)\nB. (4, 4)\nC. (2, 6)",
            answer="C",
            images=("images/1.png",),
            original_question="Where will the box end up?\n\nOptions:\n[1] (6, 4)\n[2] (4, 4)\n[3] (2, 6)",
            original_answer="3",
            options=("(6, 4)", "(4, 4)", "(2, 6)"),
            extra={"qa_type": "State Prediction", "plot_level": "Easy", "analysis": "The option number is 3."},
        ),
    ),
    "LLaVA-CoT": (
        {
            "id": "chartqa_1",
            "image": "chartqa/train/png/1.png",
            "conversations": [
                {"from": "human", "value": "What is Google's annual revenue?"},
                {"from": "gpt", "value": "<SUMMARY> ... </SUMMARY>\n\n<CONCLUSION> 1913.85 </CONCLUSION>"},
            ],
        },
        Draft(
            source_id="chartqa_1",
            question="What is Google's annual revenue?",
            answer="1913.85",
            images=("chartqa/train/png/1.png",),
            original_question="What is Google's annual revenue?",
            original_answer="<SUMMARY> ... </SUMMARY>\n\n<CONCLUSION> 1913.85 </CONCLUSION>",
        ),
    ),
    "MMK12": (
        {"id": "k1", "question": "The <image> shows a lens.", "answer": "5,2", "subject": "physics", "image": PNG},
        Draft(
            source_id="k1",
            question="The shows a lens.",
            answer="5,2",
            images=(PNG,),
            original_question="The <image> shows a lens.",
            original_answer="5,2",
            domain=Domain.SCIENCE,
            extra={"subject": "physics"},
        ),
    ),
    "MMR1": (
        {
            "conversations": [
                {"from": "human", "value": "<image>Find f'(-5)."},
                {"from": "gpt", "value": "<think>f' = a</think>\n<answer>-1</answer>"},
            ],
            "images": ["mathinstruct/33.png"],
        },
        Draft(
            source_id=None,
            question="Find f'(-5).",
            answer="-1",
            images=("mathinstruct/33.png",),
            original_question="<image>Find f'(-5).",
            original_answer="<think>f' = a</think>\n<answer>-1</answer>",
        ),
    ),
    "PuzzleQA": (
        {
            "image": "images/venn/venn_0000.png",
            "question": "What is the missing number of the part denoted with a question mark?",
            "answer": 1,
            "options": ["4", "8", "1", "9"],
            "caption": "There are 3 overlapping circles.",
            "explanation": "We observe.",
            "deduction": "Based on.",
        },
        Draft(
            source_id="venn_0000",
            question="What is the missing number of the part denoted with a question mark?\nA. 4\nB. 8\nC. 1\nD. 9",
            answer="C",
            images=("images/venn/venn_0000.png",),
            original_question="What is the missing number of the part denoted with a question mark?",
            original_answer="1",
            options=("4", "8", "1", "9"),
            extra={
                "caption": "There are 3 overlapping circles.",
                "explanation": "We observe.",
                "deduction": "Based on.",
            },
        ),
    ),
    "ViRL39K": (
        {
            "qid": "Processed-1",
            "question": "<image>\nThe value of $$x$$ is ___.",
            "answer": "\\boxed{60}",
            "image": ["images/Processed-1-0.jpg"],
            "category": "GradeSchool Geometric",
            "source": "Processed",
            "PassRate_32BTrained": 0.5,
            "PassRate_7BBase": 0.0,
        },
        Draft(
            source_id="Processed-1",
            question="The value of $$x$$ is ___.",
            answer="60",
            images=("images/Processed-1-0.jpg",),
            original_question="<image>\nThe value of $$x$$ is ___.",
            original_answer="\\boxed{60}",
            extra={
                "category": "GradeSchool Geometric",
                "source": "Processed",
                "PassRate_32BTrained": 0.5,
                "PassRate_7BBase": 0.0,
            },
        ),
    ),
    "VisualSphinx": (
        {
            "id": 12,
            "images": [PNG],
            "problem": "<image>From the four given options, select the most suitable one.",
            "choice": json.dumps({"A": "A", "B": "B", "C": "C", "D": "D"}),
            "answer": "B",
            "explanation": ["Each row turns."],
            "has_duplicate": False,
            "reasonableness": 5,
            "readability": 4,
        },
        Draft(
            source_id="12",
            question="From the four given options, select the most suitable one.",
            answer="B",
            images=(PNG,),
            original_question="<image>From the four given options, select the most suitable one.",
            original_answer="B",
            options=("A", "B", "C", "D"),
            extra={"explanation": ["Each row turns."], "has_duplicate": False, "reasonableness": 5, "readability": 4},
        ),
    ),
    "WaltonColdStart": (
        {
            "images": [PNG],
            "problem": "<image>Find x.\nChoices:\n8\n11",
            "answer": "We are tasked with ...\n### Final Answer:\n\\[\n\\boxed{11}\n\\]",
        },
        Draft(
            source_id=None,
            question="Find x.\nChoices:\n8\n11",
            answer="11",
            images=(PNG,),
            original_question="<image>Find x.\nChoices:\n8\n11",
            original_answer="We are tasked with ...\n### Final Answer:\n\\[\n\\boxed{11}\n\\]",
        ),
    ),
    "WeMath2-Pro": (
        {
            "question_id": "q7",
            "question": "<image>What is the volume?",
            "image": PNG,
            "difficulty": "100",
            "knowledge points": ["Volume of prisms"],
            "idx": 3,
            "answer": "16",
        },
        Draft(
            source_id=None,
            question="What is the volume?",
            answer="16",
            images=(PNG,),
            original_question="<image>What is the volume?",
            original_answer="16",
            extra={"question_id": "q7", "difficulty": "100", "knowledge points": ["Volume of prisms"], "idx": 3},
        ),
    ),
    "WeMath2-SFT": (
        {
            "messages": [
                {"role": "user", "content": "<image>The larger wheel turns 60 times ..."},
                {"role": "assistant", "content": "Reasoning ... so 180, 20."},
            ],
            "images": ["images/4.png"],
        },
        Draft(
            source_id=None,
            question="The larger wheel turns 60 times ...",
            answer=None,
            images=("images/4.png",),
            original_question="<image>The larger wheel turns 60 times ...",
            original_answer="Reasoning ... so 180, 20.",
        ),
    ),
    "WeMath2-Standard": (
        {"question": "<image>How many apples? A.256; B.944", "image": PNG, "answer": "944"},
        Draft(
            source_id=None,
            question="How many apples? A.256; B.944",
            answer="944",
            images=(PNG,),
            original_question="<image>How many apples? A.256; B.944",
            original_answer="944",
        ),
    ),
    "Zebra-CoT-Physics": (
        {
            "Question": "An Atwood machine.\n\n<image_start>[problem_image_1]<image_end>",
            "Text Reasoning Trace": "THOUGHT 0: look",
            "Final Answer": "This occurs when:\n`A = g / 3`",
            "problem_image_1": PNG,
            "reasoning_image_1": {"bytes": b"drawn", "path": None},
            "reasoning_image_2": None,
            "source_folder": "7",
        },
        Draft(
            source_id=None,
            question="An Atwood machine.",
            answer=None,
            images=(PNG,),
            original_question="An Atwood machine.\n\n<image_start>[problem_image_1]<image_end>",
            original_answer="This occurs when:\n`A = g / 3`",
            extra={"Text Reasoning Trace": "THOUGHT 0: look", "source_folder": "7"},
        ),
    ),
    "mmopenr1-8k": (
        {
            "image": PNG,
            "problem": "Which formula?\nChoices:\nA. Area\nB. Sine rule",
            "solution": "<think>Right angle.</think>\n\n<answer>A</answer>",
            "original_question": "Hint: ...",
            "original_answer": "Answer: A",
        },
        Draft(
            source_id=None,
            question="Which formula?\nChoices:\nA. Area\nB. Sine rule",
            answer="A",
            images=(PNG,),
            original_question="Which formula?\nChoices:\nA. Area\nB. Sine rule",
            original_answer="<think>Right angle.</think>\n\n<answer>A</answer>",
            extra={"original_question": "Hint: ...", "original_answer": "Answer: A"},
        ),
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_row_in_the_publishers_layout_becomes_exactly_this_draft(name):
    values, expected = LAYOUTS[name]
    assert drafts(name, values) == [expected]


def test_every_source_of_the_paper_has_a_layout_here():
    assert set(LAYOUTS) | {"MMFineReason"} == set(SOURCES)
    assert len(LAYOUTS) == 22


def test_a_description_in_ai2d_has_no_fixed_answer():
    (draft,) = drafts(
        "FineVision-ai2d_merged", finevision("Describe the figure.", "The figure is a diagram ...", "ai2d")
    )
    assert draft.answer is None
    assert not draft.fixed_answer


PUBLISHED = {
    "source": "BMMR",
    "id": "72393",
    "original_question": "<image>如图所示",
    "original_answer": "\\boxed{C}",
    "image": PNG,
    "question": "<image> As shown in the figure, which is correct?",
    "answer": "C",
    "qwen3vl_235b_instruct_caption": "### Image 1: Physics / Mechanics Diagram",
    "qwen3vl_235b_thinking_response": "<think>look</think><answer>C</answer>",
    "qwen3vl_4b_pass_rate": 0.5,
    "is_consistent": True,
    "consistency_analysis": "Both say C.",
}
EXPECTED = Draft(
    source_id="72393",
    question="As shown in the figure, which is correct?",
    answer="C",
    images=(PNG,),
    original_question="<image>如图所示",
    original_answer="\\boxed{C}",
    domain=Domain.SCIENCE,
    published=Published(
        caption="### Image 1: Physics / Mechanics Diagram",
        trace="<think>look</think><answer>C</answer>",
        pass_rate=0.5,
        is_consistent=True,
        consistency_analysis="Both say C.",
    ),
    source="BMMR",
)


def test_published_rows_keep_all_that_is_known_of_them():
    assert drafts("MMFineReason", PUBLISHED) == [EXPECTED]


def test_the_earlier_vocabulary_means_the_same():
    earlier = {
        "source": "BMMR",
        "id": "72393",
        "ori_question": "<image>如图所示",
        "ori_answer": "\\boxed{C}",
        "image": PNG,
        "question": "<image> As shown in the figure, which is correct?",
        "answer": "C",
        "caption": "### Image 1: Physics / Mechanics Diagram",
        "solution": "<think>look</think><answer>C</answer>",
        "pass_rate": 0.5,
        "is_consistent": True,
        "consistency_analysis": "Both say C.",
    }
    assert drafts("MMFineReason", earlier) == [EXPECTED]


def test_in_the_earliest_rows_the_solution_is_the_reference_beside_the_trace():
    (draft,) = drafts(
        "MMFineReason",
        {
            "id": 7,
            "question": "<image>Which?",
            "solution": "Answer: B",
            "image": PNG,
            "data_source": "FineVision-tqa",
            "qwen3vl_235b_thinking_response": "<think>look</think>B",
        },
    )
    assert (draft.original_answer, draft.published.trace) == ("Answer: B", "<think>look</think>B")
    assert (draft.source, draft.source_id, draft.domain) == ("FineVision-tqa", "7", Domain.SCIENCE)
    assert draft.original_question == "<image>Which?"


def test_a_published_row_of_the_paper_s_longer_name_is_known():
    (draft,) = drafts("MMFineReason", PUBLISHED | {"source": "PuzzleQA (PuzzleVQA)"})
    assert draft.domain is Domain.PUZZLE
    assert draft.licence == "MIT"
    (draft,) = drafts("MMFineReason", PUBLISHED | {"source": "somewhere else"})
    assert (draft.domain, draft.licence) == (None, None)


@pytest.mark.parametrize("name", [name for name in LAYOUTS if name not in ("Zebra-CoT-Physics",)])
def test_a_row_without_a_question_says_which_field_is_missing(name):
    values = {key: value for key, value in LAYOUTS[name][0].items() if key in ("id", "image", "images")}
    (skip,) = drafts(name, values)
    assert skip.reason is Reason.MISSING_FIELD


def test_gameqa_numbers_of_a_palette_in_the_image_stay_numbers():
    question = "Which color should be put in cell A?\n\nOptions:\nColors are numbered from 1 to 6 in the palette below"
    (draft,) = drafts(
        "GameQA-140K", {"data_id": "h", "question": question, "answer": 6, "options": [1, 2, 3, 4, 5, 6]}
    )[:1]
    assert (draft.question, draft.answer, draft.options) == (question, "6", ())


def test_gameqa_writes_options_with_a_capital_in_one_game():
    values = {
        "data_id": "t",
        "question": "Shape?\nOptions:\n1: I\n2: O",
        "answer": 2,
        "Options": ["I", "O"],
        "image": "1.png",
    }
    (draft,) = drafts("GameQA-140K", values)
    assert (draft.answer, draft.options) == ("B", ("I", "O"))


def test_an_answer_that_is_none_of_the_options_is_left_out():
    values = {"data_id": "t", "question": "Shape?", "answer": 7, "options": ["I", "O"], "image": "1.png"}
    (skip,) = drafts("GameQA-140K", values)
    assert (skip.reason, skip.source_id) == (Reason.UNREADABLE_ROW, "t")
    (skip,) = drafts("PuzzleQA", {"image": "a/b_1.png", "question": "?", "answer": "red", "options": ["blue", "green"]})
    assert (skip.reason, skip.source_id) == (Reason.UNREADABLE_ROW, "b_1")


def test_each_pair_of_a_conversation_is_a_draft_of_its_own():
    turns = ["<image>\nHow many?", "Two.", "And colours?", "Red."]
    values = {
        "id": "7",
        "image": "7.jpg",
        "conversations": [
            {"from": "system", "value": "Be brief."},
            *({"from": ("human", "gpt")[number % 2], "value": turn} for number, turn in enumerate(turns)),
            {"from": "human", "value": "no reply"},
        ],
    }
    own = mapping(SourceSettings(name="own", path="unused", format="sharegpt"))
    found = list(own.map(RawRow(values, "a.json#0")))
    assert [(draft.source_id, draft.question, draft.original_answer) for draft in found] == [
        ("7#0", "How many?", "Two."),
        ("7#1", "And colours?", "Red."),
    ]


def test_chat_messages_in_parts_are_read():
    values = {
        "images": [PNG],
        "messages": [
            {"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "How many?"}]},
            {"role": "assistant", "content": [{"type": "text", "text": "3"}]},
        ],
    }
    own = mapping(SourceSettings(name="own", path="unused", format="sharegpt"))
    (draft,) = own.map(RawRow(values, "a.json#0"))
    assert (draft.question, draft.original_answer, draft.images) == ("How many?", "3", (PNG,))


def test_vlmevalkit_options_are_columns():
    values = {
        "index": "17",
        "image": "iVBORw0KGgo=",
        "question": "Which?",
        "hint": "Look left.",
        "A": "red",
        "B": "None",
        "C": "",
        "D": "nan",
        "answer": "B",
        "category": "colour",
    }
    own = mapping(SourceSettings(name="bench", path="unused", format="vlmevalkit"))
    assert list(own.map(RawRow(values, "bench.tsv#0"))) == [
        Draft(
            source_id="17",
            question="Look left.\nWhich?\nA. red\nB. None",
            answer="B",
            images=("iVBORw0KGgo=",),
            original_question="Which?",
            original_answer="B",
            options=("red", "None"),
            extra={"category": "colour"},
        )
    ]


def test_a_vlmevalkit_cell_with_several_images_is_a_multi_image_row():
    own = mapping(SourceSettings(name="bench", path="unused", format="vlmevalkit"))
    (skip,) = own.map(RawRow({"index": "1", "question": "?", "image": "['aGk=', 'aGk=']"}, "bench.tsv#0"))
    assert skip.reason is Reason.MULTI_IMAGE


def test_puzzles_are_drawn_by_the_mapping_and_can_be_made_again():
    from mmfinereason.lab.puzzles import generate

    made = mapping(SourceSettings(use="puzzles", puzzles=PuzzleSettings(count=30, seed=5)))
    for index in (0, 17, 29):
        (draft,) = made.map(RawRow({"index": index}, f"puzzles#{index}"))
        again = generate(**draft.extra["puzzle"])
        assert (again.question, again.answer, again.options) == (draft.question, draft.answer, draft.options)
        assert draft.images[0]["bytes"].startswith(b"\x89PNG")
        assert draft.domain in Domain
