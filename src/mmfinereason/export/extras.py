"""What a format needs beside its rows: the dataset card, `dataset_info.json`, image files."""

from __future__ import annotations

from collections import Counter
from typing import Any

import orjson
import pyarrow.parquet as pq

from mmfinereason.context import Context
from mmfinereason.export import formats
from mmfinereason.export.card import card
from mmfinereason.recipe.export import Format
from mmfinereason.store import Folder

Composition = Counter[tuple[str, str, str, str]]


def write(
    context: Context, format: Format, folder: str, rows: dict[str, int], files: list[str], composition: Composition
) -> None:
    """Add to a written export whatever its reader expects to find."""
    store = context.run.folder
    if format == "dataset":
        store.write(f"{folder}/README.md", card(context, rows, composition).encode())
    elif format == "llamafactory":
        if context.recipe.export.llamafactory_layout == "json":
            for subset in rows:
                _explode(store, folder, subset, files)
        entries = {_entry_name(context, subset): _entry(context, subset) for subset in rows}
        info = orjson.dumps(entries, option=orjson.OPT_INDENT_2)
        store.write(f"{folder}/dataset_info.json", info)


def _entry_name(context: Context, subset: str) -> str:
    return f"{context.recipe.name}_{subset}"


def _entry(context: Context, subset: str) -> dict[str, Any]:
    as_json = context.recipe.export.llamafactory_layout == "json"
    return formats.llamafactory_entry(f"{subset}.json" if as_json else subset)


def _explode(store: Folder, folder: str, subset: str, files: list[str]) -> None:
    """Turn a subset's Parquet parts into `{subset}.json` and image files beside it."""
    rows: list[dict[str, Any]] = []
    for path in [file for file in files if file.startswith(f"{folder}/{subset}/")]:
        with store.open(path) as file:
            for batch in pq.ParquetFile(file).iter_batches(batch_size=64):
                rows += [_with_files(store, folder, row) for row in batch.to_pylist()]
        store.remove(path)
        files.remove(path)
    store.write(f"{folder}/{subset}.json", orjson.dumps(rows, option=orjson.OPT_INDENT_2))
    files.append(f"{folder}/{subset}.json")


def _with_files(store: Folder, folder: str, row: dict[str, Any]) -> dict[str, Any]:
    paths = [f"images/{image['path']}" for image in row["images"]]
    for path, image in zip(paths, row["images"], strict=True):
        store.write(f"{folder}/{path}", image["bytes"])
    return row | {"images": paths}
