"""What the paper leaves out of every source (its section on aggregation), one rule each.

Multi-image rows; families that are too easy (CLEVR, geo170k(align)); medical imaging (PathVQA and its like); minor
languages inside the image (EXAMS-V). A row belongs to a family by what it says of its origin: its source fields, the
path of its image, the path of the file it was read from (on the hub, a folder is a config).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from mmfinereason.collect.readers.rows import RawRow
from mmfinereason.collect.sources.base import Draft, Skip
from mmfinereason.collect.sources.values import references, text
from mmfinereason.schema import Reason

FAMILIES: dict[Reason, re.Pattern[str]] = {
    Reason.TOO_EASY_FAMILY: re.compile(r"(?<![a-z])clevr(?![a-z])|geo170k[\W_]*align", re.IGNORECASE),
    Reason.MEDICAL: re.compile(
        r"path[-_]?vqa|vqa[-_]?rad(?![a-z])|pmc[-_]?vqa|(?<![a-z])slake(?![a-z])", re.IGNORECASE
    ),
    Reason.MINOR_LANGUAGE: re.compile(r"exams[-_]?v(?![a-z])", re.IGNORECASE),
}
MAJOR_LANGUAGES = {"en", "english", "zh", "chinese"}
"""Languages that the cleaning stage translates or leaves alone; a row of EXAMS-V in one of them stays."""
ORIGINS = ("source", "dataset", "data_source", "dataset_name", "subset", "source_dataset")
"""Fields in which publishers say where a row comes from."""


def excluded(draft: Draft, row: RawRow) -> Skip | None:
    """The paper's reason against a draft of this row, if there is one."""
    if len(draft.images) > 1:
        return _skip(draft, Reason.MULTI_IMAGE, f"{len(draft.images)} images")
    for origin in _origins(row):
        for reason, family in FAMILIES.items():
            if family.search(origin) and not (reason is Reason.MINOR_LANGUAGE and _is_major(row.values)):
                return _skip(draft, reason, origin)
    return None


def _origins(row: RawRow) -> Iterator[str]:
    values = row.values
    yield row.origin
    for name in ORIGINS:
        if isinstance(values.get(name), str):
            yield values[name]
    for name in ("image", "images", "image_path"):
        for reference in references(values.get(name)):
            path = reference.get("path") if isinstance(reference, dict) else reference
            if isinstance(path, str) and len(path) < 1024:
                yield path


def _is_major(values: Mapping[str, Any]) -> bool:
    return (text(values.get("language")) or "").lower() in MAJOR_LANGUAGES


def _skip(draft: Draft, reason: Reason, detail: str) -> Skip:
    return Skip(reason, detail, draft.source_id, draft.original_question)
