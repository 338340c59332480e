"""Write the exports of a run, read each back, and call it done only when every row obeys its trainer's rules."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
import pyarrow.parquet as pq

from mmfinereason.context import Context
from mmfinereason.errors import ExportError, StoreError
from mmfinereason.export import extras
from mmfinereason.export.layouts import Layout, layouts
from mmfinereason.export.licences import is_permissive
from mmfinereason.export.parts import Parts
from mmfinereason.export.rows import ExportRow, export_rows
from mmfinereason.models.asked import made_with
from mmfinereason.recipe.export import Format
from mmfinereason.schema import Stage
from mmfinereason.store import Folder

SHOWN = 5
"""Violations named in an error; all of them are in `violations.csv`."""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A selected row that a format cannot take."""

    id: str
    subset: str
    why: str


@dataclass
class Export:
    """What one format holds."""

    format: Format
    folder: str
    """Below the run folder."""
    rows: dict[str, int] = field(default_factory=dict)
    """By subset."""
    files: list[str] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


@dataclass
class Composition:
    """Who is in each subset, for the dataset card: counts by (subset, source, domain, licence)."""

    rows: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)

    def add(self, row: ExportRow, subset: str) -> None:
        self.rows[subset, row.source, row.domain, row.licence or "unknown"] += 1


def export(context: Context) -> dict[Format, Export]:
    """Write all formats of the recipe, replacing older ones.

    Raises StoreError before selection is finished or when a table lacks a file, ExportError when a row breaks a rule.
    """
    books = {table.stage: table.manifest() for table in context.run.tables()}  # raises where a file is gone
    if books.get(Stage.SELECT) is None:
        raise StoreError("there is nothing to export: the selection is not finished", "mmfr run RECIPE")
    wanted = layouts(context.recipe)
    exports: dict[Format, Export] = {}
    for layout in wanted:
        exports.setdefault(layout.format, Export(layout.format, f"exports/{layout.format}"))
    for one in exports.values():
        context.run.folder.remove(one.folder)
    composition = _write(context, wanted, exports)
    for one in exports.values():
        _finish(context, one, [layout for layout in wanted if layout.format == one.format], composition)
    return exports


def _write(context: Context, wanted: list[Layout], exports: dict[Format, Export]) -> Composition:
    composition = Composition()
    parts: dict[tuple[int, str], Parts] = {}
    settings = context.recipe.export
    for row in export_rows(context):
        if settings.licence == "permissive" and not is_permissive(row.licence):
            _leave_out(exports.values(), row, f"its licence is {row.licence or 'unknown'}")
            continue
        for subset in row.subsets:
            if settings.subsets and subset not in settings.subsets:
                continue
            composition.add(row, subset)
            for number, layout in enumerate(wanted):
                if not _takes(layout, subset, settings.rl_subsets):
                    continue
                key = (number, subset)
                if key not in parts:
                    stem = f"{exports[layout.format].folder}/{layout.stem.format(subset=subset)}"
                    parts[key] = Parts(context.run.folder, stem, layout.schema, settings.part_bytes)
                why = layout.leave_out(row)
                if why is None:
                    parts[key].add(layout.make(row, parts[key].rows), _size(row))
                else:
                    exports[layout.format].left_out.append(LeftOut(row.id, subset, why))
    for (number, subset), one in parts.items():
        target = exports[wanted[number].format]
        target.files += one.close()
        target.rows[subset] = one.rows
    return composition


def _takes(layout: Layout, subset: str, rl_subsets: list[str]) -> bool:
    return layout.format == "dataset" or layout.rl == (subset in rl_subsets)


def _size(row: ExportRow) -> int:
    return len(row.image) + len(row.question) + len(row.reasoning) + len(row.answer_text)


def _leave_out(exports: Iterable[Export], row: ExportRow, why: str) -> None:
    for one in exports:
        one.left_out.append(LeftOut(row.id, "", why))


def _finish(context: Context, one: Export, made: list[Layout], composition: Composition) -> None:
    folder = context.run.folder
    violations = [
        (path, name, why)
        for layout in made
        for path in one.files
        if _is_of(layout, one, path)
        for name, why in _violations(folder, path, layout)
    ]
    if violations:
        folder.write(f"{one.folder}/violations.csv", _csv(("file", "row", "violation"), violations))
        shown = "\n".join(f"  {name}: {why}" for _, name, why in violations[:SHOWN])
        raise ExportError(
            f"the {one.format} export breaks its trainer's rules in {len(violations)} places:\n{shown}",
            f"see {folder.url}/{one.folder}/violations.csv",
        )
    if one.left_out:
        rows = [(left.id, left.subset, left.why) for left in one.left_out]
        folder.write(f"{one.folder}/left_out.csv", _csv(("id", "subset", "why"), rows))
    extras.write(context, one.format, one.folder, one.rows, one.files, composition.rows)
    checked = "every row checked, no violation"
    manifest = asdict(one) | {
        "left_out": len(one.left_out),
        "conformance": checked,
        "made_with": made_with(context.recipe.export),
    }
    folder.write(f"{one.folder}/export.json", orjson.dumps(manifest, option=orjson.OPT_INDENT_2))


def _is_of(layout: Layout, one: Export, path: str) -> bool:
    """Whether a file was made by this layout: formats with two layouts keep them in folders of their own."""
    first = layout.stem.split("/", 1)[0]
    return first == "{subset}" or path.startswith(f"{one.folder}/{first}/")


def _violations(folder: Folder, path: str, layout: Layout) -> Iterable[tuple[str, str]]:
    with folder.open(path) as file:
        for batch in pq.ParquetFile(file).iter_batches(batch_size=64):
            for row in batch.to_pylist():
                for why in layout.check(row):
                    yield layout.name_of(row), why


def _csv(header: tuple[str, ...], rows: Iterable[tuple[Any, ...]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue().encode()
