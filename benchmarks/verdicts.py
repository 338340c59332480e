"""Verdicts a second, by kind and overall, on the case table and the published rows; beside math-verify called plainly.

Both see the same pairs in the same run, one after the other, in one process. Readings are cached between passes as they
are in a run (a reference is compared with several rollouts), so the first pass is shown too. The file is not named
`select.py` because Python would then import it in place of its own module of that name.

    python benchmarks/verdicts.py
"""

from __future__ import annotations

import os
import platform
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from mmfinereason.answers import SymbolicWorker, agree, extract_answer
from mmfinereason.answers.table import Case, as_text, read_cases, report

ROOT = Path(__file__).resolve().parents[1]
DATA = Path(os.environ.get("MMFR_REAL_DATA", ROOT.parent / "shared" / "data"))
PASSES = 3


@dataclass(slots=True)
class Timing:
    """Pairs of one kind, and the seconds each tool took for all of them."""

    pairs: int
    first: float
    ours: float
    theirs: float
    to_algebra: int


def table() -> list[Case]:
    return read_cases(ROOT / "tests" / "answers" / "cases")


def real_rows() -> list[Case]:
    path = DATA / "mmfinereason" / "rows.parquet"
    if not path.exists():
        return []
    columns = ["question", "answer", "is_consistent", "qwen3vl_235b_thinking_response"]
    cases = []
    for row in pq.read_table(path, columns=columns).to_pylist():
        found = extract_answer(row["qwen3vl_235b_thinking_response"])
        if row["answer"] and found:
            expected = "equal" if row["is_consistent"] else "different"
            cases.append(Case("published rows", row["answer"], found.text, expected, row["question"]))
    return cases


def by_math_verify(case: Case) -> object:
    """As its documentation shows: parse both sides, then verify."""
    from math_verify import parse, verify

    return verify(parse(case.reference), parse(case.answer))


def seconds(work: Callable[[Case], object], cases: Iterable[Case]) -> float:
    start = time.perf_counter()
    for case in cases:
        work(case)
    return time.perf_counter() - start


def measure(cases: list[Case], worker: SymbolicWorker) -> Timing:
    def ours(case: Case) -> object:
        return agree(case.reference, case.answer, question=case.question, options=case.options, symbolic=worker)

    before = worker.asked
    first = seconds(ours, cases)
    asked = worker.asked - before
    best = min(seconds(ours, cases) for _ in range(PASSES))
    return Timing(len(cases), first, best, min(seconds(by_math_verify, cases) for _ in range(PASSES)), asked)


def verdicts() -> None:
    cases = table() + real_rows()
    worker = SymbolicWorker()
    warm = Case("warm", r"$\int x^2 dx$", r"$\frac{x^3}{3} + \begin{pmatrix} 1 \end{pmatrix}$", "undecided")
    worker.compare(warm.reference, warm.answer)  # start and first parse are paid once a process, by both
    by_math_verify(warm)
    kinds: dict[str, list[Case]] = defaultdict(list)
    for case in cases:
        kinds[case.kind].append(case)
    timings = {kind: measure(found, worker) for kind, found in kinds.items()}
    print_timings(timings)
    print()
    reports = report(
        table(), lambda c: agree(c.reference, c.answer, question=c.question, options=c.options, symbolic=worker)
    )
    print(as_text(reports))
    worker.close()


def print_timings(timings: dict[str, Timing]) -> None:
    total = Timing(*(sum(getattr(t, name) for t in timings.values()) for name in Timing.__slots__))
    heads = f"{'kind':<20}{'pairs':>6}{'first pass/s':>14}{'verdicts/s':>12}{'math-verify/s':>15}"
    print(heads + f"{'ratio':>7}{'to algebra':>12}")
    for kind, t in [*timings.items(), ("all", total)]:
        rates = f"{t.pairs / t.first:>14,.0f}{t.pairs / t.ours:>12,.0f}{t.pairs / t.theirs:>15,.0f}"
        print(f"{kind:<20}{t.pairs:>6}{rates}{t.theirs / t.ours:>7.1f}{t.to_algebra / t.pairs:>12.1%}")
    tame = [t for kind, t in timings.items() if kind not in ("adversarial", "symbolic")]
    print(f"first pass, nothing cached: {total.theirs / total.first:.1f} times math-verify")
    ratio = sum(t.theirs for t in tame) / sum(t.ours for t in tame)
    cold = sum(t.theirs for t in tame) / sum(t.first for t in tame)
    print(f"without the adversarial and symbolic kinds: {ratio:.1f} times, first pass {cold:.1f} times")


def main() -> None:
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, best of {PASSES} passes")
    verdicts()


if __name__ == "__main__":
    main()
