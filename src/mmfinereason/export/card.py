"""The dataset card: what is in the dataset, where it came from, how it was made, what it is not good for."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import yaml

from mmfinereason.context import Context
from mmfinereason.models.asked import training_prompt
from mmfinereason.recipe import dump_deciding
from mmfinereason.schema import Stage
from mmfinereason.store import Table
from mmfinereason.trace import token_method

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))

Composition = Counter[tuple[str, str, str, str]]


def card(context: Context, rows: dict[str, int], composition: Composition) -> str:
    """README.md with the YAML header the hub reads: one config a subset."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("mmfinereason.export"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    recipe = context.recipe
    return environment.get_template("card.md.j2").render(
        header=yaml.safe_dump(_header(recipe.name, rows, composition), sort_keys=False, allow_unicode=True).strip(),
        name=recipe.name,
        rows=rows,
        sources=_by_source(composition),
        columns=[recipe.export.column(name) for name in ("question", "answer", "image")],
        models=_models(context),
        rejects=_rejects(context),
        screen=recipe.distill.screen,
        tokens=token_method(recipe.distill.tokenizer),
        simulated=any(name.startswith(("simulated", "replay")) for name, _ in _models(context)),
        prompt=training_prompt(recipe.export),
        recipe=dump_deciding(recipe).strip(),
    )


def _header(name: str, rows: dict[str, int], composition: Composition) -> dict[str, Any]:
    licences = sorted({licence for _, _, _, licence in composition})
    largest = max(rows.values(), default=0)
    size = next((label for limit, label in _SIZES if largest < limit), "1M<n<10M")
    return {
        "pretty_name": name,
        "license": licences[0].lower() if len(licences) == 1 else "other",
        "language": ["en"],
        "task_categories": ["visual-question-answering", "image-text-to-text"],
        "tags": ["multimodal", "reasoning", "distillation"],
        "size_categories": [size],
        "configs": [
            {"config_name": subset, "data_files": [{"split": "train", "path": f"{subset}/train-*.parquet"}]}
            for subset in rows
        ],
    }


def _by_source(composition: Composition) -> list[tuple[str, str, str, dict[str, int]]]:
    """Source, domain, licence and rows by subset, the largest source first."""
    found: dict[tuple[str, str, str], dict[str, int]] = {}
    for (subset, source, domain, licence), count in composition.items():
        found.setdefault((source, domain, licence), {})[subset] = count
    ordered = sorted(found.items(), key=lambda item: (-max(item[1].values()), item[0]))
    return [(*key, counts) for key, counts in ordered]


def _models(context: Context) -> list[tuple[str, str]]:
    """Model and prompt of everything a model wrote into the run."""
    wrote: set[tuple[str, str]] = set()
    for stage in (Stage.CAPTION, Stage.DISTILL):
        table = context.table(stage)
        for shard in table.shards():
            pairs = table.read(shard, ("model", "prompt"))
            wrote |= {(row["model"], row["prompt"]) for row in _distinct(pairs) if row["model"]}
    return sorted(wrote)


def _distinct(table: pa.Table) -> list[dict[str, Any]]:
    return list(table.group_by(table.column_names).aggregate([]).to_pylist()) if table.num_rows else []


def _rejects(context: Context) -> list[tuple[str, str, int]]:
    """Stage, reason and rows of everything that left the run."""
    found: Counter[tuple[str, str]] = Counter()
    for table in context.run.tables():
        found.update(_rejects_of(table))
    return [(*key, count) for key, count in sorted(found.items(), key=lambda item: (-item[1], item[0]))]


def _rejects_of(table: Table) -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for shard in table.shards():
        for reason, count in table.stats(shard).rejects.items():
            found[table.stage.command, reason] += count
    return found
