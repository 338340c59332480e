"""Reads tables of decided cases and reports, kind by kind, how the rules fare on them.

One JSON Lines file a kind; a line holds `reference`, `answer`, `expected` (an outcome) and, if needed, `question` and
`options`. `expected: undecided` marks pairs that are open in truth: any verdict on them is a mistake.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mmfinereason.answers.verdict import Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Case:
    """One pair and what it should come to; `kind` is the name of its file."""

    kind: str
    reference: str
    answer: str
    expected: Outcome
    question: str = ""
    options: tuple[str, ...] = ()


@dataclass(slots=True)
class KindReport:
    """Counts for one kind: cases, those with a true answer, those of them decided, and the mistakes."""

    kind: str
    cases: int = 0
    decidable: int = 0
    decided: int = 0
    false_equal: list[Case] = field(default_factory=list)
    false_different: list[Case] = field(default_factory=list)
    open: list[Case] = field(default_factory=list)

    def count(self, case: Case, outcome: Outcome) -> None:
        """Add one verdict."""
        self.cases += 1
        if case.expected != "undecided":
            self.decidable += 1
            self.decided += outcome != "undecided"
        if outcome == case.expected:
            return
        {"equal": self.false_equal, "different": self.false_different, "undecided": self.open}[outcome].append(case)


def read_cases(folder: Path) -> list[Case]:
    """All cases of `folder/*.jsonl`, in the order of file names and lines."""
    cases = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            options = tuple(row.pop("options", ()))
            cases.append(Case(kind=path.stem, options=options, **row))
    return cases


def report(cases: Iterable[Case], decide: Callable[[Case], Verdict]) -> dict[str, KindReport]:
    """The report of each kind, and `all` for the sum."""
    reports: dict[str, KindReport] = {"all": KindReport("all")}
    for case in cases:
        outcome = decide(case).outcome
        for kind in (case.kind, "all"):
            reports.setdefault(kind, KindReport(kind)).count(case, outcome)
    return reports


def as_text(reports: dict[str, KindReport]) -> str:
    """The report as aligned columns, one kind a line."""
    lines = [f"{'kind':<20}{'cases':>7}{'decided':>9}{'false equal':>13}{'false different':>17}"]
    for name, found in sorted(reports.items(), key=lambda item: (item[0] == "all", item[0])):
        share = f"{found.decided / found.decidable:.1%}" if found.decidable else "-"
        mistakes = f"{len(found.false_equal):>13}{len(found.false_different):>17}"
        lines.append(f"{name:<20}{found.cases:>7}{share:>9}{mistakes}")
    return "\n".join(lines)
