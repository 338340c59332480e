"""Our reward in Ray workers, several threads in each, loaded from its file as veRL does it."""

import json
import sys
import time

import ray
from verl.utils.import_utils import load_extern_object

CASES = [
    ("<think>a</think><answer>4</answer>", "4"),
    ("<think>a</think><answer>5</answer>", "4"),
    ("<think>a</think><answer>\\frac{n(n+1)}{2}</answer>", "\\sum_{k=1}^{n} k"),
    ("<think>a</think><answer>\\int_0^1 x^{x^{x}} dx</answer>", "\\int_0^1 y^{y^{y}} dy + \\sum_{k} k"),
    ("<think>still at it", "4"),
]


@ray.remote(num_cpus=0.5, max_concurrency=8)
class Worker:
    def __init__(self, path):
        self.compute_score = load_extern_object(path, "compute_score")

    def score(self, reply, reference):
        started = time.monotonic()
        score = self.compute_score("mmfinereason", reply, reference, {"question": ""}, seconds=30.0)["score"]
        return round(score, 3), time.monotonic() - started


ray.init(num_cpus=2, include_dashboard=False, configure_logging=False, log_to_driver=False)
workers = [Worker.remote(sys.argv[1]) for _ in range(2)]
asked = [worker.score.remote(*case) for worker in workers for _ in range(20) for case in CASES]
answered = ray.get(asked)
ray.shutdown()
print()
print(json.dumps({"scores": [score for score, _ in answered], "slowest": max(seconds for _, seconds in answered)}))
