"""A trainer and a server that a worker process can import: the server's address stands in the environment."""

import os
import signal
from contextlib import contextmanager
from pathlib import Path

from mmfinereason.store import ShardStats
from mmfinereason.train.local import TrainResult


@contextmanager
def serve(model, command, folder, local):
    yield Path(model, "url").read_text(), "simulated-student"


def train(context, order):
    """The data variant `mazes` kills its worker."""
    if order.key.data == "mazes":
        os.kill(os.getpid(), signal.SIGKILL)
    context.progress.begin("train", shards=1, rows=None, done=ShardStats(0, {}, 0.0))
    context.progress.live({"worker": str(os.getpid())})
    model = Path(context.run.folder.root) / "model"
    model.mkdir(exist_ok=True)
    (model / "url").write_text(os.environ["STUDENT"])
    return TrainResult(str(model), 1, 7, [], 0.1)
