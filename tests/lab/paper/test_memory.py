"""What all processes of a re-enactment hold together is seen, or said to be unknown."""

import subprocess
import sys

import pytest

from mmfinereason.lab.paper import memory

HOLD = "held = bytearray(200_000_000); print('ready', flush=True); input()"
linux = pytest.mark.skipif(not memory.PROC.is_dir(), reason="there is no /proc")


@linux
def test_a_child_of_a_child_counts():
    alone = memory.Peak()
    alone.look()
    nested = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {HOLD!r}])"
    with subprocess.Popen([sys.executable, "-c", nested], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout.readline() == b"ready\n"
        with_child = memory.Peak()
        with_child.look()
        child.communicate(b"\n", timeout=60)
    assert with_child.bytes - alone.bytes > 150_000_000


@linux
def test_the_peak_outlives_what_made_it():
    with memory.watched() as peak:
        held = bytearray(100_000_000)
        peak.look()
        most = peak.bytes
        del held
    assert peak.bytes >= most > 100_000_000


def test_without_proc_nothing_is_claimed(monkeypatch, tmp_path):
    monkeypatch.setattr(memory, "PROC", tmp_path)
    with memory.watched() as peak:
        pass
    assert peak.bytes is None
