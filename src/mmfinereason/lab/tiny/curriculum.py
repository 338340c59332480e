"""How the models of the small world come about: each goes on from another.

    untaught -> seeing -> tiny-prober -> tiny-teacher
                                      -> tiny-base

`seeing` describes pictures in three resolutions and reasons about what is easy. The prober has met everything and is
right about half of the time, the teacher most of the time. The base is the prober taught to answer at once, as a model
that follows instructions does: it sees, it has reasoned before, and it does not reason unless it is taught to again.
All are of one size, as cheap as a laptop needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mmfinereason.execute import Progress, Silent
from mmfinereason.lab.puzzles.families.small.grid import SIZE
from mmfinereason.lab.tiny import checkpoint
from mmfinereason.lab.tiny.lessons import Course, Kind, words
from mmfinereason.lab.tiny.school import Term, teach
from mmfinereason.store import ShardStats

BASE, PROBER, TEACHER = NAMES = ("tiny-base", "tiny-prober", "tiny-teacher")
SEEING = "seeing"
BEFORE = {SEEING: "untaught", PROBER: SEEING, TEACHER: PROBER, BASE: PROBER}
"""What each model goes on from."""
EASY = (1, 1, 1, 2)
"""Levels that are reasoned about at first, as often as they are named."""
SIZES = (SIZE, SIZE, SIZE, SIZE, 128, 64)
"""Pixels a side that are seen, as often as they are named."""
TICK = 10
"""Steps between two words of progress."""


@dataclass(frozen=True, slots=True)
class Curriculum:
    """Steps of each term."""

    seeing: int = 3800
    prober: int = 500
    teacher: int = 2400
    base: int = 150

    def terms(self, seed: int) -> Mapping[str, Term]:
        """The terms in their order, by the name of the model that each leaves."""
        seeing = Course({"caption": 3, "trace": 3, "work": 1, "read": 1}, levels=EASY, sizes=SIZES, seed=seed)
        reasoning: dict[Kind, int] = {"caption": 1, "trace": 4, "work": 2, "read": 2}
        answering = Course({"caption": 1, "answer": 2}, sizes=SIZES, seed=seed + 3)
        return {
            SEEING: Term(seeing, self.seeing),
            PROBER: Term(Course(reasoning, seed=seed + 1), self.prober),
            TEACHER: Term(Course(reasoning, seed=seed + 2), self.teacher, muon=2e-2, adamw=2e-3),
            BASE: Term(answering, self.base, muon=1e-2, adamw=1e-3),
        }


SHIPPED = Curriculum()
"""Those that come with the package were taught so."""
SHORT = Curriculum(seeing=40, prober=10, teacher=20, base=10)
"""Enough to see that teaching works."""


def train(
    folder: Path, curriculum: Curriculum, *, seed: int = 1, threads: int = 1, progress: Progress | None = None
) -> dict[str, Path]:
    """Make the models in `folder`; those that are there already stay. Raises TrainError without torch."""
    from mmfinereason.train.local.checkpoint import require

    require()
    shown = progress or Silent()
    untaught = folder / BEFORE[SEEING]
    if not (untaught / "model.safetensors").exists():
        checkpoint.build(untaught, checkpoint.SMALL, words(), seed=seed)
    for name, term in curriculum.terms(seed).items():
        teller = _Teller(shown, name, term)
        teach(folder / BEFORE[name], folder / name, term, seed=seed, threads=threads, tell=teller)
        teller.end()
    return {name: folder / name for name in NAMES}


class _Teller:
    """Steps as progress."""

    def __init__(self, progress: Progress, name: str, term: Term) -> None:
        self._progress, self._stage, self._term = progress, f"teach {name}", term
        self._begun = False

    def __call__(self, step: int, loss: float) -> None:
        if not self._begun:
            shards = self._term.steps // TICK
            self._progress.begin(self._stage, shards=shards, rows=None, done=ShardStats(0, {}, 0.0))
            self._begun = True
        if step % TICK == 0:
            self._progress.shard(ShardStats(TICK * self._term.batch, {}, 0.0))
            self._progress.live({"loss": f"{loss:.3f}"})

    def end(self) -> None:
        if self._begun:
            self._progress.end(self._stage)
