"""Spoilt pictures."""

from io import BytesIO

import pytest
from PIL import Image, ImageChops, ImageOps, UnidentifiedImageError

from mmfinereason.lab.puzzles import generate
from mmfinereason.lab.puzzles.dice import Dice
from mmfinereason.lab.puzzles.spoil import SPOIL, spoil

PICTURE = generate("bar_chart", seed=1, index=0).draw()


def spoilt(kind):
    return spoil(PICTURE, kind, Dice("test"))


def opened(kind):
    image = Image.open(BytesIO(spoilt(kind).data))
    image.load()
    return image


def difference(image, reference):
    """Mean difference of two pictures, 0 to 255."""
    histogram = ImageChops.difference(image.convert("L"), reference.convert("L")).histogram()
    return sum(value * count for value, count in enumerate(histogram)) / sum(histogram)


def test_the_kinds_and_their_fates():
    assert {kind: spoilt(kind).fate for kind in SPOIL} == {
        "truncated": "rejected", "cmyk": "kept", "rgba": "kept", "grey_alpha": "kept", "sixteen_bit": "kept",
        "palette": "kept", "exif_rotated": "kept", "huge": "kept", "tiny": "kept", "animated": "kept",
        "not_an_image": "rejected",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "mode", "layout"),
    [
        ("cmyk", "CMYK", "JPEG"),
        ("rgba", "RGBA", "PNG"),
        ("grey_alpha", "LA", "PNG"),
        ("sixteen_bit", "I;16", "PNG"),
        ("palette", "P", "PNG"),
        ("exif_rotated", "RGB", "JPEG"),
        ("huge", "RGB", "JPEG"),
        ("tiny", "RGB", "PNG"),
        ("animated", "P", "GIF"),
    ],
)
def test_a_kind_has_its_mode_and_format(kind, mode, layout):
    assert (opened(kind).mode, opened(kind).format) == (mode, layout)


def test_a_truncated_file_cannot_be_loaded():
    with pytest.raises(OSError, match=r"truncated|broken"):
        opened("truncated")


def test_what_is_not_an_image_cannot_be_identified():
    for i in range(20):
        with pytest.raises(UnidentifiedImageError):
            Image.open(BytesIO(spoil(PICTURE, "not_an_image", Dice(str(i))).data))


def test_a_see_through_picture_needs_white_below():
    image = opened("rgba")
    white = Image.new("RGB", image.size, "white")
    white.paste(image, mask=image.getchannel("A"))
    assert difference(white, PICTURE) < 0.5
    assert difference(image.convert("RGB"), PICTURE) > 100


def test_a_rotated_picture_is_upright_after_exif():
    image = opened("exif_rotated")
    assert image.size == PICTURE.size[::-1]
    assert difference(ImageOps.exif_transpose(image), PICTURE) < 2


def test_sixteen_bits_hold_the_whole_range():
    assert opened("sixteen_bit").getextrema()[1] == 65535


def test_sizes():
    assert max(opened("huge").size) == 4096
    assert opened("tiny").size == (8, 8)
    assert opened("animated").n_frames == 3
    assert difference(opened("animated").convert("RGB"), PICTURE) < 3


def test_extensions_follow_the_format():
    assert {kind: spoilt(kind).extension for kind in ("cmyk", "animated", "rgba")} == {
        "cmyk": "jpg", "animated": "gif", "rgba": "png",
    }  # fmt: skip
