"""Readers: any file format becomes a stream of raw rows.

Why streams: a source may be larger than memory, so no reader holds more than a bounded batch; and a resumed run passes
over what it has already seen without decoding it.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import tarfile
import zlib
from collections.abc import Callable, Iterator
from itertools import count, islice

import ijson
import pyarrow as pa
import zstandard

from mmfinereason.collect.readers.files import File, place
from mmfinereason.collect.readers.formats import READERS, reader
from mmfinereason.collect.readers.hub import failures
from mmfinereason.collect.readers.rows import BadRow, Cursor, Item, RawRow, Reader, unreadable
from mmfinereason.collect.readers.which import files_of, place_of
from mmfinereason.errors import SourceError
from mmfinereason.recipe.sources import PUZZLES, PuzzleSettings, SourceSettings

__all__ = ["READERS", "BadRow", "RawRow", "Reader", "ensure_there", "read", "reader", "root_of"]


DAMAGE = (
    csv.Error,
    gzip.BadGzipFile,
    zlib.error,
    zstandard.ZstdError,
    tarfile.TarError,
    pa.ArrowException,
    ijson.JSONError,
    EOFError,
)
"""What the parsers raise where a file is damaged or is not what its name says."""


def read(settings: SourceSettings, *, skip: int = 0) -> Iterator[RawRow | BadRow]:
    """The raw rows of a source in a fixed order, without the first `skip`.

    Raises SourceError if the source cannot be opened at all; a row that cannot be read is a `BadRow`. A known source
    without a `path` must have been through `sources.pin`.
    """
    rest = None if settings.limit is None else max(0, settings.limit - skip)
    if settings.sample is None:
        return islice(_items(settings, Cursor(skip)), rest)
    drawn = _draw(settings.sample, settings.seed)
    position = next(islice((i for i in count() if drawn(i)), skip, None))
    items = enumerate(_items(settings, Cursor(position)), position)
    return islice((item for i, item in items if drawn(i)), rest)


def ensure_there(settings: SourceSettings) -> None:
    """Raise SourceError when a source has no file to read, or its image folder is missing."""
    if settings.use != PUZZLES:
        files_of(settings)
        root_of(settings)


def root_of(settings: SourceSettings) -> str | None:
    """The folder that image paths of this source are relative to, for `locate`; None for the built-in puzzles."""
    if settings.use == PUZZLES:
        return None
    if settings.images is None:
        return place_of(settings).url
    try:
        return place(settings.images).url
    except SourceError as error:
        raise SourceError(f"the image folder is missing: {error.message}", "check `images` of this source") from error


def _draw(share: float, seed: int) -> Callable[[int], bool]:
    """Whether row i belongs to the sample: fixed by seed and position, so that a resumed run draws the same."""
    bound = int(share * 2**64)

    def drawn(i: int) -> bool:
        digest = hashlib.blake2b(f"{seed}/{i}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big") < bound

    return drawn


def _items(settings: SourceSettings, cursor: Cursor) -> Iterator[Item]:
    if settings.use == PUZZLES:
        number = (settings.puzzles or PuzzleSettings()).count
        return (RawRow({"index": i}, f"{PUZZLES}#{i}") for i in range(cursor.left, number))
    return (item for file in files_of(settings) for item in _guarded(reader(settings.format), file, cursor))


def _guarded(read_file: Reader, file: File, cursor: Cursor) -> Iterator[Item]:
    """The rows of one file; data that breaks off costs the rest of this file, not the run."""
    left, yielded = cursor.left, 0
    try:
        for item in read_file(file, cursor):
            yielded += 1
            yield item
    except DAMAGE as error:
        row = left - cursor.left + yielded
        if not cursor.passes():
            yield unreadable(file, row, f"not readable from here on ({type(error).__name__}: {error})")
    except failures() as error:
        raise SourceError(
            f"{file.name} cannot be read: {error}", "run the command again: it goes on from here"
        ) from error
