"""From bytes to a picture fit for storage, or to the reason why not.

Three promises. Whatever the bytes are, `normalize` returns and never raises. What must not be decoded is never decoded:
size and aspect ratio are judged by the header. And an image that needs no change keeps its original bytes, because
re-encoding loses quality, swells the set, and costs more than all the rest.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zlib
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from mmfinereason.images.phash import perceptual_hash
from mmfinereason.images.redraw import edits_for, encode, redraw
from mmfinereason.recipe.clean import ImageSettings
from mmfinereason.schema import Reason

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "JPEG2000")
"""What is read. Few on purpose: every further decoder is one more that untrusted bytes can reach.

A phone's MPO, two JPEG pictures in one file, comes in through JPEG."""

_DAMAGE = (
    OSError,
    SyntaxError,  # Pillow's word for a broken header
    ValueError,
    TypeError,
    ArithmeticError,
    LookupError,
    AttributeError,
    AssertionError,
    RuntimeError,
    EOFError,
    MemoryError,
    BufferError,
    struct.error,
    zlib.error,
)
"""What Pillow's decoders raise on damaged files: the test that damages files says how wide this has to be."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image fit for storage. `phash` is 64 bits as 16 hex digits; `edits` names what was changed, in order."""

    data: bytes
    width: int
    height: int
    format: str
    sha256: str
    phash: str
    edits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BadPicture:
    """Why an image cannot be used."""

    reason: Reason
    detail: str


def normalize(data: bytes, limits: ImageSettings) -> Picture | BadPicture:
    """Bring an encoded image to RGB, upright, opaque and within `limits`; never raises, whatever the bytes are."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of damage and size, and both are judged here
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                return _judge(image, limits) or _picture(image, data, limits)
    except UnidentifiedImageError:
        return BadPicture(Reason.BAD_IMAGE, f"no known image format: {len(data)} bytes starting with {data[:8]!r}")
    except Image.DecompressionBombError:
        return BadPicture(Reason.IMAGE_TOO_LARGE, "far more pixels than can be decoded safely")
    except _DAMAGE as error:
        return BadPicture(Reason.BAD_IMAGE, f"{type(error).__name__}: {error}")


def _judge(image: Image.Image, limits: ImageSettings) -> BadPicture | None:
    """What the header alone gives away."""
    short, long = sorted(image.size)
    size = f"{image.width}x{image.height} pixels"
    if short == 0:
        return BadPicture(Reason.BAD_IMAGE, size)
    if short * long > limits.max_pixels:
        return BadPicture(Reason.IMAGE_TOO_LARGE, f"{size}, at most {limits.max_pixels:,} in all are decoded")
    if long > limits.max_aspect * short:
        return BadPicture(Reason.ASPECT_RATIO, f"{size}: {long / short:.0f} to 1, at most {limits.max_aspect:g} to 1")
    if short < limits.min_side and limits.too_small == "reject":
        return BadPicture(Reason.IMAGE_TOO_SMALL, f"{size}, at least {limits.min_side} a side are wanted")
    if long * limits.min_side > short * limits.max_side:
        both = f"no scale gives at least {limits.min_side} and at most {limits.max_side} pixels a side"
        return BadPicture(Reason.IMAGE_TOO_SMALL, f"{size}: {both}")
    return None


def _picture(image: Image.Image, data: bytes, limits: ImageSettings) -> Picture:
    edits = edits_for(image, limits)
    if not edits:
        return _untouched(image, data)
    redrawn = redraw(image, limits)
    return _hashed(redrawn, redrawn.size, *encode(redrawn, image, limits.jpeg_quality), edits)


def _untouched(image: Image.Image, data: bytes) -> Picture:
    """Decode every bit, so that damage shows, at the least cost: of a JPEG only its brightness, scaled down."""
    size, name = image.size, "JPEG" if image.format == "MPO" else str(image.format)
    image.draft("L", (128, 128))
    image.load()
    return _hashed(image, size, data, name, ())


def _hashed(image: Image.Image, size: tuple[int, int], data: bytes, name: str, edits: tuple[str, ...]) -> Picture:
    sha256 = hashlib.sha256(data).hexdigest()
    return Picture(data, *size, name, sha256, perceptual_hash(image), edits)
