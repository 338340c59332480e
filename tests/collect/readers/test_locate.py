"""Images are found in every form rows name them, and never outside the source."""

import base64
import http.server
import os
import threading
from pathlib import Path

import fsspec
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from mmfinereason.collect import locate as module
from mmfinereason.collect.locate import Beside, Missing, is_path, locate
from mmfinereason.schema import Reason

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
SECRET = b"not yours"


@pytest.fixture
def root(tmp_path):
    """A source's folder beside something secret, with links of every kind."""
    inside = tmp_path / "source"
    (inside / "sub" / "images").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(SECRET)
    (tmp_path / "source-2").mkdir()
    (tmp_path / "source-2" / "secret.png").write_bytes(SECRET)
    (inside / "a.png").write_bytes(PNG)
    (inside / "sub" / "images" / "b.png").write_bytes(PNG + b"b")
    (inside / "empty.png").write_bytes(b"")
    (inside / "near.png").symlink_to("a.png")
    (inside / "far.png").symlink_to(tmp_path / "secret.png")
    (inside / "out").symlink_to(tmp_path)
    (inside / "loop.png").symlink_to("loop.png")
    os.mkfifo(inside / "pipe.png")
    return str(inside)


@pytest.mark.parametrize(
    "reference",
    [
        PNG,
        bytearray(PNG),
        {"bytes": PNG, "path": "elsewhere.png"},
        {"bytes": None, "path": "a.png"},
        "a.png",
        "./a.png",
        "sub//images/../images/b.png".replace("/../images", ""),
        "near.png",
        base64.b64encode(PNG).decode(),
        "\n".join(base64.b64encode(PNG).decode()[i : i + 76] for i in range(0, 400, 76)),
        "data:image/png;base64," + base64.b64encode(PNG).decode(),
    ],
)
def test_an_image_is_found_in_every_form(root, reference):
    found = locate(reference, root=root)
    assert isinstance(found, bytes)
    assert found.startswith(PNG)


def test_a_path_inside_the_source_may_be_written_in_full(root):
    assert locate(f"{root}/a.png", root=root) == PNG


def test_a_path_is_looked_up_beside_its_file_first_and_then_from_the_root(root):
    assert locate(Beside("images/b.png", "sub"), root=root) == PNG + b"b"
    assert locate(Beside("a.png", "sub"), root=root) == PNG
    assert locate(Beside("../../secret.png", "sub"), root=root).reason is Reason.OUTSIDE_SOURCE
    assert locate(Beside("c.png", "sub"), root=root).reason is Reason.MISSING_IMAGE


@pytest.mark.parametrize(
    "reference",
    [
        "../secret.png",
        "sub/../../secret.png",
        "sub/../a.png",
        "..\\secret.png",
        "../source-2/secret.png",
        "/etc/passwd",
        "far.png",
        "out/secret.png",
        "out/source-2/secret.png",
        "a.png\0.jpg",
        "file:///etc/passwd",
        "file:/etc/passwd",
        "s3://bucket/a.png",
        {"bytes": None, "path": "/etc/passwd"},
    ],
)
def test_a_row_cannot_lead_out_of_its_source(root, reference):
    found = locate(reference, root=root)
    assert isinstance(found, Missing)
    assert found.reason is Reason.OUTSIDE_SOURCE


@pytest.mark.parametrize(
    "reference",
    [
        None,
        "",
        "  ",
        {},
        {"bytes": None, "path": None},
        b"",
        17,
        "c.png",
        "sub",
        "empty.png",
        "pipe.png",
        "loop.png",
        "a" * 300,
    ],
)
def test_an_image_that_is_not_there_is_missing(root, reference):
    assert locate(reference, root=root).reason is Reason.MISSING_IMAGE


def test_broken_base64_says_so(root):
    assert locate("data:image/png;base64,%%%", root=root).reason is Reason.BAD_IMAGE
    assert locate("iVBORw0KGgo" + "A" * 70, root=root).reason is Reason.BAD_IMAGE


def test_a_path_without_a_folder_is_missing():
    assert locate("a.png", root=None).reason is Reason.MISSING_IMAGE


def test_a_file_too_large_is_not_read_whole(root, monkeypatch):
    monkeypatch.setattr(module, "MAX_BYTES", 100)
    assert locate("a.png", root=root).reason is Reason.IMAGE_TOO_LARGE


parts = st.sampled_from(
    ["..", ".", "", "sub", "images", "a.png", "b.png", "out", "far.png", "source-2", "secret.png", "~"]
)
paths = st.lists(parts | st.text(max_size=4), min_size=1, max_size=6).map("/".join)


@given(path=paths, absolute=st.booleans())
@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_no_path_whatever_reaches_a_file_outside(root, path, absolute):
    found = locate(f"{root}/{path}" if absolute else path, root=root)
    if isinstance(found, bytes):
        assert found.startswith(PNG)
        assert ".." not in path.split("/")


@given(st.binary(min_size=1, max_size=3000))
def test_images_survive_base64(data):
    encoded = base64.b64encode(data).decode()
    assert locate(f"data:image/jpeg;base64,{encoded}", root=None) == data
    assert locate(base64.b64encode(PNG + data).decode(), root=None) == PNG + data
    assert not is_path(base64.b64encode(PNG + data).decode())


def test_a_path_of_letters_only_is_not_taken_for_base64(root):
    name = "images/train/figure/aVeryLongNameWithoutAnEndingThatCouldBeBase64Too"
    assert is_path(name)
    (Path(root) / "images" / "train" / "figure").mkdir(parents=True)
    (Path(root) / name).write_bytes(PNG)
    assert locate(name, root=root) == PNG


def test_a_store_is_read_below_its_folder_only():
    files = fsspec.filesystem("memory")
    files.pipe("/located/in/a.png", PNG)
    files.pipe("/located/secret.png", SECRET)
    assert locate("a.png", root="memory://located/in") == PNG
    assert locate("../secret.png", root="memory://located/in").reason is Reason.OUTSIDE_SOURCE
    assert locate("/located/secret.png", root="memory://located/in").reason is Reason.OUTSIDE_SOURCE
    assert locate("b.png", root="memory://located/in").reason is Reason.MISSING_IMAGE


@pytest.fixture
def website():
    """A server on this machine; counts its visitors."""
    visits = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            visits.append(self.path)
            status, body = {"/a.png": (200, PNG), "/empty": (200, b"")}.get(self.path, (404, b"gone"))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *arguments):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", visits
    server.shutdown()
    server.server_close()


def test_a_url_is_fetched_only_where_it_is_allowed(root, website):
    url, visits = website
    assert locate(f"{url}/a.png", root=root).reason is Reason.URL_NOT_ALLOWED
    assert visits == []
    assert locate(f"{url}/a.png", root=root, allow_urls=True) == PNG
    assert visits == ["/a.png"]


def test_a_failed_fetch_is_a_reason_and_not_an_exception(root, website, monkeypatch):
    url, _ = website
    monkeypatch.setattr(module, "MAX_BYTES", 1000)
    assert locate(f"{url}/b.png", root=root, allow_urls=True).reason is Reason.FETCH_FAILED
    assert locate(f"{url}/empty", root=root, allow_urls=True).reason is Reason.FETCH_FAILED
    assert locate("http://127.0.0.1:1/", root=root, allow_urls=True).reason is Reason.FETCH_FAILED
    assert locate("http://[broken/", root=root, allow_urls=True).reason is Reason.FETCH_FAILED
    monkeypatch.setattr(module, "MAX_BYTES", 100)
    assert locate(f"{url}/a.png", root=root, allow_urls=True).reason is Reason.IMAGE_TOO_LARGE
