"""Is a benchmark's item in the data a model was trained on? `collect`'s index asked with a training run's rows.

It stands beside `pipeline.py` because it joins two stages. Only rows that a subset of the run holds count, where the
run has got as far as selecting; else all its samples.
"""

from __future__ import annotations

from mmfinereason.collect.contamination import BenchmarkItem, Index, Match, build_index
from mmfinereason.evaluate import Overlaps
from mmfinereason.evaluate.items import Benchmark, Item
from mmfinereason.recipe.clean import ContaminationSettings
from mmfinereason.schema import Stage
from mmfinereason.store import Run

_KEYS = ("id", "question", "image_phash", "image_sha256")
_HOW = {
    "bytes": "the same image file",
    "both": "an image like it and the same question",
    "question": "the same question",
    "image": "an image like it",
}


def overlaps(benchmark: Benchmark, run: Run, settings: ContaminationSettings) -> Overlaps:
    """The items of a benchmark that rows of a run are copies of, or may be, by image or question, with the evidence."""
    items = (
        BenchmarkItem(benchmark.name, item.id, item.judged_as, item.image)
        for item in benchmark.items()
        if isinstance(item, Item)
    )
    index = build_index(items, settings)
    ids, matches = list[str](), list[tuple[int, str, Match]]()
    for shard in run.table(Stage.COLLECT).shards():
        trained = _trained(run, shard)
        for row in run.table(Stage.COLLECT).read(shard, _KEYS).to_pylist():
            match = _match(index, row) if trained is None or row["id"] in trained else None
            if match is not None:
                matches.append((len(ids), row["image_sha256"] or "", match))
                ids.append(row["id"])
    kept = index.without_templates(matches)
    found, suspected = (
        {match.item: f"{ids[place]}, {_HOW[match.by]}" for place, _, match in kept if match.sure == sure}
        for sure in (True, False)
    )
    return Overlaps(run.url, found, {item: how for item, how in suspected.items() if item not in found})


def _match(index: Index, row: dict[str, str | None]) -> Match | None:
    return index.find(row["question"] or "", row["image_phash"] or "0" * 16, row["image_sha256"] or "")


def _trained(run: Run, shard: int) -> set[str] | None:
    """Ids of the rows that a subset holds; None where nothing is selected yet."""
    selection = run.table(Stage.SELECT)
    if not selection.done(shard):
        return None
    return {row["id"] for row in selection.read(shard, ("id", "subsets")).to_pylist() if row["subsets"]}
