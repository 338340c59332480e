"""VLMEvalKit's own CircularEval over predictions: `python circular_by_vlmevalkit.py IN.json OUT.json`."""

import json
import sys
import tempfile
from pathlib import Path

import pandas
from vlmeval.dataset.utils.multiple_choice import mcq_circular_eval

table = pandas.DataFrame(json.loads(Path(sys.argv[1]).read_text()))
with tempfile.TemporaryDirectory() as folder:
    graded = mcq_circular_eval(None, table, table[["index", "answer"]], 1, f"{folder}/result.pkl", "MMBench")
hits = dict(zip(graded["index"].astype(str), map(bool, graded["hit"]), strict=True))
Path(sys.argv[2]).write_text(json.dumps(hits))
