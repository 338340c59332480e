"""A grid trained and evaluated for real, killed on the way and started again."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.tiny_model import build_tiny_qwen3vl

from mmfinereason.ablate import arms, read_cells
from mmfinereason.recipe import dump

pytestmark = pytest.mark.train

SETTINGS = (
    "ablate.data={full: full, mazes: {subset: full, only: [mazes], max_pixels: 4096}}",
    "ablate.training={steps: {sft: {max_steps: 6}}}",
    "ablate.seeds=[0, 1]",
    "ablate.workers=1",
    "export={variant: no_think, tokens: {cutoff: 2048, max_pixels: 16384}}",
    "train.local={device: cpu, threads: 1, micro_batch: 4}",
    "evaluate.max_tokens=16",
)
SFT = {"global_batch": 4, "save_steps": 1, "learning_rate": 1e-3, "freeze_vision": False}


def start(recipe, *options):
    command = [sys.executable, "-c", "from mmfinereason.cli import main; main()", "ablate", str(recipe), *options]
    quiet = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=quiet)


def lines(path):
    return path.read_text().splitlines() if path.exists() else []


def test_a_killed_grid_goes_on(run_of, tmp_path):
    pytest.importorskip("torch", reason="needs the extra `train`: make test-train")
    base = build_tiny_qwen3vl(tmp_path / "base")
    context = run_of(*SETTINGS, f"train.sft={json.dumps({**SFT, 'model': str(base)})}")
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(dump(context.recipe))
    cell = Path(context.run.folder.path("ablate/cells/full/steps/seed-0"))
    metrics = cell / "train/trl-sft/metrics.jsonl"

    killed = start(recipe)
    until = time.monotonic() + 200
    while len(lines(metrics)) < 3 and killed.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    time.sleep(3)  # its worker leaves when it finds itself alone
    seen = lines(metrics)
    assert 3 <= len(seen) < 6 and not (cell / "cell.json").exists()

    again = start(recipe)
    said, _ = again.communicate(timeout=280)
    assert again.returncode == 0, said
    cells = read_cells(context.run)
    assert [str(one.key) for one in cells] == [
        "full/steps/seed-0",
        "full/steps/seed-1",
        "mazes/steps/seed-0",
        "mazes/steps/seed-1",
        "untrained/untrained/seed-0",
    ]
    assert all(one.done and one.scores["held-out"].items == 12 for one in cells)
    assert [one.steps for one in cells] == [6, 6, 6, 6, 0]
    assert lines(metrics)[:2] == seen[:2]  # it went on from a checkpoint
    one, other = (json.loads(lines(Path(cell.folder) / "train/trl-sft/metrics.jsonl")[-1]) for cell in cells[:2])
    assert one["loss"] != other["loss"]  # another seed, another order
    assert not list(Path(context.run.folder.root).glob("ablate/cells/*/*/*/train/*/checkpoints"))
    full, mazes = arms(cells, "full")[:2]
    assert len(full.cells) == len(mazes.cells) == 2 and mazes.difference is not None
    assert (Path(context.run.folder.root) / "ablate/figures/score-by-rows.svg").is_file()

    third = start(recipe)
    said, _ = third.communicate(timeout=100)
    assert third.returncode == 0 and "left" not in said
