"""Run by the Python that has LLaMA-Factory: prints its version and every key its training arguments know, as JSON.

Imports nothing of ours, since that Python need not have it. Exit status 3: LLaMA-Factory is not installed.
"""

import dataclasses
import importlib.util
import json
import sys
from importlib.metadata import version


def main() -> None:
    """Print the description as the last line."""
    if importlib.util.find_spec("llamafactory") is None:
        sys.exit(3)
    from llamafactory.hparams.parser import _TRAIN_ARGS

    keys = {field.name for part in _TRAIN_ARGS for field in dataclasses.fields(part) if field.init}
    sys.stdout.write("\n" + json.dumps({"version": version("llamafactory"), "keys": sorted(keys)}) + "\n")


if __name__ == "__main__":
    main()
