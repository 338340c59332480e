"""Benchmarks held in a worker's memory: cells ask the same items, and drawing or decoding them takes seconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from mmfinereason.benchmark_files import open_benchmark
from mmfinereason.evaluate import Benchmark, Item, LeftOut
from mmfinereason.recipe.evaluate import BenchmarkSettings

MOST = 256 << 20
"""Bytes of images of one benchmark that are held; a larger one is read anew each time."""


def benchmarks(settings: Sequence[BenchmarkSettings]) -> list[Benchmark]:
    """The benchmarks of a recipe."""
    return [_held(one.model_dump_json()) for one in settings]


@lru_cache(maxsize=32)
def _held(settings: str) -> Benchmark:
    benchmark = open_benchmark(BenchmarkSettings.model_validate_json(settings))
    items: list[Item | LeftOut] = []
    size = 0
    for one in benchmark.read():
        items.append(one)
        size += len(one.image) if isinstance(one, Item) else 0
        if size > MOST:
            return benchmark
    return replace(benchmark, read=lambda: items)
