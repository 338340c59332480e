"""Images: what is changed, what is left alone, and that no bytes can harm."""

import hashlib
import io
import random
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter

from mmfinereason.images import BadPicture, Picture, hamming, normalize, perceptual_hash
from mmfinereason.recipe.clean import ImageSettings
from mmfinereason.schema import Reason

LIMITS = ImageSettings()


def drawing(width=200, height=120, mode="RGB", seed=0):
    """A line drawing on white, different for each seed."""
    dice = random.Random(seed)
    image = Image.new("RGB", (width, height), "white")
    pen = ImageDraw.Draw(image)
    for _ in range(6):
        points = [(dice.randrange(width), dice.randrange(height)) for _ in range(3)]
        pen.polygon(points, outline="black", fill=dice.choice(["red", "skyblue", None]), width=2)
    return image.convert(mode)


def photograph(width=600, height=400, seed=0):
    noise = np.random.default_rng(seed).integers(0, 255, (height // 20, width // 20, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(picture):
    assert isinstance(picture, Picture), picture
    image = Image.open(io.BytesIO(picture.data))
    image.load()
    assert (image.mode, image.size, image.format) == ("RGB", (picture.width, picture.height), picture.format)
    return image


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_an_image_that_needs_no_change_keeps_its_bytes(kind):
    data = encoded(drawing(), kind)
    picture = normalize(data, LIMITS)
    assert (picture.data, picture.edits, picture.format) == (data, (), kind)
    assert (picture.width, picture.height) == (200, 120)
    assert picture.sha256 == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK", "RGBA", "LA", "I;16"])
def test_every_mode_becomes_rgb_and_looks_the_same(mode):
    kind = "JPEG" if mode == "CMYK" else "PNG"
    source = drawing(mode="L" if mode == "I;16" else mode)
    if mode == "I;16":
        source = Image.fromarray(np.asarray(source).astype(np.uint16) * 257)
    picture = normalize(encoded(source, kind), LIMITS)
    seen = source if mode == "1" else drawing()
    gap = np.asarray(opened(picture).convert("L")).astype(int) - np.asarray(seen.convert("L"))
    assert np.abs(gap).mean() < 3
    assert "rgb" in picture.edits or "alpha_on_white" in picture.edits


def test_transparency_is_laid_on_white():
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    assert opened(normalize(encoded(clear), LIMITS)).getpixel((5, 5)) == (255, 255, 255)
    half = Image.new("LA", (64, 64), (0, 128))
    assert opened(normalize(encoded(half), LIMITS)).getpixel((5, 5)) == (127, 127, 127)


def test_palette_transparency_is_laid_on_white():
    image = Image.new("P", (64, 64), 0)
    image.putpalette([0, 0, 0, 255, 0, 0])
    picture = normalize(encoded(image, transparency=0), LIMITS)
    assert opened(picture).getpixel((5, 5)) == (255, 255, 255)
    assert "alpha_on_white" in picture.edits


@pytest.mark.parametrize("orientation", range(2, 9))
def test_exif_rotation_is_baked_in(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.new("RGB", (120, 60), "white")
    image.paste("red", (0, 0, 60, 30))
    picture = normalize(encoded(image, "JPEG", exif=exif, quality=95), LIMITS)
    stored = opened(picture)
    assert picture.edits == ("exif_rotation",)
    assert stored.getexif().get(0x0112, 1) == 1
    assert stored.size == ((60, 120) if orientation >= 5 else (120, 60))
    corner = {2: (110, 10), 3: (110, 50), 4: (10, 50), 5: (10, 10), 6: (50, 10), 7: (50, 110), 8: (10, 110)}
    red, green, _ = stored.getpixel(corner[orientation])
    assert red > 200 > green


def test_a_large_photograph_is_scaled_down_and_stays_jpeg():
    picture = normalize(encoded(photograph(3000, 2000), "JPEG", quality=90), LIMITS)
    opened(picture)
    assert (picture.width, picture.height, picture.format) == (2048, 1365, "JPEG")
    assert picture.edits == ("scaled_down",)


def test_a_large_drawing_is_scaled_down_and_stays_png():
    picture = normalize(encoded(drawing(2100, 900)), LIMITS)
    opened(picture)
    assert (picture.width, picture.height, picture.format) == (2048, 878, "PNG")


def test_a_small_image_is_scaled_up_or_rejected():
    data = encoded(drawing(40, 16))
    picture = normalize(data, LIMITS)
    opened(picture)
    assert (picture.width, picture.height, picture.edits) == (80, 32, ("scaled_up",))
    assert normalize(data, ImageSettings(too_small="reject")).reason == Reason.IMAGE_TOO_SMALL


def test_an_aspect_ratio_that_servers_refuse_is_rejected():
    assert normalize(encoded(Image.new("RGB", (2010, 10))), LIMITS).reason == Reason.ASPECT_RATIO


def test_a_strip_that_no_scale_makes_fit_is_rejected():
    assert normalize(encoded(Image.new("RGB", (4000, 40))), LIMITS).reason == Reason.IMAGE_TOO_SMALL


def test_of_an_animation_the_first_frame_stays():
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    for kind in ("GIF", "WEBP", "PNG"):
        picture = normalize(encoded(frames[0], kind, save_all=True, append_images=frames[1:]), LIMITS)
        red, _, blue = opened(picture).getpixel((5, 5))
        assert red > 200 > blue
        assert "first_frame" in picture.edits


def test_a_phone_picture_in_two_parts_is_a_jpeg():
    data = encoded(photograph(), "MPO", save_all=True, append_images=[photograph(seed=1)])
    picture = normalize(data, LIMITS)
    assert (picture.data, picture.format, picture.edits) == (data, "JPEG", ())


def test_formats_that_not_everyone_reads_are_written_anew():
    assert normalize(encoded(drawing(), "BMP"), LIMITS).format == "PNG"
    assert normalize(encoded(drawing(), "TIFF"), LIMITS).format == "PNG"
    assert normalize(encoded(photograph(), "JPEG2000"), LIMITS).format == "JPEG"


def test_normalizing_a_stored_image_changes_nothing():
    first = normalize(encoded(drawing(2500, 700, "RGBA")), LIMITS)
    again = normalize(first.data, LIMITS)
    assert (again.data, again.edits, again.phash) == (first.data, (), first.phash)


def png_header(width, height):
    """A PNG that is all header: ten bytes stand where the pixels should be."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", bytes(10))]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body)) for name, body in chunks
    )


@pytest.mark.parametrize("size", [(9000, 9000), (60_000, 60_000), (2**31 - 1, 2**31 - 1)])
def test_too_many_pixels_are_refused_by_the_header_alone(size):
    bad = normalize(png_header(*size), LIMITS)  # there is nothing to decode behind this header
    assert bad.reason == Reason.IMAGE_TOO_LARGE


@pytest.mark.parametrize("data", [b"", b"\x00", b"<html></html>", b"GIF89a", png_header(64, 64), png_header(0, 64)])
def test_what_is_no_image_is_a_bad_image_with_a_detail(data):
    bad = normalize(data, LIMITS)
    assert bad.reason == Reason.BAD_IMAGE
    assert bad.detail
    assert "0x" not in bad.detail  # no memory addresses: a rerun says the same


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_a_truncated_image_is_bad(kind, share):
    data = encoded(photograph(), kind)
    assert normalize(data[: int(len(data) * share)], LIMITS).reason == Reason.BAD_IMAGE


SEEDS = [
    encoded(drawing(60, 40, mode), kind)
    for mode, kind in [
        ("RGB", "PNG"),
        ("P", "PNG"),
        ("RGBA", "WEBP"),
        ("RGB", "JPEG"),
        ("P", "GIF"),
        ("RGB", "TIFF"),
        ("RGB", "BMP"),
        ("RGB", "AVIF"),
        ("RGB", "JPEG2000"),
    ]
]


@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.floats(0, 1), st.binary(max_size=4)), max_size=6),
    st.floats(0, 1),
)
@settings(max_examples=500, deadline=None)
def test_damaged_bytes_never_raise(seed, damage, cut):
    data = bytearray(seed)
    for place, what in damage:
        start = int(place * len(data))
        data[start : start + len(what)] = what
    data = bytes(data[: max(1, int(len(data) * (1 - cut**8)))])
    assert isinstance(normalize(data, LIMITS), Picture | BadPicture)


@given(st.binary(max_size=200), st.sampled_from([seed[:12] for seed in SEEDS] + [b""]))
@settings(max_examples=200, deadline=None)
def test_random_bytes_never_raise(data, start):
    assert isinstance(normalize(start + data, LIMITS), Picture | BadPicture)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("make", [drawing, photograph])
def test_the_hash_survives_rescaling_and_re_encoding(make, seed):
    image = make(600, 400, seed=seed)
    known = perceptual_hash(image)
    variants = {
        "half": image.resize((300, 200), Image.Resampling.LANCZOS),
        "odd": image.resize((431, 287), Image.Resampling.BICUBIC),
        "double": image.resize((1200, 800), Image.Resampling.BILINEAR),
        "grey": image.convert("L"),
        "blurred": image.filter(ImageFilter.GaussianBlur(1)),
        "jpeg": Image.open(io.BytesIO(encoded(image, "JPEG", quality=50))),
    }
    assert {name: hamming(known, perceptual_hash(variant)) for name, variant in variants.items()} == {
        name: pytest.approx(0, abs=5) for name in variants
    }
    assert hamming(known, normalize(encoded(image, "JPEG", quality=90), LIMITS).phash) <= 5


def test_other_images_have_other_hashes():
    hashes = [perceptual_hash(drawing(600, 400, seed=seed)) for seed in range(30)]
    assert min(hamming(a, b) for i, a in enumerate(hashes) for b in hashes[:i]) > 5


def test_images_of_one_colour_share_the_hash_that_matches_nothing():
    assert {perceptual_hash(Image.new("RGB", (50, 50), colour)) for colour in ("white", "black", "red")} == {"0" * 16}
