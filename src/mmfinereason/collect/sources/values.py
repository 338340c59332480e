"""Getting at the values of a raw row, whatever its publisher called them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_MISSING = object()
_MARKER = re.compile(r"<image(?:_\d+)?>|<image_start>\[[^\]]*\]<image_end>")


def at(values: Any, path: str) -> Any:
    """The value at a dotted path such as `json.question` or `texts.0.user`; None where there is none."""
    found = _step(values, path)
    if found is not _MISSING:
        return found
    head, dot, rest = path.partition(".")
    inner = _step(values, head) if dot else _MISSING
    return None if inner is _MISSING else at(inner, rest)


def _step(values: Any, key: str) -> Any:
    if isinstance(values, Mapping):
        return values.get(key, _MISSING)
    if isinstance(values, list | tuple) and key.isdigit() and int(key) < len(values):
        return values[int(key)]
    return _MISSING


def text(value: Any) -> str | None:
    """A value as text: numbers as written, None and blank text as None."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def references(value: Any) -> tuple[Any, ...]:
    """Image references in a cell that holds one, or a list of them."""
    if value is None or value == "":
        return ()
    if isinstance(value, list | tuple):
        return tuple(item for item in value if item is not None and item != "")
    if isinstance(value, dict) and value.get("bytes") is None and value.get("path") is None:
        return ()
    return (value,)


def without_markers(question: str) -> str:
    """A question without `<image>` markers: where the image goes is for the prompt and the exporters to say."""
    return (
        re.sub(r"[ \t]{2,}", " ", _MARKER.sub(" ", question)).strip() if _MARKER.search(question) else question.strip()
    )


def kept(values: Mapping[str, Any], names: list[str]) -> dict[str, Any]:
    """The named fields that are there, as JSON can hold them; bytes are left out."""
    found = {name: _as_json(at(values, name)) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def _as_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(item) for item in value]
    if isinstance(value, bytes):
        return None
    if isinstance(value, str | bool | float | None) or (isinstance(value, int) and value.bit_length() < 64):
        return value
    return str(value)
