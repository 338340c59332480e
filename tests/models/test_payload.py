import base64
import io

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mmfinereason.models.exchange import Request
from mmfinereason.models.payload import compose
from mmfinereason.models.picture import BadImage, Picture, fitted

from .conftest import teacher


def encoded(width, height, format="PNG", mode="RGB", colour="white", **options):
    out = io.BytesIO()
    Image.new(mode, (width, height), colour).save(out, format, **options)
    return out.getvalue()


def photograph(width=200, height=150):
    out = io.BytesIO()
    Image.effect_noise((width, height), 80).convert("RGB").save(out, "PNG")
    return out.getvalue()


def role(**settings):
    return teacher("http://localhost:1/v1", **settings)


def request(**fields):
    return Request(role="teacher", **{"text": "how many?"} | fields)


def sent_image(payload):
    url = orjson.loads(payload.body())["messages"][-1]["content"][0]["image_url"]["url"]
    kind, _, data = url.partition(";base64,")
    return kind, base64.b64decode(data)


def test_the_body_holds_exactly_what_recipe_and_request_say():
    settings = role(temperature=0.6, top_p=0.95, top_k=20, repetition_penalty=1.05, max_tokens=100, seed=3)
    body = orjson.loads(compose(settings, request(system="Be exact."), 0).body())
    assert body == {
        "model": "m",
        "temperature": 0.6,
        "top_p": 0.95,
        "top_k": 20,
        "repetition_penalty": 1.05,
        "max_tokens": 100,
        "seed": 3,
        "messages": [{"role": "system", "content": "Be exact."}, {"role": "user", "content": "how many?"}],
    }


def test_what_is_null_is_not_sent():
    assert orjson.loads(compose(role(seed="none"), request(), 0).body()).keys() == {"model", "messages"}


def test_overrides_of_a_request_come_before_the_recipe():
    settings = role(temperature=0.6, max_tokens=100, extra_body={"a": 1, "b": 1}, seed=3)
    payload = compose(settings, request(temperature=0.9, max_tokens=200, seed=4, extra={"b": 2}), 0)
    body = orjson.loads(payload.body())
    assert (body["temperature"], body["max_tokens"], body["seed"], body["a"], body["b"]) == (0.9, 200, 4, 1, 2)
    assert (payload.temperature, payload.max_tokens, payload.seed) == (0.9, 200, 4)


def test_the_token_limit_keeps_the_name_the_recipe_gives_it():
    payload = compose(role(extra_body={"max_completion_tokens": 50}), request(max_tokens=80), 0)
    assert orjson.loads(payload.body())["max_completion_tokens"] == payload.max_tokens == 80
    assert "max_tokens" not in orjson.loads(payload.body())


def test_derived_seeds_depend_on_run_row_and_attempt_and_can_be_repeated():
    def seed(run=0, **fields):
        return compose(role(), request(**fields), run).seed

    assert seed() == seed()
    assert len({seed(), seed(run=1), seed(attempt=1), seed(text="other")}) == 4
    assert 0 <= seed() < 2**31


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "b"},
        {"system": "s"},
        {"attempt": 1},
        {"temperature": 0.1},
        {"max_tokens": 1},
        {"seed": 1},
        {"extra": {"n_probs": 1}},
        {"image": encoded(8, 8)},
    ],
)
def test_any_change_of_the_payload_changes_the_key(fields):
    assert compose(role(), request(**fields), 0).key != compose(role(), request(), 0).key


def test_servers_and_limits_are_no_part_of_the_key():
    other = teacher("http://elsewhere:1/v1", endpoint={"concurrency": 3}, timeout=9.0)
    assert compose(other, request(), 0).key == compose(role(), request(), 0).key


@pytest.mark.parametrize(("format", "kind"), [("PNG", "png"), ("JPEG", "jpeg"), ("WEBP", "webp"), ("GIF", "gif")])
def test_an_image_that_fits_is_sent_byte_for_byte(format, kind):
    image = encoded(30, 20, format)
    payload = compose(role(min_pixels=100, max_pixels=600), request(image=image), 0)
    assert sent_image(payload) == (f"data:image/{kind}", image)


def test_budgets_that_leave_an_image_untouched_leave_its_key():
    image = encoded(30, 20)
    keys = {compose(role(max_pixels=most), request(image=image), 0).key for most in (None, 600, 601)}
    assert len(keys) == 1
    assert compose(role(max_pixels=599), request(image=image), 0).key not in keys


def test_a_scaled_drawing_is_png_and_a_scaled_photograph_jpeg():
    for image, kind in ((encoded(200, 150), "png"), (photograph(), "jpeg")):
        found, data = sent_image(compose(role(max_pixels=7500), request(image=image), 0))
        assert found == f"data:image/{kind}"
        assert Image.open(io.BytesIO(data)).size == (100, 75)


def test_an_unusual_format_is_encoded_anew_in_its_size():
    kind, data = sent_image(compose(role(), request(image=encoded(30, 20, "TIFF")), 0))
    assert kind == "data:image/png" and Image.open(io.BytesIO(data)).size == (30, 20)


def test_transparency_becomes_white_when_an_image_is_scaled():
    _, data = sent_image(
        compose(role(max_pixels=100), request(image=encoded(40, 40, mode="RGBA", colour=(0, 0, 0, 0))), 0)
    )
    assert Image.open(io.BytesIO(data)).getpixel((5, 5)) == (255, 255, 255)


def test_a_turned_photograph_is_sent_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    image = encoded(400, 100, "JPEG", exif=exif)
    _, data = sent_image(compose(role(max_pixels=10000), request(image=image), 0))
    assert Image.open(io.BytesIO(data)).size == (50, 200)


def test_bytes_that_are_no_image_are_the_rows_fault():
    with pytest.raises(BadImage):
        Picture.of(b"no image", None, None, None)


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_fitted_image_is_within_its_bounds(width, height, low, span):
    wide, high = fitted(width, height, low, low + span)
    assert wide >= 1 and high >= 1
    assert wide * high <= max(low + span, 2 * (wide + high) + low)
    assert wide * high >= min(low, width * height) or width * height > low + span
    if low <= width * height <= low + span:
        assert (wide, high) == (width, height)


@given(st.integers(1, 3000), st.integers(1, 3000), st.integers(1, 10**6))
def test_scaling_down_never_leaves_too_many_pixels(width, height, most):
    wide, high = fitted(width, height, None, most)
    assert wide * high <= most


EXIF = b"Exif\x00\x00" + bytes(60)


@pytest.mark.parametrize("options", [{}, {"progressive": True}, {"exif": EXIF}, {"comment": b"c" * 900}])
def test_sizes_read_by_hand_are_those_that_pillow_reads(options):
    assert Picture.of(encoded(321, 45, "JPEG", **options), None, None, None).pixels == 321 * 45
    assert Picture.of(encoded(321, 45), None, None, None).pixels == 321 * 45


def test_a_jpeg_cut_before_its_size_is_no_image():
    with pytest.raises(BadImage):
        Picture.of(encoded(32, 32, "JPEG")[:100], None, None, None)
