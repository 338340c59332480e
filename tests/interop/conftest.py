"""A small run exported for trainers, a tiny model, and the environment that holds LLaMA-Factory and veRL."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mmfinereason import pipeline
from mmfinereason.recipe import parse

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
PYTHON = Path(os.environ.get("MMFR_INTEROP_PYTHON", ROOT / ".venv-interop" / "bin" / "python"))

RECIPE = """
name: interop
sources:
  - use: puzzles
    puzzles: {{count: 40, seed: 11}}
models:
  teacher: {{lab: simulated, max_tokens: 16384}}
  judge: {{lab: simulated}}
  prober: {{lab: {{skill: mixed}}}}
distill:
  tokenizer: {{file: {model}/tokenizer.json}}
select:
  subsets: [{{name: rl, rule: is_consistent, draw: uniform, size: 12}}, sft]
export:
  formats: [llamafactory, verl]
  tokens: {{cutoff: 4096, max_pixels: 65536}}
train:
  python: {python}
  hardware: {{gpus: 0}}
  sft: {{model: {model}, max_steps: 2, global_batch: 2}}
  rl: {{model: {model}, batch: 8, updates: 2}}
run: {run}
"""


def environment():
    """What the frameworks' processes get: no hub, and torchvision importable beside torch for CPUs."""
    offline = {
        "HF_HUB_OFFLINE": "1",
        "WANDB_MODE": "disabled",
        "RAY_USAGE_STATS_ENABLED": "0",
        "CUDA_VISIBLE_DEVICES": "",
    }
    paths = [str(HERE / "cpu_builds"), str(ROOT / "src"), str(ROOT / "tests")]
    return os.environ | offline | {"PYTHONPATH": os.pathsep.join(paths), "OMP_NUM_THREADS": "2"}


@pytest.fixture(scope="session")
def ask(tmp_path_factory):
    """Run a program of `programs/` with the frameworks' Python; gives what it prints last, as JSON."""
    if not PYTHON.exists():
        pytest.skip(f"{PYTHON} is missing: make interop-env builds it, or set MMFR_INTEROP_PYTHON")

    def run(program, *arguments):
        command = [str(PYTHON), str(HERE / "programs" / program), *map(str, arguments)]
        folder = tmp_path_factory.mktemp("ask")
        done = subprocess.run(command, env=environment(), cwd=folder, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        return json.loads(done.stdout.strip().splitlines()[-1])

    return run


@pytest.fixture(scope="session")
def recipe(ask, tmp_path_factory):
    """The recipe of a finished, exported run that trains the tiny model."""
    folder = tmp_path_factory.mktemp("interop")
    ask("build_model.py", folder / "model")
    path = folder / "recipe.yaml"
    path.write_text(RECIPE.format(model=folder / "model", python=PYTHON, run=folder / "run"))
    pipeline.run_all(pipeline.prepare(parse(path.read_text())))
    return path


@pytest.fixture(scope="session")
def mmfr(recipe):
    """Run `mmfr train` on the recipe; gives its finished process."""

    def run(stage, backend, *arguments):
        command = [sys.executable, "-c", "from mmfinereason.cli import main; main()", "train", stage, str(recipe)]
        command += ["--backend", backend, *arguments]
        return subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=900)

    return run
