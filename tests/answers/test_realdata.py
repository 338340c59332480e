"""Rules alone on published rows, whose verdicts came from a judge model. Every exception was looked at by eye."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from mmfinereason.answers import agree, extract_answer, parse_options

HERE = Path(__file__).parent
DATA = Path(os.environ.get("MMFR_REAL_DATA", HERE.parents[2] / "shared" / "data"))
REVIEWED = json.loads((HERE / "reviewed.json").read_text(encoding="utf-8"))

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not DATA.exists(), reason=f"no real data at {DATA}; set MMFR_REAL_DATA"),
]


def outcome(row: dict) -> str:
    if not row["answer"]:
        return "no reference"
    found = extract_answer(row["qwen3vl_235b_thinking_response"])
    if found is None:
        return "no answer"
    verdict = agree(row["answer"], found.text, question=row["question"])
    if verdict.outcome == "undecided":
        return "undecided"
    return "agree" if (verdict.outcome == "equal") == row["is_consistent"] else "disagree"


def test_the_rows_where_rules_and_published_judge_part_are_exactly_the_reviewed_ones():
    columns = ["source", "id", "question", "answer", "is_consistent", "qwen3vl_235b_thinking_response"]
    rows = pq.read_table(DATA / "mmfinereason" / "rows.parquet", columns=columns).to_pylist()
    found: dict[str, set[str]] = {}
    for row in rows:
        found.setdefault(outcome(row), set()).add(f"{row['source']}/{row['id']}")
    agreed = found.pop("agree")
    assert found == {kind: set(reasons) for kind, reasons in REVIEWED.items()}
    assert len(agreed) == 132 - sum(map(len, REVIEWED.values())) == 117


def puzzles():
    for path in sorted((DATA / "puzzlevqa").glob("*.json")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def test_every_option_of_every_puzzlevqa_question_is_judged_rightly():
    wrong = []
    for row in puzzles():
        reference, options = str(row["answer"]), [str(option) for option in row["options"]]
        for index, text in enumerate(options):
            expected = "equal" if text == reference else "different"
            letter = chr(ord("A") + index)
            for answer in (text, f"{letter}. {text}", letter, f"**{text}**."):
                verdict = agree(reference, answer, question=row["question"], options=options)
                if verdict.outcome != expected:
                    wrong.append((reference, answer, options, verdict))
    assert wrong == []


def test_without_options_puzzlevqa_answers_are_never_judged_wrongly():
    for row in puzzles():
        for option in row["options"]:
            verdict = agree(str(row["answer"]), str(option), question=row["question"])
            expected = "equal" if str(option) == str(row["answer"]) else "different"
            assert verdict.outcome in (expected, "undecided"), (row["answer"], option, verdict)


def games():
    for path in sorted((DATA / "gameqa").glob("*/data.json")):
        for row in json.loads(path.read_text(encoding="utf-8")):
            yield path.parent.name, row


def test_gameqa_options_are_read_from_the_question_as_often_as_the_source_lists_them():
    read = Counter()
    for _, row in games():
        given = row.get("options") or row.get("Options") or []
        parsed = parse_options(row["question"])
        read[bool(given), len(parsed) == len(given)] += 1
    assert read[True, False] <= 9  # three list no texts, and six lists of the source lack the question's last option
    assert read[True, True] > 200


def test_gameqa_option_texts_are_judged_rightly_or_left_open():
    """Numbers that are an option's label and another's text are open, but for the reference's own words."""
    counts: Counter[tuple[str, str]] = Counter()
    for _, row in games():
        options, reference = parse_options(row["question"]), str(row["answer"])
        position = int(reference) - 1 if reference.isdigit() else ord(reference[0]) - ord("A")
        if not options or len(reference) > 2 or position >= len(options):
            continue
        for index, text in enumerate(options):
            expected = "equal" if index == position else "different"
            verdict = agree(reference, text, question=row["question"])
            if verdict.method == "exact" or options[index] == options[position]:
                continue
            assert verdict.outcome in (expected, "undecided"), (row["question"][-300:], reference, text, verdict)
            counts[expected, verdict.outcome] += 1
    assert counts["equal", "equal"] + counts["different", "different"] > 0.9 * counts.total()
