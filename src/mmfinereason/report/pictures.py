"""Images of single rows, small enough to stand in the page."""

from __future__ import annotations

import base64
import io
from collections.abc import Collection, Iterator

import pyarrow.compute as pc
import pyarrow.parquet as pq
from PIL import Image, UnidentifiedImageError

from mmfinereason.schema import Stage
from mmfinereason.store import Run

SIDE = 360
"""Longest side of a thumbnail in pixels."""

_QUALITIES = ((1.0, 70), (1.0, 45), (0.6, 45), (0.35, 35))
"""What is tried until a thumbnail fits: scale and WebP quality."""


def thumbnails(run: Run, ids: Collection[str], limit: int) -> dict[str, str]:
    """Data URIs of at most about `limit` characters, by id; rows whose image cannot be shown are left out."""
    found = {}
    for id, data in _images(run, ids):
        small = thumbnail(data, limit * 3 // 4)
        if small is not None:
            found[id] = f"data:image/webp;base64,{base64.b64encode(small).decode()}"
    return found


def thumbnail(data: bytes, limit: int) -> bytes | None:
    """The image written anew as WebP of at most `limit` bytes, or None."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            small = image.convert("RGB")
    except (OSError, ValueError, SyntaxError, UnidentifiedImageError, Image.DecompressionBombError):
        return None
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    for scale, quality in _QUALITIES:
        size = (max(1, round(small.width * scale)), max(1, round(small.height * scale)))
        buffer = io.BytesIO()
        small.resize(size).save(buffer, "WEBP", quality=quality, method=4)
        if buffer.tell() <= limit:
            return buffer.getvalue()
    return None


def _images(run: Run, ids: Collection[str]) -> Iterator[tuple[str, bytes]]:
    """Image bytes by id; of every shard only the row groups that hold one of the ids are read."""
    samples = run.table(Stage.COLLECT)
    wanted = set(ids)
    for shard in samples.shards():
        if not wanted:
            return
        with run.folder.open(samples.path(shard)) as file:
            parquet = pq.ParquetFile(file)
            for group in range(parquet.num_row_groups):
                names = parquet.read_row_group(group, columns=["id"])["id"]
                rows = [row for row, id in enumerate(names.to_pylist()) if id in wanted]
                if rows:
                    images = pc.struct_field(parquet.read_row_group(group, columns=["image"])["image"], "bytes")
                    for row in rows:
                        id, data = names[row].as_py(), images[row].as_py()
                        wanted.discard(id)
                        if data is not None:
                            yield id, data
