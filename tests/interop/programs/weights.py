"""Which parts of a checkpoint differ from another: `vision`, `projector`, `language`."""

import json
import sys
from pathlib import Path

from safetensors.torch import load_file


def part(name):
    if "visual" not in name:
        return "language"
    return "projector" if "merger" in name else "vision"


def weights(folder):
    found = {}
    for file in Path(folder).glob("*.safetensors"):
        found |= load_file(file)
    return found


before, after = weights(sys.argv[1]), weights(sys.argv[2])
assert before.keys() == after.keys(), before.keys() ^ after.keys()
changed = sorted({part(name) for name, value in before.items() if not value.equal(after[name].to(value.dtype))})
print(json.dumps(changed))
