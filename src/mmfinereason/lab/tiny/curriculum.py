"""How the models of the small world come about: one chain of teaching, stopped three times.

    untaught ─▶ base      sees: describes pictures and blurts out answers; it has never written a trace
             ─▶ prober    has begun to reason: right about as often as wrong
             ─▶ teacher   reasons well and still errs

Students start from the base. All three are of one size, as cheap as a laptop needs.
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

NAMES = ("base", "prober", "teacher")
SEEING: dict[Kind, int] = {"caption": 3, "answer": 1}
REASONING: dict[Kind, int] = {"caption": 1, "trace": 4}
TICK = 10
"""Steps between two words of progress."""


@dataclass(frozen=True, slots=True)
class Curriculum:
    """Steps of the three terms."""

    base: int
    prober: int
    teacher: int

    def terms(self, seed: int) -> Mapping[str, Term]:
        """The terms by the name of the model that each leaves."""
        return {
            "base": Term(Course(SEEING, seed=seed), self.base, rate=2e-3),
            "prober": Term(Course(REASONING, seed=seed + 1), self.prober, rate=1e-3),
            "teacher": Term(Course(REASONING, seed=seed + 2), self.teacher, rate=1e-3),
        }


SHIPPED = Curriculum(base=3000, prober=300, teacher=1500)
"""Those that come with the package were taught so."""
SHORT = Curriculum(base=40, prober=20, teacher=20)
"""Enough to see that teaching works."""


def train(
    folder: Path, curriculum: Curriculum, *, seed: int = 1, threads: int = 1, progress: Progress | None = None
) -> dict[str, Path]:
    """Make the three models in `folder`; those that are there already stay. Raises TrainError without torch."""
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
