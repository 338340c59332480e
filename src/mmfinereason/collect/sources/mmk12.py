"""MMK12: school questions of four subjects, so that the domain goes by the row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.collect.sources.base import Draft, Drafts, Skip
from mmfinereason.collect.sources.columns import by_columns
from mmfinereason.collect.sources.marks import whole
from mmfinereason.recipe.sources import Columns
from mmfinereason.schema import Domain

_RENAMED = by_columns(Columns(question="question", image="image", answer="answer", id="id", extra=["subject"]), whole)


def map_mmk12(row: RawRow) -> Drafts:
    """One question.

    ```
    {"id": "5f3c", "question": "As shown in the figure, ... then k = .", "answer": "-4", "subject": "math",
     "image": {"bytes": b"...", "path": "5f3c.png"}}
    ```
    """
    subject = str(row.values.get("subject") or "math").lower()
    domain = Domain.MATHEMATICS if subject.startswith("math") else Domain.SCIENCE
    return _with_domain(_RENAMED(row), domain)


def _with_domain(drafts: Drafts, domain: Domain) -> Iterator[Draft | Skip]:
    for draft in drafts:
        yield replace(draft, domain=domain) if isinstance(draft, Draft) else draft
