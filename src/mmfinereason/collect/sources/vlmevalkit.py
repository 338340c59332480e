"""VLMEvalKit's columns, the common form of benchmarks."""

from __future__ import annotations

from typing import Any

import orjson

from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.collect.sources.base import Draft, Drafts, Skip
from mmfinereason.collect.sources.choices import LETTERS, letter_of, option_texts, shown
from mmfinereason.collect.sources.values import kept, references, text
from mmfinereason.schema import Reason

UNSET = {"", "nan"}
"""How an empty cell comes back from the spreadsheets such files pass through."""


def map_vlmevalkit(row: RawRow) -> Drafts:
    """One question; the options are the columns A, B, C...; an empty one ends them.

    ```
    {"index": "17", "image": "iVBORw0KGgo...", "question": "Which?", "hint": "Look left.", "A": "red", "B": "blue",
     "answer": "B", "category": "colour", "l2-category": "perception"}
    ```
    """
    values = {name: value for name, value in row.values.items() if str(value).strip().lower() not in UNSET}
    id, question = text(values.get("index")), text(values.get("question"))
    if question is None:
        yield Skip(Reason.MISSING_FIELD, "no question", id)
        return
    letters = [letter for letter in LETTERS if letter in values]
    options = option_texts([values[letter] for letter in letters if letters == list(LETTERS[: len(letters)])])
    hint, reference = text(values.get("hint")), text(values.get("answer"))
    asked = shown(question, options) if options else question
    yield Draft(
        source_id=id,
        question=f"{hint.strip()}\n{asked}" if hint else asked,
        answer=(letter_of(reference, options) if options else None) or reference,
        images=references(_several(values.get("image"))),
        original_question=question,
        original_answer=reference,
        options=options,
        extra=kept(values, [name for name in ("category", "l2-category", "split", "source") if name in values]),
    )


def _several(cell: Any) -> Any:
    """A cell with several images is a list written as text."""
    if isinstance(cell, str) and cell.startswith("["):
        return orjson.loads(cell.replace("'", '"'))
    return cell
