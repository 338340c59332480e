"""Images on their way to a model: untouched when they fit the role's pixel budget, scaled when they do not.

Preprocessing images is a server's bottleneck, so what is too large is scaled here. Bytes that fit are sent as they
are: re-encoding costs time and quality. A scaled photograph goes out as JPEG, a scaled drawing as PNG.
"""

from __future__ import annotations

import base64
import hashlib
import io
import math
from dataclasses import dataclass
from typing import Self

from PIL import ExifTags, Image, ImageOps

_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"
_SIGNATURES = ((_PNG, "image/png"), (_JPEG, "image/jpeg"), (b"GIF8", "image/gif"))
_JPEG_QUALITY = 92
_PIXELS_A_TOKEN = 28 * 28
"""Image area of one token in the Qwen-VL family's older patching, the finest in use; later ones need fewer."""
_TURNED = 5
"""EXIF orientations from here on exchange width and height."""
_SAMPLE = 96
_DRAWING_COLOURS = 128
"""A drawing shows fewer colours in 96 x 96 of its points; a photograph, even a grey one, shows more."""


class BadImage(ValueError):
    """Bytes that cannot be opened as an image."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image and the size it will be sent in; `digest` tells apart all that a server could see."""

    data: bytes
    digest: str
    pixels: int  # as sent
    media_type: str | None  # None: must be encoded anew
    size: tuple[int, int] | None  # None: as it is

    @classmethod
    def of(cls, data: bytes, sha256: str | None, min_pixels: int | None, max_pixels: int | None) -> Self:
        """Plan an image by its header alone. Raises BadImage."""
        sha256 = sha256 or hashlib.sha256(data).hexdigest()
        width, height = _size(data)
        media_type = _media_type(data)
        size = fitted(width, height, min_pixels, max_pixels)
        if size == (width, height) and media_type:
            return cls(data, f"sha256:{sha256}", width * height, media_type, None)
        return cls(data, f"sha256:{sha256}@{size[0]}x{size[1]}", size[0] * size[1], None, size)

    @property
    def tokens(self) -> int:
        """Upper estimate of what the image costs."""
        return self.pixels // _PIXELS_A_TOKEN + 16

    @property
    def must_encode(self) -> bool:
        """Whether `data_url` decodes and scales: work for a thread."""
        return self.size is not None

    def data_url(self) -> str:
        """The image as a data URL. Raises BadImage."""
        data, media_type = self.data, self.media_type
        if self.size is not None:
            data, media_type = _encoded(self.data, self.size)
        return f"data:{media_type};base64,{base64.b64encode(data).decode('ascii')}"


def fitted(width: int, height: int, min_pixels: int | None, max_pixels: int | None) -> tuple[int, int]:
    """The size nearest to the given one with the same shape and an area within the bounds."""
    area = width * height
    if max_pixels and area > max_pixels:
        scale = math.sqrt(max_pixels / area)
        short = max(1, math.floor(min(width, height) * scale))
        long = min(math.floor(max(width, height) * scale), max_pixels // short)
        return (long, short) if width >= height else (short, long)
    if min_pixels and area < min_pixels:
        scale = math.sqrt(min_pixels / area)
        return math.ceil(width * scale), math.ceil(height * scale)
    return width, height


def _size(data: bytes) -> tuple[int, int]:
    """Width and height by the header; the two usual formats are read by hand, which is many times faster."""
    if data.startswith(_PNG) and len(data) >= 24:
        return int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if data.startswith(_JPEG) and (found := _jpeg_size(data)):
        return found
    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadImage(f"image of {len(data)} bytes cannot be opened: {error}") from error


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Size in the first frame header (ITU T.81, B.2.2); None when there is none where it should be."""
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4])
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            return int.from_bytes(data[at + 7 : at + 9]), int.from_bytes(data[at + 5 : at + 7])
        at += 2 + length
    return None


def _media_type(data: bytes) -> str | None:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _SIGNATURES if data.startswith(start)), None)


def _encoded(data: bytes, size: tuple[int, int]) -> tuple[bytes, str]:
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.getexif().get(ExifTags.Base.Orientation, 1) >= _TURNED:
                size = size[::-1]
            flat = _flat(image)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise BadImage(f"image of {len(data)} bytes cannot be decoded: {error}") from error
    drawing = is_drawing(flat)
    if flat.size != size:
        flat = flat.resize(size, Image.Resampling.LANCZOS)
    out = io.BytesIO()
    flat.save(out, "PNG") if drawing else flat.save(out, "JPEG", quality=_JPEG_QUALITY)
    return out.getvalue(), "image/png" if drawing else "image/jpeg"


def _flat(image: Image.Image) -> Image.Image:
    """Upright RGB, transparency laid on white."""
    upright = ImageOps.exif_transpose(image)
    if not upright.has_transparency_data:
        return upright.convert("RGB")
    layer = upright.convert("RGBA")
    white = Image.new("RGB", layer.size, "white")
    white.paste(layer, mask=layer.getchannel("A"))
    return white


def is_drawing(image: Image.Image) -> bool:
    """Line art, text and diagrams have few colours; photographs have many."""
    sample = image.resize((_SAMPLE, _SAMPLE), Image.Resampling.NEAREST)
    return sample.getcolors(_DRAWING_COLOURS) is not None
