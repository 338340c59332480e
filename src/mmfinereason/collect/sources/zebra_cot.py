"""Zebra-CoT: interleaved reasoning. The question's own images are input; those of the reasoning are not."""

from __future__ import annotations

import re

from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.collect.sources.base import Draft, Drafts, Skip
from mmfinereason.collect.sources.values import kept, references, text, without_markers
from mmfinereason.schema import Reason

_PROBLEM_IMAGE = re.compile(r"problem_image_\d+")


def map_zebra_cot(row: RawRow) -> Drafts:
    """One problem.

    ```
    {"Question": "An Atwood machine ...\\n<image_start>[problem_image_1]<image_end>", "Final Answer": "A = g / 3",
     "Text Reasoning Trace": "THOUGHT 0: ...", "problem_image_1": {"bytes": b"..."}, "reasoning_image_1": {...}}
    ```
    """
    values = row.values
    question = text(values.get("Question"))
    if question is None:
        yield Skip(Reason.MISSING_FIELD, "no 'Question'")
        return
    images = tuple(
        image for name in sorted(values) if _PROBLEM_IMAGE.fullmatch(name) for image in references(values[name])
    )
    yield Draft(
        source_id=None,
        question=without_markers(question),
        answer=None,
        images=images,
        original_question=question,
        original_answer=text(values.get("Final Answer")),
        extra=kept(values, ["Text Reasoning Trace", "source_folder"]),
    )
