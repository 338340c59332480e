"""Sources that only rename columns: the mapping is data."""

from __future__ import annotations

from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.collect.sources.base import Draft, Drafts, Map, Skip
from mmfinereason.collect.sources.choices import letter_of, option_texts, shown
from mmfinereason.collect.sources.marks import Mark
from mmfinereason.collect.sources.values import at, kept, references, text, without_markers
from mmfinereason.recipe.sources import Columns
from mmfinereason.schema import Reason


def by_columns(columns: Columns, mark: Mark | None = None, *, open_unmarked: bool = False) -> Map:
    """A mapping that takes each field from its column.

    `mark` finds the short answer in the reference. With `open_unmarked`, rows whose reference has no mark are taken for
    questions without a fixed answer. Example, for `Columns(question="q", image="img", answer="a")`:

    ```
    {"q": "<image>How many?", "img": {"bytes": b"...", "path": null}, "a": "3"}
    ```
    """

    def map_row(row: RawRow) -> Drafts:
        question = text(at(row.values, columns.question))
        id = text(at(row.values, columns.id)) if columns.id else None
        if question is None:
            yield Skip(Reason.MISSING_FIELD, f"no {columns.question!r}", id)
            return
        reference = text(at(row.values, columns.answer)) if columns.answer else None
        answer = mark(reference) if mark and reference else None
        asked = without_markers(question)
        hint = text(at(row.values, columns.hint)) if columns.hint else None
        options = _options(row, columns)
        if options:
            answer = letter_of(reference, options, first=columns.first_option) or answer
            asked = shown(asked, options)
        yield Draft(
            source_id=id,
            question=f"{hint.strip()}\n{asked}" if hint else asked,
            answer=answer,
            images=references(at(row.values, columns.image)),
            original_question=question,
            original_answer=reference,
            options=options,
            fixed_answer=not (open_unmarked and mark and answer is None),
            extra=kept(row.values, columns.extra),
        )

    return map_row


def _options(row: RawRow, columns: Columns) -> tuple[str, ...]:
    if columns.options is None:
        return ()
    if isinstance(columns.options, str):
        return option_texts(at(row.values, columns.options))
    cells = [text(at(row.values, name)) for name in columns.options]
    return option_texts([cell for cell in cells if cell is not None])
