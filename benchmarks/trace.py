"""What screening costs: repetition against splitting the text into words, and all screens together.

One run on one machine; only the ratios mean something. Texts are the published traces where they are at hand
(`MMFR_REAL_DATA`), else made ones of the same length.

    python benchmarks/trace.py
"""

from __future__ import annotations

import os
import platform
import random
import timeit
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from mmfinereason.recipe.distill import ScreenSettings, TokenizerSettings
from mmfinereason.trace import count_tokens, parse, repetition, screen

DATA = Path(os.environ.get("MMFR_REAL_DATA", Path(__file__).resolve().parents[1].parent / "shared" / "data"))


def texts() -> tuple[str, list[str]]:
    rows = DATA / "mmfinereason" / "rows.parquet"
    if rows.exists():
        column = "qwen3vl_235b_thinking_response"
        return "published traces", pq.read_table(rows, columns=[column]).column(column).to_pylist()
    random.seed(0)
    vocabulary = [f"word{i}" for i in range(2000)]
    return "made texts", [" ".join(random.choices(vocabulary, k=1500)) for _ in range(132)]


def slow_repetition(text: str, n: int = 50, times: int = 3) -> bool:
    words = text.split()
    runs = Counter(tuple(words[i : i + n]) for i in range(len(words) - n + 1))
    return any(count >= times for count in runs.values())


def beside_split(work: Callable[[str], object], items: list[str]) -> tuple[float, float]:
    """Seconds of the work and of splitting the same texts: the best of several passes, taken in turn."""
    times = [
        (timeit.timeit(lambda: [work(item) for item in items], number=1), timeit.timeit(lambda: split(items), number=1))
        for _ in range(25)
    ]
    return min(work for work, _ in times), min(split for _, split in times)


def split(items: list[str]) -> None:
    for item in items:
        item.split()


def main() -> None:
    name, items = texts()
    settings, tokenizer = ScreenSettings(), TokenizerSettings()
    words = sum(len(text.split()) for text in items)
    rows: list[tuple[str, Callable[[str], object]]] = [
        ("repetition", repetition),
        ("repetition, word by word", slow_repetition),
        ("parse", parse),
        ("all screens with parsing", lambda text: screen(parse(text), settings, finish_reason="stop")),
        ("token estimate", lambda text: count_tokens(text, tokenizer)),
    ]
    print(f"Python {platform.python_version()}, {len(items)} {name}, {words:,} words; x: times splitting into words")
    for label, work in rows:
        took, base = beside_split(work, items)
        print(f"{label:28}{took * 1e9 / words:8.0f} ns a word {took / base:6.2f} x")
    took, base = beside_split(repetition, [f"{text}\n{text}\n{text}" for text in items])
    print(f"{'repetition, all repetitive':28}{took * 1e9 / words / 3:8.0f} ns a word {took / base:6.2f} x")


if __name__ == "__main__":
    main()
