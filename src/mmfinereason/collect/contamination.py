"""Rows that are a benchmark's item in disguise: the same image, or the same question, as evidence with the pair.

Text is compared by the share of the *benchmark question's* n-grams that stand in the row's question, so that an item
quoted within a longer text is found too. Generic texts prove nothing: a question too short for `min_ngrams`, and
n-grams that a benchmark uses in many items, are left out, and only the image decides. The same goes for what many rows
with different images share with one item: puzzles drawn from one template look and read alike, and are no copies.

A picture that is merely alike is sure evidence only beside the same question, where no other item of the benchmark asks
that: clock faces differ in little but their hands. Alone it is a suspicion, and the evidence says so.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mmfinereason.collect.duplicates import Drop
from mmfinereason.collect.text.marker import without_marker
from mmfinereason.images import Picture, hamming, normalize
from mmfinereason.recipe.clean import ContaminationSettings, ImageSettings
from mmfinereason.schema import Reason

_WORDS = re.compile(
    r"[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3]|[^\W_\u3041-\u30ff\u3400-\u9fff\uac00-\ud7a3]+"
)
_FLAT = "0" * 16
_SHOWN = 160

_Found = tuple[str, int, float]
"""How an item was found, its place among the items, and the score."""


@dataclass(frozen=True, slots=True)
class BenchmarkItem:
    """One test item; `image` is the encoded file, None where the item has none."""

    benchmark: str
    id: str
    question: str
    image: bytes | None


@dataclass(frozen=True, slots=True)
class Match:
    """The evidence: which item, and how alike.

    `by` is `bytes` (the very same image file), `both` (an image like it and the same question; `score`: bits of the
    perceptual hash that differ), `question` (`score`: share of the item's n-grams) or `image` (an image like it alone).
    """

    benchmark: str
    item: str
    by: str
    score: float
    text: str

    @property
    def sure(self) -> bool:
        """False for a suspicion."""
        return self.by != "image"

    def item_alone(self) -> Match:
        """The match whatever its score: equal for all rows that match one item in one way."""
        return replace(self, score=0)

    def __str__(self) -> str:
        bits = f"{self.score:.0f} of 64 bits differ"
        told = {
            "bytes": "by bytes (the same file)",
            "both": f"by image ({bits}) and question",
            "question": f"by question ({self.score:.0%} of its n-grams)",
            "image": f"suspected by image alone ({bits})",
        }
        return f"{self.benchmark} item {self.item}, {told[self.by]}: {self.text!r}"


class Index:
    """All items of all benchmarks, ready to be asked."""

    def __init__(self, items: Iterable[BenchmarkItem], settings: ContaminationSettings) -> None:
        self._settings = settings
        self._items: list[tuple[str, str, str]] = []
        self._images = _Images(settings.image_distance)
        self._asked: list[str] = []
        self._askers: Counter[tuple[str, str]] = Counter()
        grams = []
        for item in items:
            grams.append(_ngrams(item.question, settings.ngram))
            if item.image is not None:
                self._images.add(len(self._items), item.image)
            self._items.append((item.benchmark, item.id, without_marker(item.question)[:_SHOWN]))
            self._asked.append(_spoken(item.question))
            self._askers[item.benchmark, self._asked[-1]] += 1
        self._texts = _Texts(grams, [benchmark for benchmark, _, _ in self._items], settings)

    def find(self, question: str, phash: str, sha256: str) -> Match | None:
        """The item this row is a copy of, if any; sure evidence comes before a suspicion."""
        found = self._found(question, phash, sha256)
        if found is None:
            return None
        by, place, score = found
        benchmark, item, text = self._items[place]
        return Match(benchmark, item, by, score, text)

    def _found(self, question: str, phash: str, sha256: str) -> _Found | None:
        exact = self._images.exact(sha256)
        if exact is not None:
            return "bytes", exact, 0.0
        near = self._images.near(phash)
        asked = _spoken(question)
        for distance, item in near:
            if self._alone_asks(item, asked):
                return "both", item, float(distance)
        if (found := self._texts.find(question)) is not None:
            return found
        return ("image", near[0][1], float(near[0][0])) if near else None

    def _alone_asks(self, item: int, asked: str) -> bool:
        """Whether these are the words of the item's question, and of no other's in its benchmark."""
        return bool(asked) and self._asked[item] == asked and self._askers[self._items[item][0], asked] == 1

    def without_templates(self, matches: list[tuple[int, str, Match]]) -> list[tuple[int, str, Match]]:
        """The matches (row, SHA-256 of its image, match) less those that show one template in many images."""
        images: dict[Match, set[str]] = {}
        for _, sha256, match in matches:
            images.setdefault(match.item_alone(), set()).add(sha256)
        most = self._settings.template_items
        return [one for one in matches if one[2].by == "bytes" or len(images[one[2].item_alone()]) <= most]


def build_index(items: Iterable[BenchmarkItem], settings: ContaminationSettings) -> Index:
    """Read the benchmark items once; an image that cannot be read leaves its item to be found by its question."""
    return Index(items, settings)


def find_contamination(keys: pa.Table | Iterable[pa.RecordBatch], index: Index) -> list[Drop]:
    """Rows to drop, by position; `keys` as for `find_duplicates`. Each detail carries the pair as evidence."""
    matches: list[tuple[int, str, Match]] = []
    row = 0
    for batch in keys.to_batches() if isinstance(keys, pa.Table) else keys:
        columns = (batch[name].to_pylist() for name in ("question", "image_phash", "image_sha256"))
        for question, phash, sha256 in zip(*columns, strict=True):
            match = index.find(question or "", phash or _FLAT, sha256 or "")
            if match is not None:
                matches.append((row, sha256 or "", match))
            row += 1
    return [Drop(row, Reason.CONTAMINATED, str(match)) for row, _, match in index.without_templates(matches)]


class _Images:
    """Perceptual hashes in slices: two that differ in at most d bits agree in one of d + 1 slices."""

    def __init__(self, distance: int) -> None:
        self._distance = distance
        self._hashes: dict[int, str] = {}
        self._exact: dict[str, int] = {}
        self._slices: list[dict[int, list[int]]] = [{} for _ in range(distance + 1)]

    def add(self, item: int, data: bytes) -> None:
        picture = normalize(data, ImageSettings())
        if not isinstance(picture, Picture):
            return
        self._exact.setdefault(picture.sha256, item)
        if picture.phash != _FLAT:  # pictures of one colour all look alike
            self._hashes[item] = picture.phash
            for table, value in zip(self._slices, self._slice(picture.phash), strict=True):
                table.setdefault(value, []).append(item)

    def exact(self, sha256: str) -> int | None:
        """The first item with this very file."""
        return self._exact.get(sha256)

    def near(self, phash: str) -> list[tuple[int, int]]:
        """Bits that differ and item, nearest first."""
        if phash == _FLAT:
            return []
        near = {
            item for table, value in zip(self._slices, self._slice(phash), strict=True) for item in table.get(value, ())
        }
        distances = sorted((hamming(phash, self._hashes[item]), item) for item in near)
        return [one for one in distances if one[0] <= self._distance]

    def _slice(self, phash: str) -> list[int]:
        bits, count = int(phash, 16), len(self._slices)
        edges = [64 * i // count for i in range(count + 1)]
        return [(bits >> low) & ((1 << (high - low)) - 1) for low, high in pairwise(edges)]


class _Texts:
    """Which items each n-gram stands in, as sorted arrays."""

    def __init__(self, grams: list[NDArray[np.uint64]], benchmarks: list[str], settings: ContaminationSettings) -> None:
        self._settings = settings
        names = {name: i for i, name in enumerate(dict.fromkeys(benchmarks))}
        owner = np.repeat(np.arange(len(grams)), [len(one) for one in grams])
        flat = np.concatenate(grams) if grams else np.empty(0, dtype=np.uint64)
        home = np.array([names[benchmark] for benchmark in benchmarks], dtype=np.int64)[owner]
        evidence = _count_within(flat, home) <= settings.template_items
        order = np.argsort(flat[evidence], kind="stable")
        self._grams, self._owner = flat[evidence][order], owner[evidence][order]
        self._sizes = np.bincount(self._owner, minlength=len(grams))

    def find(self, question: str) -> _Found | None:
        asked = _ngrams(question, self._settings.ngram)
        low, high = np.searchsorted(self._grams, asked, "left"), np.searchsorted(self._grams, asked, "right")
        hits = [self._owner[start:end] for start, end in zip(low, high, strict=True) if start < end]
        if not hits:
            return None
        items, found = np.unique(np.concatenate(hits), return_counts=True)
        shares = np.where(self._sizes[items] >= self._settings.min_ngrams, found / self._sizes[items], 0.0)
        best = int(shares.argmax())
        share = float(shares[best])
        return ("question", int(items[best]), share) if share >= self._settings.question_overlap else None


def _count_within(grams: NDArray[np.uint64], home: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each entry, in how many items of its own benchmark the n-gram stands."""
    order = np.lexsort((home, grams))
    starts = np.ones(len(order), dtype=bool)
    starts[1:] = (grams[order][1:] != grams[order][:-1]) | (home[order][1:] != home[order][:-1])
    group = np.cumsum(starts) - 1
    counts = np.empty(len(order), dtype=np.int64)
    counts[order] = np.bincount(group)[group] if len(order) else 0
    return counts


def _words(question: str) -> list[str]:
    return _WORDS.findall(without_marker(question).casefold())


def _spoken(question: str) -> str:
    """A question's words, whatever stands between them."""
    return " ".join(_words(question))


def _ngrams(question: str, n: int) -> NDArray[np.uint64]:
    """The distinct n-grams of words, hashed to 64 bits; none where there are fewer words."""
    words = _words(question)
    codes = np.array([zlib.crc32(word.encode("utf-8", "surrogatepass")) for word in words], dtype=np.uint64)
    if len(codes) < n:
        return np.empty(0, dtype=np.uint64)
    hashed = np.zeros(len(codes) - n + 1, dtype=np.uint64)
    for i in range(n):
        hashed = hashed * np.uint64(0x9E3779B97F4A7C15) + codes[i : i + len(hashed)]
    return np.unique(hashed)
