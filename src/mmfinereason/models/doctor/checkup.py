"""What an endpoint is asked when it is examined: three plain questions, and pictures of one coloured shape.

The lab server knows these questions, so that it can be examined like any other.
"""

from __future__ import annotations

import io
import re

from PIL import Image, ImageDraw

SHADES = {"red": (214, 32, 32), "green": (24, 150, 60), "blue": (28, 60, 210), "yellow": (245, 215, 20)}
"""The colours a picture may have, as RGB."""
SIDE = 448
"""Width and height of the pictures in pixels."""

COLOURS = (
    "The picture shows one large shape on white ground. Which colour is it: red, green, blue or yellow? "
    "Answer with that one word. If you see no picture, answer with the word none."
)
DIGITS = "Write down twelve digits at random, without spaces, and nothing else."
ALPHABET = "Write down the letters of the English alphabet in their order."

_COLOUR = re.compile(rf"\b({'|'.join(SHADES)}|none)\b", re.IGNORECASE)


def picture(colour: str) -> bytes:
    """A PNG with a large disc (red, yellow) or square of the colour."""
    image = Image.new("RGB", (SIDE, SIDE), "white")
    box = (SIDE // 6, SIDE // 6, SIDE - SIDE // 6, SIDE - SIDE // 6)
    draw = ImageDraw.Draw(image)
    (draw.ellipse if colour in ("red", "yellow") else draw.rectangle)(box, fill=SHADES[colour])
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def colour_in(text: str) -> str | None:
    """The one colour that an answer names (or `none`); None when it names several or says something else."""
    named = {found.lower() for found in _COLOUR.findall(text)}
    return named.pop() if len(named) == 1 else None


def colour_of(data: bytes) -> str | None:
    """The colour in the middle of a picture, if it is one of SHADES; None for an image that cannot be opened."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            middle = image.convert("RGB").getpixel((image.width // 2, image.height // 2))
    except (OSError, Image.DecompressionBombError):
        return None
    if not isinstance(middle, tuple):
        return None
    distance = {name: sum(abs(a - b) for a, b in zip(shade, middle, strict=True)) for name, shade in SHADES.items()}
    nearest = min(distance, key=lambda name: distance[name])
    return nearest if distance[nearest] < 60 else None
