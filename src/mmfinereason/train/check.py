"""Does the framework know every setting? Asked of the installed version, or of the recorded one where none is there.

A framework may live in an environment of its own, with libraries that ours does not go with: it is always asked through
its own Python, and nothing of it is imported here.
"""

from __future__ import annotations

import difflib
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Any

import orjson

from mmfinereason.errors import TrainError

NOT_INSTALLED = 3
"""Exit status of the describing programs."""
SECONDS = 600


@dataclass(frozen=True, slots=True)
class Framework:
    """A version of LLaMA-Factory or veRL, and the settings it knows."""

    name: str
    version: str
    installed: bool
    """Whether its own Python said so; else it is the version recorded here."""
    keys: frozenset[str]
    resolved: dict[str, Any] | None = None
    """veRL's whole configuration with our overrides in it."""


def llamafactory(settings: Iterable[str], python: str | None) -> Framework:
    """Check keys of LLaMA-Factory's YAML. Raises TrainError with all that its version does not know."""
    described = _describe("llamafactory", python, ())
    known = _framework("llamafactory", described)
    _refuse(known, [key for key in settings if key not in known.keys])
    return known


def verl(overrides: Sequence[str], python: str | None) -> Framework:
    """Check Hydra overrides of veRL. Raises TrainError with what its version does not know or does not allow."""
    described = _describe("verl", python, ())
    known = _framework("verl", described)
    _refuse(known, [key for key in map(_key, overrides) if key and not _within(key, known.keys)])
    if described is None:
        return known
    composed = _describe("verl", python, overrides) or {}
    if composed.get("problem"):
        raise TrainError(f"veRL {known.version} refuses the settings: {composed['problem']}", "change them in train.rl")
    return Framework("verl", known.version, True, known.keys, composed["resolved"])


def _key(override: str) -> str:
    """The key of an override; empty for one that adds or deletes."""
    key = override.partition("=")[0]
    return "" if key.startswith(("+", "~")) else key


def _within(key: str, known: frozenset[str]) -> bool:
    """Whether a key is a setting, or a section of settings."""
    return key in known or any(one.startswith(f"{key}.") for one in known)


def _refuse(known: Framework, unknown: list[str]) -> None:
    if not unknown:
        return
    hints = {key: difflib.get_close_matches(key, known.keys, n=1) for key in unknown}
    named = [f"{key} (did you mean {hint[0]}?)" if hint else key for key, hint in hints.items()]
    whose = "installed" if known.installed else "recorded; none is installed"
    raise TrainError(
        f"{known.name} {known.version} ({whose}) does not know: {', '.join(named)}",
        f"change them in train, or install the version of {known.name} that environment.txt names",
    )


def _framework(name: str, described: dict[str, Any] | None) -> Framework:
    if described is not None:
        return Framework(name, described["version"], True, frozenset(described["keys"]))
    lines = files("mmfinereason.train.frameworks").joinpath(f"{name}.keys").read_text().splitlines()
    _, version, *keys = lines
    return Framework(name, version, False, frozenset(keys))


def _describe(name: str, python: str | None, arguments: Sequence[str]) -> dict[str, Any] | None:
    """What the framework's own Python says of it; None where it is not installed. Raises TrainError."""
    interpreter = python or sys.executable
    program = files("mmfinereason.train.frameworks").joinpath(f"describe_{name}.py")
    with as_file(program) as path:
        command = [interpreter, str(path), *arguments]
        quiet = os.environ | {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, env=quiet, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise TrainError(f"cannot ask {interpreter} for {name}: {error}", "set train.python") from error
    if done.returncode == NOT_INSTALLED:
        return None
    if done.returncode:
        told = done.stderr.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
        raise TrainError(
            f"{name} is installed for {interpreter} but cannot be loaded: {told[0]}", "mend its environment"
        )
    described: dict[str, Any] = orjson.loads(done.stdout.strip().splitlines()[-1])
    return described
