"""VLMEvalKit's TSV: `index, image (base64), question, answer, A, B, ..., hint`.

An image cell may hold the index of another row instead of an image, so that a picture shared by many questions is
stored once. Such references may point anywhere in the file: on the first one, the images they mean are written to a
temporary folder by one more pass, and memory stays small.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from mmfinereason.collect.readers.delimited import read_tsv
from mmfinereason.collect.readers.files import File
from mmfinereason.collect.readers.rows import Cursor, Item, RawRow, unreadable

LONGEST_REFERENCE = 64
"""Characters; VLMEvalKit takes a shorter image cell for a reference (its `dataset/image_base.py`)."""


def read_vlmevalkit(file: File, cursor: Cursor) -> Iterator[Item]:
    """Rows with every reference replaced by the image it means."""
    with tempfile.TemporaryDirectory() as folder:
        shared: dict[str, Path] | None = None
        for item in read_tsv(file, cursor):
            if isinstance(item, RawRow) and _reference(item) is not None:
                if shared is None:
                    shared = _shared_images(file, Path(folder))
                yield _resolved(file, item, shared)
            else:
                yield item


def _reference(row: RawRow) -> str | None:
    cell = str(row.values.get("image", ""))
    return cell if 0 < len(cell) <= LONGEST_REFERENCE and cell.isdigit() else None


def _resolved(file: File, row: RawRow, shared: dict[str, Path]) -> Item:
    reference = str(_reference(row))
    if reference not in shared:
        why = f"its image refers to row {reference!r}, which has none"
        return unreadable(file, int(row.origin.rpartition("#")[2]), why)
    return RawRow({**row.values, "image": shared[reference].read_text()}, row.origin)


def _shared_images(file: File, folder: Path) -> dict[str, Path]:
    wanted = {_reference(item) for item in read_tsv(file, Cursor()) if isinstance(item, RawRow)}
    found: dict[str, Path] = {}
    for item in read_tsv(file, Cursor()):
        if not isinstance(item, RawRow) or _reference(item) is not None:
            continue
        index = str(item.values.get("index"))
        if index in wanted and item.values.get("image"):
            found[index] = folder / f"{len(found)}.txt"
            found[index].write_text(item.values["image"])
    return found
