"""Write the tiny Qwen3-VL into the folder named."""

import json
import sys

from tiny_model import build_tiny_qwen3vl

print(json.dumps(str(build_tiny_qwen3vl(sys.argv[1]))))
