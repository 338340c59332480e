"""Servers in child processes: they start, say why not, and leave no orphans."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from mmfinereason.errors import EndpointError, RecipeError
from mmfinereason.lab.launch import start
from mmfinereason.recipe.lab import lab_options

# /proc is Linux's; elsewhere these tests would need another way to see that a process has ended
pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="no /proc on this system")


def gone(pid, within=5.0):
    until = time.monotonic() + within
    while time.monotonic() < until:
        try:
            if "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text():
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.05)
    return False


def test_a_server_starts_and_stops_and_keeps_its_log(samples, tmp_path):
    with start("simulated", [samples], log=tmp_path / "log.jsonl") as server:
        assert b'"status":"ok"' in urlopen(server.url.removesuffix("/v1") + "/health").read()
        pid = server.pid
    assert gone(pid) and (tmp_path / "log.jsonl").exists()


def test_a_server_that_cannot_start_says_why(tmp_path):
    with pytest.raises(EndpointError, match="did not start: no Parquet file"):
        start("simulated", [tmp_path / "nothing"])
    with pytest.raises(EndpointError, match="needs recorded rows"):
        start("replay")


def test_a_server_ends_after_its_time_limit():
    server = start("simulated", time_limit=0.2)
    assert gone(server.pid)
    server.stop()


def test_a_server_ends_when_its_parent_is_killed():
    code = "import time; from mmfinereason.lab.launch import start; print(start().pid, flush=True); time.sleep(60)"
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    assert gone(child)


def test_options_are_read_from_texts():
    options = lab_options(["wrong=0.1", "faults.reset=0.02", "reasoning=pair"])
    assert (options.wrong, options.faults.reset, options.reasoning) == (0.1, 0.02, "pair")
    with pytest.raises(RecipeError, match="wrnog"):
        lab_options(["wrnog=0.1"])
    with pytest.raises(RecipeError, match="name=value"):
        lab_options(["wrong"])


def test_the_command_serves_and_says_where():
    code = "import typer; from mmfinereason.cli.serve import serve; typer.run(serve)"
    command = [sys.executable, "-c", code, "--port", "0", "--minutes", "1", "--set", "latency=0.01"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        url = process.stdout.readline().strip()
        assert b"simulated-teacher" in urlopen(f"{url}/models").read()
        assert "Ctrl-C" in process.stderr.readline()
    finally:
        process.terminate()
        process.communicate(timeout=10)
