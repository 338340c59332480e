"""How the models of the small world come about: one chain of teaching, of which three models are kept.

    untaught -> seeing        describes pictures and blurts out answers
             -> beginning     has met traces
             -> practising    reasons about what is easy
             -> tiny-base     takes the right values from what it sees, and calculates badly: students start here
             -> tiny-prober   calculates better
             -> going-on
             -> tiny-teacher  right a little more than half of the time

All are of one size, as cheap as a laptop needs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mmfinereason.execute import Progress, Silent
from mmfinereason.lab.tiny import checkpoint
from mmfinereason.lab.tiny.lessons import Course, Kind, words
from mmfinereason.lab.tiny.school import Term, teach
from mmfinereason.store import ShardStats

BASE, PROBER, TEACHER = NAMES = ("tiny-base", "tiny-prober", "tiny-teacher")
SEEING: dict[Kind, int] = {"caption": 3, "answer": 1}
REASONING: dict[Kind, int] = {"caption": 1, "trace": 4}
TICK = 10
"""Steps between two words of progress."""


@dataclass(frozen=True, slots=True)
class Curriculum:
    """Steps of each term."""

    seeing: int = 3000
    beginning: int = 300
    practising: int = 1500
    base: int = 500
    prober: int = 1200
    going_on: int = 900
    teacher: int = 1000

    def terms(self, seed: int) -> Mapping[str, Term]:
        """The terms in their order, by the name of the model that each leaves."""
        return {
            "seeing": Term(Course(SEEING, seed=seed), self.seeing, rate=2e-3),
            "beginning": Term(Course(REASONING, seed=seed + 1), self.beginning, rate=1e-3),
            "practising": Term(Course(REASONING, seed=seed + 2), self.practising, rate=1e-3),
            BASE: Term(Course(REASONING, seed=seed + 3), self.base, rate=2e-3),
            PROBER: Term(Course(REASONING, seed=seed + 4), self.prober, rate=2e-3),
            "going-on": Term(Course(REASONING, seed=seed + 5), self.going_on, rate=2e-3),
            TEACHER: Term(Course(REASONING, seed=seed + 6), self.teacher, rate=2e-3),
        }


SHIPPED = Curriculum()
"""Those that come with the package were taught so."""
SHORT = Curriculum(seeing=40, beginning=2, practising=2, base=20, prober=2, going_on=2, teacher=10)
"""Enough to see that teaching works."""


def train(
    folder: Path, curriculum: Curriculum, *, seed: int = 1, threads: int = 1, progress: Progress | None = None
) -> dict[str, Path]:
    """Make the models in `folder`; those that are there already stay. Raises TrainError without torch."""
    from mmfinereason.train.local.checkpoint import require

    require()
    shown = progress or Silent()
    last = folder / "untaught"
    if not (last / "model.safetensors").exists():
        checkpoint.build(last, checkpoint.SMALL, words(), seed=seed)
    made = {}
    for name, term in curriculum.terms(seed).items():
        teller = _Teller(shown, name, term)
        last = made[name] = teach(last, folder / name, term, seed=seed, threads=threads, tell=teller)
        teller.end()
    return made


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
