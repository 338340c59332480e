import os
import platform
import subprocess
import sys

import pytest

from mmfinereason.store import Folder


@pytest.fixture(params=["local", "memory"])
def folder(request, tmp_path):
    url = str(tmp_path / "run") if request.param == "local" else f"memory://{tmp_path.name}-{os.getpid()}"
    folder = Folder(url)
    yield folder
    folder.remove("")


def test_a_file_written_is_read_back_and_listed(folder):
    folder.write("a/b.bin", b"one")
    folder.write("a/c.bin", b"two")
    assert folder.read("a/b.bin") == b"one"
    assert folder.names("a") == ["b.bin", "c.bin"]
    assert folder.size("a/c.bin") == 3


def test_a_folder_that_does_not_exist_is_empty(folder):
    assert folder.names("nowhere") == []
    assert not folder.exists("nowhere")


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(folder):
    folder.write("a/b.bin", b"old")
    with pytest.raises(ZeroDivisionError), folder.writer("a/b.bin") as file:
        file.write(b"half of the ne")
        raise ZeroDivisionError
    assert folder.read("a/b.bin") == b"old"
    assert folder.names("a") == ["b.bin"]


def test_a_moved_file_has_only_its_new_name(folder):
    folder.write("a/b.bin", b"one")
    folder.move("a/b.bin", "c/d.bin")
    assert folder.read("c/d.bin") == b"one"
    assert not folder.exists("a/b.bin")


def test_what_an_interrupted_writer_left_is_invisible_and_swept(tmp_path):
    folder = Folder(str(tmp_path))
    folder.write("a/b.bin", b"one")
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    (tmp_path / "a" / f".tmp-{dead.stdout.strip()}@{platform.node()}@c.bin").write_bytes(b"torn")
    elsewhere = tmp_path / "a" / ".tmp-1@another-machine@d.bin"
    elsewhere.write_bytes(b"torn")
    os.utime(elsewhere, (0, 0))
    assert folder.names("a") == ["b.bin"]
    folder.sweep("a")
    assert os.listdir(tmp_path / "a") == ["b.bin"]


def test_what_another_process_is_writing_is_not_swept(tmp_path):
    folder = Folder(str(tmp_path))
    (tmp_path / ".tmp-1@another-machine@a.bin").write_bytes(b"half of it")
    with folder.writer("b.bin") as file:
        file.write(b"one half")
        file.flush()
        Folder(str(tmp_path)).sweep("")
        file.write(b", the other")
    assert folder.read("b.bin") == b"one half, the other"
    assert (tmp_path / ".tmp-1@another-machine@a.bin").exists()


def test_a_folder_survives_pickling(tmp_path):
    import pickle

    folder = Folder(str(tmp_path))
    folder.write("x", b"1")
    assert pickle.loads(pickle.dumps(folder)).read("x") == b"1"
