"""The whole paper at a scale of seconds: killed in the middle, it goes on to the same end; needs the extra `train`."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

pytestmark = [pytest.mark.train, pytest.mark.timeout(900)]

PROGRAM = """
import sys
from pathlib import Path
from mmfinereason.lab.paper import run
from mmfinereason.lab.paper.scale import SCALES, Scale

if __name__ == "__main__":
    SCALES["small"] = Scale(
        rows=72, items=18, seeds=1, epochs=1, steps=2, alone=1, generations=1, prompts=4, batch=8
    )
    made = run.reenact(Path(sys.argv[1]), "small", workers=1, seed=5)
    print(made.page)
"""


def command_of(place, name):
    program = place / "program.py"
    program.write_text(PROGRAM)
    return [sys.executable, str(program), str(place / name)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    pytest.importorskip("torch", reason="needs the extra `train`: make test-train")
    place = tmp_path_factory.mktemp("paper")
    command = command_of(place, "run")
    first = subprocess.Popen(command, start_new_session=True)
    until = time.monotonic() + 400
    while time.monotonic() < until and first.poll() is None and len(cells(place / "run")) < 4:
        time.sleep(0.2)
    assert first.poll() is None, "it ended before it could be killed"
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    done = {path: path.read_bytes() for path in cells(place / "run")}
    second = subprocess.run(command, check=True, capture_output=True, text=True)
    assert second.stdout.strip().endswith("paper.html")
    assert all(path.read_bytes() == content for path, content in done.items()), "a finished cell was made again"
    return place / "run"


def cells(run):
    return sorted(run.glob("ablate/cells/**/cell.json"))


def test_every_cell_came_through(folder):
    states = {str(path.parent): json.loads(path.read_bytes())["state"] for path in cells(folder)}
    assert len(states) == 20 and set(states.values()) == {"done"}


def test_the_page_states_every_claim_with_its_outcome(folder):
    from mmfinereason.lab.paper import claims
    from mmfinereason.lab.paper.findings import Evidence

    page = (folder / "report" / "paper.html").read_text()
    for claim in claims.findings(Evidence({}), None):
        assert claim.claim.replace("'", "&#39;") in page
    assert "<script" not in page and "not measured" not in page
    for name in ("less-is-more", "landscape", "stages", "settings"):
        assert (folder / "report" / "figures" / f"{name}.png").stat().st_size > 5_000


def test_a_run_that_was_never_stopped_comes_to_the_same(folder):
    subprocess.run(command_of(folder.parent, "unbroken"), check=True, capture_output=True)
    broken, unbroken = (outcomes(folder.parent / name) for name in ("run", "unbroken"))
    assert broken == unbroken and len(broken) == 20


def outcomes(run):
    """What decides a cell and what came of it; times and places aside."""
    found = {}
    for path in cells(run):
        cell = json.loads(path.read_bytes())
        kept = {name: one for name, one in cell.items() if name not in ("train_seconds", "evaluate_seconds", "folder")}
        kept["figures"] = {name: one for name, one in cell["figures"].items() if name != "tokens_per_second"}
        found[str(path.relative_to(run))] = kept
    return found
