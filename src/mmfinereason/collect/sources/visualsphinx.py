"""VisualSphinx: synthetic visual-logic puzzles whose options are pictures inside the image."""

from __future__ import annotations

from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.collect.sources.base import Draft, Drafts, Skip
from mmfinereason.collect.sources.choices import LETTERS, letter_of, option_texts, shown
from mmfinereason.collect.sources.values import kept, references, text, without_markers
from mmfinereason.schema import Reason


def map_visualsphinx(row: RawRow) -> Drafts:
    """One puzzle; `choice` is JSON by letter, and its texts are often the letters themselves.

    ```
    {"id": 12, "images": [{"bytes": b"...", "path": "12.png"}], "problem": "<image>\\nFrom the four given options, ...",
     "choice": "{\\"A\\": \\"A\\", \\"B\\": \\"B\\", \\"C\\": \\"C\\", \\"D\\": \\"D\\"}", "answer": "A",
     "explanation": ["..."], "has_duplicate": false, "reasonableness": 5, "readability": 5}
    ```
    """
    values = row.values
    id, question, reference = text(values.get("id")), text(values.get("problem")), text(values.get("answer"))
    if question is None or reference is None:
        yield Skip(Reason.MISSING_FIELD, "no problem or no answer", id, question or "")
        return
    options = option_texts(values.get("choice"))
    in_image = options == tuple(LETTERS[: len(options)])
    asked = without_markers(question)
    yield Draft(
        source_id=id,
        question=asked if in_image or not options else shown(asked, options),
        answer=letter_of(reference, options) or reference,
        images=references(values.get("images") or values.get("image")),
        original_question=question,
        original_answer=reference,
        options=options,
        extra=kept(values, ["explanation", "has_duplicate", "reasonableness", "readability"]),
    )
