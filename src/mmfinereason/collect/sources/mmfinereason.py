"""MMFineReason's own published rows, with all that is known of them, so that work can start from the released data.

Both vocabularies of columns are read: the current one, and that of earlier versions (`schema.EARLIER_NAMES`). The
earliest release had `solution` beside the teacher's response: there it is the publisher's reference, not the trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.collect.sources.base import Draft, Drafts, Map, Published, Skip, Source
from mmfinereason.collect.sources.values import references, text, without_markers
from mmfinereason.schema import EARLIER_NAMES, Reason

TRACE = "qwen3vl_235b_thinking_response"
UNKNOWN = "unknown"


def by_published_rows(find: Callable[[str], Source | None]) -> Map:
    """The mapping; `find` gives the source a row was taken from, for its domain and licence.

    ```
    {"source": "BMMR", "id": "72393", "original_question": "...", "original_answer": "...", "question": "<image>...",
     "answer": "C", "image": {"bytes": b"...", "path": "72393.png"}, "is_consistent": true,
     "consistency_analysis": "...", "qwen3vl_235b_instruct_caption": "### Image 1: ...",
     "qwen3vl_235b_thinking_response": "<think>...</think>...", "qwen3vl_4b_pass_rate": 0.5}
    ```
    """

    def map_row(row: RawRow) -> Drafts:
        values = current_names(row.values)
        name = text(values.get("source")) or text(values.get("data_source"))
        id, question = text(values.get("id")), text(values.get("question"))
        if question is None:
            yield Skip(Reason.MISSING_FIELD, "no question", id)
            return
        source = find(name) if name else None
        answer, reference = text(values.get("answer")), text(values.get("original_answer"))
        yield Draft(
            source_id=id,
            question=without_markers(question),
            answer=answer,
            images=references(values.get("image")),
            original_question=text(values.get("original_question")) or question,
            original_answer=reference or answer,
            domain=source.domain if source else None,
            published=_published(values),
            source=name,
            licence=source.licence if source and source.licence != UNKNOWN else None,
        )

    return map_row


def current_names(values: Mapping[str, Any]) -> dict[str, Any]:
    """A row with the columns' current names."""
    names = dict(EARLIER_NAMES)
    if "solution" in values and TRACE in values:
        names["solution"] = "original_answer"
    renamed = {new: values[old] for old, new in names.items() if old in values}
    return {**renamed, **{name: value for name, value in values.items() if name not in names}}


def _published(values: Mapping[str, Any]) -> Published:
    rate = values.get("qwen3vl_4b_pass_rate")
    verdict = values.get("is_consistent")
    return Published(
        caption=text(values.get("qwen3vl_235b_instruct_caption")),
        trace=text(values.get(TRACE)),
        pass_rate=None if rate is None else float(rate),
        is_consistent=None if verdict is None else bool(verdict),
        consistency_analysis=text(values.get("consistency_analysis")),
    )
