"""Write what LLaMA-Factory or veRL needs into the run's folder, have the framework check it, and start it there."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mmfinereason.errors import TrainError
from mmfinereason.recipe import Recipe
from mmfinereason.store import Run
from mmfinereason.train import check, llamafactory, verl
from mmfinereason.train.check import Framework
from mmfinereason.train.data import TrainData, rl_data, sft_data


@dataclass(frozen=True, slots=True)
class Prepared:
    """A training that is ready to start."""

    folder: Path
    data: TrainData
    framework: Framework


def prepare_sft(recipe: Recipe) -> Prepared:
    """Write `train/llamafactory-sft` of the recipe's run. Raises TrainError before anything is written."""
    run = _local(recipe)
    data = sft_data(run, recipe, "llamafactory")
    files = llamafactory.files(recipe, data)
    framework = check.llamafactory(llamafactory.settings(recipe, data), recipe.train.python)
    return Prepared(_write(run, llamafactory.FOLDER, files), data, framework)


def prepare_rl(recipe: Recipe) -> Prepared:
    """Write `train/verl-rl` of the recipe's run. Raises TrainError before anything is written."""
    run = _local(recipe)
    data = rl_data(run, recipe, "verl")
    files = verl.files(recipe, data)
    framework = check.verl(files[verl.OVERRIDES].decode().splitlines(), recipe.train.python)
    return Prepared(_write(run, verl.FOLDER, files), data, framework)


def start(prepared: Prepared, python: str | None) -> None:
    """Run the launch script to its end; its output goes where ours goes. Raises TrainError."""
    script = prepared.folder / "launch.sh"
    if not prepared.framework.installed:
        raise TrainError(
            f"{prepared.framework.name} is not installed; everything for it is in {prepared.folder}",
            "install environment.txt there and set train.python to that Python, or take the run folder to a machine"
            " that has it and run launch.sh",
        )
    env = os.environ | {"PYTHON": python or sys.executable}
    status = subprocess.run(["bash", str(script)], env=env, check=False).returncode
    if status:
        raise TrainError(
            f"{prepared.framework.name} stopped with status {status}; its messages are above",
            f"mend the cause and run bash {script} again: it goes on from the last checkpoint",
        )


def _local(recipe: Recipe) -> Run:
    run = Run.open(recipe.run_url)
    if not run.folder.local:
        raise TrainError(f"{run.url} is not on a disk: the frameworks read local files", "copy the run folder first")
    return run


def _write(run: Run, name: str, files: dict[str, bytes]) -> Path:
    for path, content in files.items():
        run.folder.write(f"train/{name}/{path}", content)
    folder = Path(run.folder.path(f"train/{name}"))
    (folder / "launch.sh").chmod(0o755)
    return folder
