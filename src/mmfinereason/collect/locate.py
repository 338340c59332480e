"""Image references into bytes, without ever leaving the source.

Rows name their images in many ways: bytes, `{bytes, path}`, base64, a path, a URL. Rows are foreign data, so a path may
not lead out of the source's folder (neither by `..` nor by a symlink), and a URL is fetched only where the recipe
allows it for that source. What cannot be had is a `Missing`, which becomes a reject.
"""

from __future__ import annotations

import base64
import binascii
import os
import re
import stat
import time
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any
from urllib.error import URLError
from urllib.request import Request, urlopen

from fsspec.core import url_to_fs

from mmfinereason.collect.readers.hub import failures
from mmfinereason.schema import Reason

MAX_BYTES = 256 << 20
"""Bytes of an image file at most, from a path or a URL."""
FETCH_SECONDS = 30.0
"""A URL's image must arrive within this time."""

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|file:")
_BASE64 = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*")
_ENCODED_MAGIC = ("iVBORw0KGgo", "/9j/", "R0lGOD", "UklGR", "SUkqA", "TU0AK", "Qk", "AAAA")
"""How PNG, JPEG, GIF, WEBP, TIFF, BMP and HEIC begin in base64."""
_SHORTEST_BASE64 = 64
_LONGEST_PATH = 1024


@dataclass(frozen=True, slots=True)
class Missing:
    """An image that could not be had, and why."""

    reason: Reason
    detail: str


@dataclass(frozen=True, slots=True)
class Beside:
    """A path as written in a file of `folder` (below the root): looked up there first, then from the root."""

    path: str
    folder: str


def locate(reference: Any, *, root: str | None, allow_urls: bool = False) -> bytes | Missing:
    """The bytes `reference` stands for.

    `root` is the folder that paths are relative to (`readers.root_of(settings)`): a local path or a storage URL.
    """
    if isinstance(reference, dict):
        inner = reference.get("bytes")
        return locate(inner if inner is not None else reference.get("path"), root=root, allow_urls=allow_urls)
    if isinstance(reference, bytes | bytearray | memoryview):
        return bytes(reference) or Missing(Reason.MISSING_IMAGE, "the image is empty")
    if isinstance(reference, Beside):
        return _beside(reference, root)
    if isinstance(reference, str) and reference.strip():
        return _text(reference.strip(), root, allow_urls)
    what = "no image" if reference in (None, "") else f"not an image reference: {str(reference)[:80]!r}"
    return Missing(Reason.MISSING_IMAGE, what)


def is_path(reference: Any) -> bool:
    """Whether this is text that would be looked up as a path."""
    if not isinstance(reference, str) or not reference.strip():
        return False
    return not (reference.startswith("data:") or _SCHEME.match(reference) or _looks_encoded(reference))


def _text(text: str, root: str | None, allow_urls: bool) -> bytes | Missing:
    if text.startswith("data:"):
        return _decoded(text.partition(",")[2])
    if text.lower().startswith(("http://", "https://")):
        return _fetched(text) if allow_urls else Missing(Reason.URL_NOT_ALLOWED, _short(text))
    if _SCHEME.match(text):
        return Missing(Reason.OUTSIDE_SOURCE, _short(text))
    if _looks_encoded(text):
        return _decoded(text)
    return _read(text, root)


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]}..."


def _looks_encoded(text: str) -> bool:
    if len(text) < _SHORTEST_BASE64 or not _BASE64.fullmatch(text):
        return False
    return len(text) > _LONGEST_PATH or text.startswith(_ENCODED_MAGIC)


def _decoded(text: str) -> bytes | Missing:
    try:
        return base64.b64decode("".join(text.split()), validate=True) or Missing(Reason.MISSING_IMAGE, "empty base64")
    except (binascii.Error, ValueError) as error:
        return Missing(Reason.BAD_IMAGE, f"broken base64 ({error}): {_short(text[:80])}")


def _beside(reference: Beside, root: str | None) -> bytes | Missing:
    near = _read(f"{reference.folder}/{reference.path}", root)
    if isinstance(near, Missing) and near.reason is Reason.MISSING_IMAGE:
        return _read(reference.path, root)
    return near


def _read(path: str, root: str | None) -> bytes | Missing:
    if root is None:
        return Missing(Reason.MISSING_IMAGE, f"a path, but this source has no folder: {_short(path)}")
    if "\0" in path or ".." in re.split(r"[/\\]", path):
        return Missing(Reason.OUTSIDE_SOURCE, _short(path))
    return _read_remote(path, root) if "://" in root else _read_local(path, root)


def _read_local(path: str, root: str) -> bytes | Missing:
    inside = os.path.realpath(root)
    full = os.path.realpath(Path(inside, path))
    if full != inside and not full.startswith(inside.rstrip(os.sep) + os.sep):
        return Missing(Reason.OUTSIDE_SOURCE, f"{_short(path)} leads to {full}")
    try:
        # Not through a symlink that has come since, and without waiting for a pipe.
        handle = os.open(full, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        return Missing(Reason.MISSING_IMAGE, f"{_short(path)}: {error}")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        return Missing(Reason.MISSING_IMAGE, f"{_short(path)} is not a file")
    with os.fdopen(handle, "rb") as stream:
        return _bounded(stream, path)


def _read_remote(path: str, root: str) -> bytes | Missing:
    if path.startswith("/"):
        return Missing(Reason.OUTSIDE_SOURCE, _short(path))
    system, folder = url_to_fs(root)
    try:
        with system.open(f"{folder}/{path}", "rb") as stream:
            return _bounded(stream, path)
    except (FileNotFoundError, IsADirectoryError):
        return Missing(Reason.MISSING_IMAGE, f"{_short(path)}: no such file")
    except failures() as error:
        return Missing(Reason.FETCH_FAILED, f"{_short(path)}: {error}")


def _bounded(stream: IO[bytes], name: str) -> bytes | Missing:
    data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        return Missing(Reason.IMAGE_TOO_LARGE, f"{_short(name)}: more than {MAX_BYTES >> 20} MiB")
    return data or Missing(Reason.MISSING_IMAGE, f"{_short(name)} is empty")


def _fetched(url: str) -> bytes | Missing:
    """The image at an http(s) URL, bounded in time and size."""
    deadline = time.monotonic() + FETCH_SECONDS
    parts, size = [], 0
    try:
        request = Request(url, headers={"User-Agent": "mmfinereason", "Accept": "image/*"})
        with urlopen(request, timeout=FETCH_SECONDS) as reply:
            while part := reply.read1(1 << 20):
                parts.append(part)
                size += len(part)
                if size > MAX_BYTES:
                    return Missing(Reason.IMAGE_TOO_LARGE, f"{_short(url)}: more than {MAX_BYTES >> 20} MiB")
                if time.monotonic() > deadline:
                    return Missing(Reason.FETCH_FAILED, f"{_short(url)}: not within {FETCH_SECONDS:g} s")
    except (HTTPException, URLError, OSError, ValueError) as error:
        return Missing(Reason.FETCH_FAILED, f"{_short(url)}: {error}")
    return b"".join(parts) or Missing(Reason.FETCH_FAILED, f"{_short(url)}: empty reply")
