"""What each stage took: time from its books; requests, tokens and dollars from its journals, which hold retries too."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from mmfinereason.store import Run, StageStatus
from mmfinereason.store.journal import tally_of


@dataclass(frozen=True, slots=True)
class StageCost:
    """What a stage took."""

    stage: str
    state: str
    rows: int
    rejects: int
    seconds: float
    """Work time, summed over workers."""
    requests: int
    tokens: int
    """Prompt and completion, as the servers counted."""
    dollars: float


def costs(run: Run, stages: Iterable[StageStatus]) -> list[StageCost]:
    """One entry for each stage that has started."""
    return [_cost(run, one) for one in stages if one.state != "not started"]


def _cost(run: Run, status: StageStatus) -> StageCost:
    spent = _spent(run, f"{status.stage.value}/journal")
    books = status.books
    return StageCost(
        stage=status.stage.command,
        state=status.state,
        rows=books.rows,
        rejects=sum(books.rejects.values()),
        seconds=books.seconds,
        requests=int(spent["requests"]),
        tokens=int(spent["tokens"]),
        dollars=float(spent["dollars"]) or books.figures.get("cost", 0.0),
    )


def _spent(run: Run, journals: str) -> Counter[str]:
    """Requests, tokens and dollars of all roles; a tally names them `teacher.tokens` and so on."""
    spent: Counter[str] = Counter()
    for name in run.folder.names(journals):
        for key, amount in tally_of(run.folder.filesystem, run.folder.path(f"{journals}/{name}")).items():
            spent[key.rpartition(".")[2]] += amount  # type: ignore[assignment]  # a Counter adds floats as well
    return spent
