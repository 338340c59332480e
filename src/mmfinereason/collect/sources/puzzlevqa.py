"""PuzzleVQA (the paper's PuzzleQA): abstract patterns with one missing part."""

from __future__ import annotations

from pathlib import PurePosixPath

from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.collect.sources.base import Draft, Drafts, Skip
from mmfinereason.collect.sources.choices import letter_of, option_texts, shown
from mmfinereason.collect.sources.values import kept, references, text
from mmfinereason.schema import Reason


def map_puzzlevqa(row: RawRow) -> Drafts:
    """One puzzle; `options` and `answer` mix numbers and texts.

    ```
    {"image": "images/venn/venn_0000.png", "question": "What is the missing number of the part denoted with a question
     mark?", "answer": 1, "options": ["4", "8", "1", "9"], "caption": "There are 3 overlapping circles ...",
     "explanation": "We observe ...", "deduction": "Based on the pattern ..."}
    ```
    """
    values = row.values
    path = text(values.get("image"))
    id = PurePosixPath(path).stem if path else None
    question, reference = text(values.get("question")), text(values.get("answer"))
    options = option_texts(values.get("options"))
    if question is None or reference is None:
        yield Skip(Reason.MISSING_FIELD, "no question or no answer", id, question or "")
        return
    letter = letter_of(reference, options)
    if letter is None:
        yield Skip(Reason.UNREADABLE_ROW, f"answer {reference!r} is not among its options {options}", id, question)
        return
    yield Draft(
        source_id=id,
        question=shown(question, options),
        answer=letter,
        images=references(path),
        original_question=question,
        original_answer=reference,
        options=options,
        extra=kept(values, ["caption", "explanation", "deduction"]),
    )
