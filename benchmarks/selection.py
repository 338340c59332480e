"""Select over a synthetic run of two million rows: time and peak memory.

`python benchmarks/selection.py [--rows 2000000] [--shard-rows 1000] [--folder DIR]`. Tables hold no images; the sizes
and shares of sources are those of the paper's Table 7, text columns are about as long as real ones.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from mmfinereason.context import Context
from mmfinereason.recipe import Recipe
from mmfinereason.recipe.select import PRESETS, SelectSettings, SubsetSettings
from mmfinereason.recipe.sources import SourceSettings
from mmfinereason.schema import TABLES, Stage
from mmfinereason.store import Plan, Run

SOURCES = {"MMR1": 0.65, "visualwebinstruct": 0.12, "GameQA-140K": 0.06, "BMMR": 0.05, "LLaVA-CoT": 0.04, "other": 0.08}
STAGES = (Stage.COLLECT, Stage.DISTILL, Stage.VERIFY, Stage.PROBE)
SUBSETS = [
    *(PRESETS[name] for name in ("full", "1.8M", "586K", "123K", "rl", "sft")),
    SubsetSettings(name="spread", rule="is_consistent AND tokens < 8000", draw="stratified", by="source", size=100_000),
    SubsetSettings(name="even", rule="is_consistent AND pass_rate < 1", draw="balanced", by="domain", size=100_000),
    SubsetSettings(name="billion", rule="is_consistent", draw="token_budget", tokens=1_000_000_000),
]


def recipe(folder: str) -> Recipe:
    source = SourceSettings(name="puzzles", use="puzzles")
    return Recipe(name="two-million", run=folder, sources=[source], select=SelectSettings(subsets=SUBSETS))


def make(folder: str, rows: int, shard_rows: int) -> None:
    """Write the tables that select reads."""
    run = Run(folder)
    run.save_recipe("name: two-million\n")
    for shard, start in enumerate(range(0, rows, shard_rows)):
        tables = _shard(start, min(shard_rows, rows - start))
        for stage in STAGES:
            run.table(stage).write(shard, tables[stage])
    upstream: dict[str, str] = {}
    for stage in STAGES:
        plan = Plan(stage.command, {}, dict(upstream))
        run.table(stage).begin(plan, "")
        run.table(stage).finish(plan)


def _shard(start: int, rows: int) -> dict[Stage, pa.Table]:
    rng = np.random.default_rng(start)
    names = rng.choice(list(SOURCES), rows, p=list(SOURCES.values()))
    ids = [f"{name}/{start + index:09d}" for index, name in enumerate(names)]
    consistent = rng.random(rows) < 0.79
    correct = np.where(rng.random(rows) < 0.6, 4, rng.integers(0, 4, rows)).astype(np.int32)
    text = "A question about the picture, as long as they usually are, with a few numbers such as 12 and 34. " * 2
    return {
        Stage.COLLECT: _table(
            Stage.COLLECT,
            id=ids,
            source=names.tolist(),
            domain=rng.choice(["Mathematics", "Science", "Puzzle/Game", "General/OCR"], rows).tolist(),
            question=[f"{text}{index}" for index in range(rows)],
            answer=[str(index) for index in range(rows)],
        ),
        Stage.DISTILL: _table(
            Stage.DISTILL,
            id=ids,
            candidate=np.zeros(rows, np.int32),
            attempt=np.zeros(rows, np.int32),
            last=np.ones(rows, np.bool_),
            status=["ok"] * rows,
            tokens=rng.integers(300, 9000, rows),
            words=rng.integers(200, 6000, rows).astype(np.int32),
        ),
        Stage.VERIFY: _table(
            Stage.VERIFY,
            id=ids,
            candidate=np.zeros(rows, np.int32),
            chosen=np.ones(rows, np.bool_),
            outcome=np.where(consistent, "equal", "different").tolist(),
            method=["number"] * rows,
            detail=[f"{index} against {index + 1}" for index in range(rows)],
            is_consistent=consistent,
        ),
        Stage.PROBE: _table(
            Stage.PROBE,
            id=ids,
            pass_rate=correct / 4,
            correct=correct,
            wrong=(4 - correct).astype(np.int32),
            reference_suspect=rng.random(rows) < 0.01,
            suspect_evidence=["teacher and 4 rollouts say 12, the reference says 13"] * rows,
        ),
    }


def _table(stage: Stage, **columns: object) -> pa.Table:
    schema = TABLES[stage]
    rows = len(columns["id"])  # type: ignore[arg-type]
    arrays = [
        pa.array(columns[field.name], field.type) if field.name in columns else pa.nulls(rows, field.type)
        for field in schema
    ]
    return pa.table(arrays, schema=schema)


def measure(folder: str) -> None:
    """Run select in this process and print its books."""
    from mmfinereason.select.subsets import select

    context = Context(Run(folder), recipe(folder))
    context.table(Stage.SELECT).clear()
    started = time.perf_counter()
    manifest = select(context)
    seconds = time.perf_counter() - started
    assert manifest is not None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{manifest.rows:,} rows in {manifest.shards:,} shards selected in {seconds:.1f} s, peak {peak:.2f} GiB")
    for name, count in sorted(manifest.figures.items()):
        print(f"  {name:24} {count:>10,.0f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--shard-rows", type=int, default=1000)
    parser.add_argument("--folder", help="keep the synthetic run here and use it again")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.folder)
        return
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.folder or scratch
        if not (Path(folder) / "recipe.yaml").exists():
            started = time.perf_counter()
            make(folder, options.rows, options.shard_rows)
            print(f"synthetic run written in {time.perf_counter() - started:.0f} s")
        command = [sys.executable, __file__, "--measure", "--folder", folder]
        subprocess.run(command, check=True)  # a process of its own, so that the peak is select's alone


if __name__ == "__main__":
    main()
