"""What has to change about an image, and changing it.

Trainers ignore the EXIF orientation while viewers and model servers obey it, so it is baked in. Transparency is laid on
white, as a page shows it: a plain conversion would paint it black. Photographs stay JPEG; drawings become PNG, whose
edges do not blur.
"""

from __future__ import annotations

import io

import numpy as np
from PIL import ExifTags, Image, ImageOps, JpegImagePlugin

from mmfinereason.recipe.clean import ImageSettings

_READ_EVERYWHERE = ("PNG", "JPEG", "MPO", "WEBP")
"""Formats that every trainer and model server reads; anything else is written anew. MPO is a phone's JPEG."""

_PHOTOGRAPHIC = ("JPEG", "MPO", "WEBP", "AVIF", "JPEG2000")


def edits_for(image: Image.Image, limits: ImageSettings) -> tuple[str, ...]:
    """What has to change, in the order it is done, judged by the header alone."""
    size = size_within(image.size, limits)
    wanted = {
        "first_frame": image.format != "MPO" and getattr(image, "is_animated", False),
        "exif_rotation": image.getexif().get(ExifTags.Base.Orientation, 1) in range(2, 9),
        "alpha_on_white": image.has_transparency_data,
        "rgb": image.mode not in ("RGB", "RGBA"),
        "scaled_down": size < image.size,
        "scaled_up": size > image.size,
        "format": image.format not in _READ_EVERYWHERE,
    }
    return tuple(name for name, needed in wanted.items() if needed)


def redraw(image: Image.Image, limits: ImageSettings) -> Image.Image:
    """Decode, turn upright, flatten and scale."""
    image.draft("RGB", size_within(image.size, limits))  # a JPEG decodes to 1/2, 1/4 or 1/8 of its size for less
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    flat = _rgb(image)
    size = size_within(flat.size, limits)
    return flat if flat.size == size else flat.resize(size, Image.Resampling.LANCZOS)


def encode(image: Image.Image, source: Image.Image, jpeg_quality: int) -> tuple[bytes, str]:
    """The redrawn `image` as a file without metadata, and its format: JPEG if `source` was a photograph's format."""
    buffer = io.BytesIO()
    if source.format in _PHOTOGRAPHIC:
        # As much colour as the source had: coloured lines blur where a drawing came as a good JPEG.
        sampling = JpegImagePlugin.get_sampling(source) if source.format in ("JPEG", "MPO") else -1
        image.save(buffer, "JPEG", quality=jpeg_quality, subsampling=sampling)
        return buffer.getvalue(), "JPEG"
    image.save(buffer, "PNG")
    return buffer.getvalue(), "PNG"


def size_within(size: tuple[int, int], limits: ImageSettings) -> tuple[int, int]:
    """The size that fits `max_side` and `min_side` with the aspect ratio kept, to the pixel."""
    short, long = min(size), max(size)
    if long > limits.max_side:
        scale = limits.max_side / long
    elif short < limits.min_side:
        scale = limits.min_side / short
    else:
        return size
    width, height = (max(limits.min_side, min(limits.max_side, round(side * scale))) for side in size)
    return width, height


def _rgb(image: Image.Image) -> Image.Image:
    if image.has_transparency_data:
        return _on_white(image.convert("RGBA"))
    if image.mode.startswith("I"):
        image = _to_eight_bits(image)
    if image.mode == "F":
        raise ValueError("floating-point pixels, whose range is not known")
    return image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    alpha = image.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return image.convert("RGB")
    page = Image.new("RGB", image.size, "white")
    page.paste(image, mask=alpha)
    return page


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """16-bit grey to 8 bits: Pillow's own conversion clips at 255, which leaves a white page."""
    values = np.asarray(image).astype(np.int64)
    return Image.fromarray((values.clip(0, 65535) // 257).astype(np.uint8))
