"""Damaged and unusual image files, with the fate each deserves.

A file that cannot be decoded whole is `rejected`; any other layout of pixels is `kept` and must come out as upright RGB
showing the same picture (of an animation, its first frame). A tiny one is kept because the default is to scale it up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Literal

from PIL import Image

from mmfinereason.lab.puzzles.dice import Dice

Fate = Literal["kept", "rejected"]


@dataclass(frozen=True)
class Spoiled:
    """The bytes of a file, the extension its publisher gave it, and what should become of it."""

    data: bytes
    extension: str
    kind: str
    fate: Fate


Spoiler = Callable[[Image.Image, Dice], bytes]

_HUGE = 4096
_TINY = 8
_ORIENTATION = 0x0112
_TURN_LEFT_TO_VIEW = 8


def spoil(image: Image.Image, kind: str, dice: Dice) -> Spoiled:
    """A file of one kind, a key of `SPOIL`, made from an RGB picture."""
    spoiler, extension, fate = SPOIL[kind]
    return Spoiled(spoiler(image, dice), extension, kind, fate)


def png(image: Image.Image) -> bytes:
    """The picture as PNG."""
    return _file(image, "PNG", compress_level=3)


def _file(image: Image.Image, layout: str, **options: object) -> bytes:
    buffer = BytesIO()
    image.save(buffer, layout, **options)
    return buffer.getvalue()


def _truncated(image: Image.Image, dice: Dice) -> bytes:
    data = png(image)
    return data[: int(len(data) * dice.real(0.2, 0.8))]


def _cmyk(image: Image.Image, dice: Dice) -> bytes:
    return _file(image.convert("CMYK"), "JPEG", quality=dice.between(85, 95))


def _rgba(image: Image.Image, dice: Dice) -> bytes:
    """White becomes see-through black: only pasting on white brings the picture back."""
    luminance = image.convert("L")
    seen = luminance.point(lambda value: 0 if value == 255 else 255)
    black = Image.new("RGB", image.size)
    black.paste(image, mask=seen)
    black.putalpha(seen)
    return png(black)


def _grey_alpha(image: Image.Image, dice: Dice) -> bytes:
    grey = image.convert("L")
    return png(Image.merge("LA", (grey, Image.new("L", image.size, 255))))


def _sixteen_bit(image: Image.Image, dice: Dice) -> bytes:
    wide = image.convert("L").convert("I").point(lambda value: value * 257)
    return _file(wide.convert("I;16"), "PNG")


def _palette(image: Image.Image, dice: Dice) -> bytes:
    return png(image.quantize(64))


def _exif_rotated(image: Image.Image, dice: Dice) -> bytes:
    exif = Image.Exif()
    exif[_ORIENTATION] = _TURN_LEFT_TO_VIEW
    return _file(image.transpose(Image.Transpose.ROTATE_270), "JPEG", quality=92, exif=exif)


def _huge(image: Image.Image, dice: Dice) -> bytes:
    factor = _HUGE / max(image.size)
    size = (round(image.width * factor), round(image.height * factor))
    return _file(image.resize(size), "JPEG", quality=80)


def _tiny(image: Image.Image, dice: Dice) -> bytes:
    return png(image.resize((_TINY, _TINY)))


def _animated(image: Image.Image, dice: Dice) -> bytes:
    frames = [image.rotate(angle, fillcolor="white") for angle in (90, 180)]
    return _file(image, "GIF", save_all=True, append_images=frames, duration=100, loop=0)


def _not_an_image(image: Image.Image, dice: Dice) -> bytes:
    return dice.pick(
        (
            b"<!DOCTYPE html><html><head><title>404 Not Found</title></head><body>Not Found</body></html>",
            b'{"error": "access denied"}',
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 48213\n",
            b"",
        )
    )


SPOIL: dict[str, tuple[Spoiler, str, Fate]] = {
    "truncated": (_truncated, "png", "rejected"),
    "cmyk": (_cmyk, "jpg", "kept"),
    "rgba": (_rgba, "png", "kept"),
    "grey_alpha": (_grey_alpha, "png", "kept"),
    "sixteen_bit": (_sixteen_bit, "png", "kept"),
    "palette": (_palette, "png", "kept"),
    "exif_rotated": (_exif_rotated, "jpg", "kept"),
    "huge": (_huge, "jpg", "kept"),
    "tiny": (_tiny, "png", "kept"),
    "animated": (_animated, "gif", "kept"),
    "not_an_image": (_not_an_image, "png", "rejected"),
}
"""Every kind of damage: how it is made, the extension of the file, and its fate."""
