"""WebDataset: tar files in which the files of one row lie side by side and share a name up to the first dot."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import Any

import orjson

from mmfinereason.collect.readers.files import File
from mmfinereason.collect.readers.rows import Cursor, Item, RawRow, too_deep, unreadable

TEXT = ("txt", "text", "cls", "transcript")


def read_webdataset(file: File, cursor: Cursor) -> Iterator[Item]:
    """Rows with the name as `__key__` and each file under its ending.

    `000017.jpg` and `000017.json` make `{"__key__": "000017", "jpg": b"...", "json": {...}}`.
    """
    key: str | None = None
    row, wanted = -1, False
    values: dict[str, Any] = {}
    with file.open() as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
        for member in filter(tarfile.TarInfo.isfile, tar):
            name, ending = _key(member.name)
            if name != key:
                if wanted:
                    yield _row(file, values, row)
                key, row, values = name, row + 1, {"__key__": name}
                wanted = not cursor.passes()
            if wanted and (data := tar.extractfile(member)) is not None:
                values[ending] = data.read()
        if wanted:
            yield _row(file, values, row)


def _key(name: str) -> tuple[str, str]:
    folder, slash, base = name.rpartition("/")
    stem, _, ending = base.partition(".")
    return folder + slash + stem, ending.lower()


def _row(file: File, values: dict[str, Any], row: int) -> Item:
    try:
        decoded = {ending: _decoded(ending, value) for ending, value in values.items()}
        if too_deep(decoded):
            return unreadable(file, row, f"{values['__key__']}: lists or objects are nested too deep")
        return RawRow(decoded, file.origin(row))
    except (orjson.JSONDecodeError, UnicodeDecodeError) as error:
        return unreadable(file, row, f"{values['__key__']}: {error}")


def _decoded(ending: str, value: Any) -> Any:
    if ending == "json":
        return orjson.loads(value)
    if ending in TEXT:
        return value.decode()
    return value
