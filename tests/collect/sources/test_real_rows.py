"""Real rows: every one ends as a draft or a skip, and the drafts say what the publisher meant."""

import os
import re
from collections import Counter
from pathlib import Path

import pytest

from mmfinereason.collect.locate import locate
from mmfinereason.collect.readers import RawRow, read, root_of
from mmfinereason.collect.sources import SOURCES, Draft, Skip, mapping
from mmfinereason.recipe.sources import SourceSettings
from mmfinereason.schema import Reason

DATA = Path(os.environ.get("MMFR_REAL_DATA", Path(__file__).resolve().parents[3].parent / "shared" / "data"))
pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no real data at {DATA}; set MMFR_REAL_DATA"),
]


def mapped(use: str, folder: str) -> list[tuple[RawRow, Draft | Skip]]:
    settings = SourceSettings(use=use, path=str(DATA / folder))
    made = mapping(settings)
    return [(row, draft) for row in read(settings) for draft in made.map(row)]


def found_images(use: str, folder: str) -> Counter:
    settings = SourceSettings(use=use, path=str(DATA / folder))
    root = root_of(settings)
    drafts = [draft for _, draft in mapped(use, folder)]
    return Counter(
        isinstance(locate(draft.images[0], root=root), bytes) if draft.images else "none named" for draft in drafts
    )


def test_all_puzzles_of_puzzlevqa_become_multiple_choice():
    rows = mapped("PuzzleQA", "puzzlevqa")
    assert len(rows) == 800
    for row, draft in rows:
        assert isinstance(draft, Draft)
        chosen = draft.options["ABCDE".index(draft.answer)]
        assert chosen == str(row.values["answer"]) == draft.original_answer
        assert f"\n{draft.answer}. {chosen}" in draft.question
    assert found_images("PuzzleQA", "puzzlevqa") == {True: 800}
    assert len({draft.source_id for _, draft in rows}) == 800


def test_all_questions_of_gameqa_are_mapped():
    rows = mapped("GameQA-140K", "gameqa")
    assert len(rows) == 402
    assert all(isinstance(draft, Draft) for _, draft in rows)
    given = [row.values.get("options") or row.values.get("Options") for row, _ in rows]
    assert (sum(map(bool, given)), sum(bool(draft.options) for _, draft in rows)) == (221, 212)
    assert found_images("GameQA-140K", "gameqa") == {True: 402}
    assert len({draft.source_id for _, draft in rows}) == 402


def test_gameqa_answers_name_the_option_that_the_games_own_analysis_ends_with():
    checked = 0
    for row, draft in mapped("GameQA-140K", "gameqa"):
        ending = re.search(
            r"(?:so|therefore),? the answer is (.+?)\. The option number", str(row.values["analysis"]), re.I
        )
        if draft.options and ending:
            checked += 1
            assert draft.options["ABCDEFGHIJ".index(draft.answer)] == ending[1]
    assert checked == 32


def test_gameqa_shows_each_option_on_its_own_lettered_line():
    for row, draft in mapped("GameQA-140K", "gameqa"):
        if draft.options:
            lines = [f"{letter}. {option}" for letter, option in zip("ABCDEFGHIJ", draft.options, strict=False)]
            assert draft.question.endswith("\n".join(lines)), row.origin


def test_the_published_rows_keep_their_traces_and_verdicts():
    rows = mapped("MMFineReason", "mmfinereason")
    assert len(rows) == 132
    assert Counter(draft.source for _, draft in rows) == dict.fromkeys(set(SOURCES) - {"MMFineReason"}, 6)
    assert Counter(draft.published.is_consistent for _, draft in rows) == {True: 102, False: 30}
    assert all(draft.published.trace and draft.published.caption for _, draft in rows)
    assert found_images("MMFineReason", "mmfinereason") == {True: 126, "none named": 6}
    assert {draft.source for _, draft in rows if not draft.images} == {"MMR1"}
    assert not any("<image>" in draft.question for _, draft in rows)


def as_published_by(source: str, question: str, reference: str) -> dict:
    """A row in the source's own layout, made from a published row."""
    image = [{"bytes": b"png", "path": None}]
    turns = [{"from": "human", "value": question}, {"from": "gpt", "value": reference}]
    return {
        "conversations": turns,
        "images": image,
        "image": image[0],
        "problem": question,
        "question": question,
        "Question": question,
        "problem_image_1": image[0],
        "answer": reference,
        "solution": reference,
        "Final Answer": reference,
    }


def test_answers_marked_by_a_source_are_those_the_published_dataset_has():
    outcomes = Counter()
    for _, published in mapped("MMFineReason", "mmfinereason"):
        if published.source in ("GameQA-140K", "PuzzleQA") or not published.original_answer:
            continue
        values = as_published_by(published.source, published.original_question, published.original_answer)
        (draft,) = mapping(SourceSettings(use=published.source)).map(RawRow(values, "a.parquet#0"))
        assert isinstance(draft, Draft)
        outcomes["same" if draft.answer == published.answer else "left open" if draft.answer is None else "other"] += 1
        assert draft.answer in (None, published.answer), (published.source, published.source_id)
    assert outcomes["same"] >= 95


def test_no_real_row_is_excluded_by_the_papers_rules():
    excluded = {Reason.MULTI_IMAGE, Reason.TOO_EASY_FAMILY, Reason.MEDICAL, Reason.MINOR_LANGUAGE}
    for use, folder in (("PuzzleQA", "puzzlevqa"), ("GameQA-140K", "gameqa"), ("MMFineReason", "mmfinereason")):
        assert not [draft for _, draft in mapped(use, folder) if isinstance(draft, Skip) and draft.reason in excluded]
