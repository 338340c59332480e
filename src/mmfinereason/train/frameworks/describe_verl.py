"""Run by the Python that has veRL: composes its configuration with the overrides on the command line, as JSON.

Prints its version, every key, the resolved configuration, and what veRL itself finds wrong with it. Imports nothing of
ours, since that Python need not have it. Exit status 3: veRL is not installed.
"""

import importlib.util
import json
import sys
from importlib.metadata import version
from typing import Any


def main() -> None:
    """Print the description as the last line."""
    if importlib.util.find_spec("verl") is None:
        sys.exit(3)
    sys.stdout.write("\n" + json.dumps({"version": version("verl"), **_compose(sys.argv[1:])}) + "\n")


def _compose(overrides: list[str]) -> dict[str, Any]:
    from hydra import compose, initialize_config_module
    from hydra.errors import HydraException
    from omegaconf import OmegaConf
    from omegaconf.errors import OmegaConfBaseException

    with initialize_config_module("verl.trainer.config", version_base=None):
        try:
            config = compose("ppo_trainer", overrides=overrides)
        except (HydraException, OmegaConfBaseException) as error:
            return {"problem": str(error)}
    keys = sorted(_leaves(OmegaConf.to_container(config, resolve=False)))
    resolved = OmegaConf.to_container(config, resolve=True, throw_on_missing=False)
    return {"keys": keys, "resolved": resolved, "problem": _validate(config) if overrides else None}


def _validate(config: Any) -> str | None:
    """veRL's own checks, which it makes before it starts anything."""
    from hydra.errors import HydraException
    from verl.trainer.ppo.utils import need_critic, need_reference_policy
    from verl.utils.config import validate_config

    try:
        validate_config(config, need_reference_policy(config), need_critic(config))
    except (HydraException, ValueError, TypeError, AssertionError, NotImplementedError) as error:
        return f"{type(error).__name__}: {error.__cause__ or error}"
    return None


def _leaves(value: Any, path: str = "") -> list[str]:
    if isinstance(value, dict) and value:
        return [leaf for key, one in value.items() for leaf in _leaves(one, f"{path}.{key}" if path else str(key))]
    return [path]


if __name__ == "__main__":
    main()
