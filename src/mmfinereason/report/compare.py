"""Two runs beside each other: rows at each step, settings that differ, and what became of every source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from mmfinereason.context import Context
from mmfinereason.recipe import deciding
from mmfinereason.report import page
from mmfinereason.report.facts import Facts, gather_facts
from mmfinereason.report.figures import beside
from mmfinereason.report.figures.beside import Pair
from mmfinereason.report.figures.drawing import drawn
from mmfinereason.report.grid import Column, Grid, Value
from mmfinereason.report.page import Section
from mmfinereason.report.render import render_pair
from mmfinereason.report.sheets import Sheet
from mmfinereason.report.write import FOLDER, keep
from mmfinereason.store import Run

LONGEST_SETTING = 120
"""Characters of one setting's value."""

_UNSAFE = re.compile(r"[^\w.-]")
_LENGTHS = ("count", "mean", "median", "p25", "p75", "p95", "max")


def compare(first: Context | Run, second: Context | Run) -> str:
    """Write a page on two runs into the first one's report folder; returns its URL.

    Raises StoreError when a folder holds no run, RecipeError when a recipe is of another version.
    """
    one, two = (made.run if isinstance(made, Context) else made for made in (first, second))
    pair = paired(one, two)
    figures = [drawn(spec, pair) for spec in beside.FIGURES if spec.wanted(pair)]
    sections = _sections(pair, {figure.name: figure for figure in figures})
    keep(one, figures, page.all_sheets(sections))
    name = f"compare-{_UNSAFE.sub('-', pair.names[1])}.html"
    one.folder.write(f"{FOLDER}/{name}", render_pair(pair, sections).encode())
    return f"{one.url}/{FOLDER}/{name}"


def paired(first: Run, second: Run) -> Pair:
    """Both runs' facts, under names that tell them apart."""
    one, two = gather_facts(first), gather_facts(second)
    names = (one.name, two.name)
    if names[0] == names[1]:
        names = (first.url.rsplit("/", 1)[-1], second.url.rsplit("/", 1)[-1])
    if names[0] == names[1]:
        names = (f"{names[0]} (first)", f"{names[1]} (second)")
    return Pair(one, two, names)


def _sections(pair: Pair, figures: dict[str, Any]) -> list[Section]:
    def has(name: str) -> list[Any]:
        return [figures[name]] if name in figures else []

    settings = _settings(pair)
    return [
        Section("rows", "Rows at each step", sheets=[_steps(pair)]),
        Section("settings", "Settings that differ", "Settings that can change a result.", sheets=[settings],
                missing="" if settings.grid.rows else "No setting that can change a result differs."),
        Section("correctness", "Correctness", figures=has("compare-consistency"),
                sheets=[_by_source(pair, "compare-consistency", "Consistent share by source", beside.shares, ".1%")],
                missing="" if has("compare-consistency") else "Neither run has verdicts."),
        Section("difficulty", "Difficulty", figures=has("compare-pass-rates"),
                sheets=[_by_source(pair, "compare-pass-rates", "Mean pass rate by source", beside.means, ".4f")],
                missing="" if has("compare-pass-rates") else "Neither run has pass rates."),
        Section("lengths", "Lengths", figures=has("compare-lengths"), sheets=[_lengths(pair)],
                missing="" if pair.first.lengths or pair.second.lengths else "Neither run has traces or captions."),
        Section("costs", "Time and cost", sheets=[_costs(pair)]),
    ]  # fmt: skip


def _columns(pair: Pair, form: str, *before: str) -> list[Column]:
    signed = form.replace(",", "+,", 1) if "," in form else f"+{form}"
    return [*map(Column, before), *(Column(name, form) for name in pair.names), Column("difference", signed)]


def _difference(one: Value, two: Value) -> Value:
    return two - one if isinstance(one, int | float) and isinstance(two, int | float) else None


def _beside(pair: Pair, values: Callable[[Facts], dict[tuple[str, ...], Value]]) -> list[Sequence[Value]]:
    """A value under the same key in both runs, and the difference."""
    one, two = values(pair.first), values(pair.second)
    keys = dict.fromkeys([*one, *two])
    return [(*key, one.get(key), two.get(key), _difference(one.get(key), two.get(key))) for key in keys]


def _steps(pair: Pair) -> Sheet:
    rows = _beside(pair, lambda facts: {(step.kind, step.name): step.rows for step in facts.steps})
    return Sheet("compare-rows", Grid("Rows at each step", _columns(pair, ",.0f", "kind", "step"), rows))


def _by_source(pair: Pair, name: str, title: str, values: Callable[[Facts], dict[str, float]], form: str) -> Sheet:
    rows = [(source, one, two, _difference(one, two)) for source, one, two in pair.both(values)]
    return Sheet(name, Grid(title, _columns(pair, form, "source"), rows))


def _lengths(pair: Pair) -> Sheet:
    def values(facts: Facts) -> dict[tuple[str, ...], Value]:
        return {(one.text, name): getattr(one, name) for one in facts.lengths for name in _LENGTHS}

    return Sheet(
        "compare-lengths", Grid("Token lengths", _columns(pair, ",.0f", "text", "of it"), _beside(pair, values))
    )


def _costs(pair: Pair) -> Sheet:
    def values(facts: Facts) -> dict[tuple[str, ...], Value]:
        names = {"seconds": "work seconds", "requests": "requests", "tokens": "tokens", "dollars": "US dollars"}
        return {(one.stage, said): getattr(one, name) for one in facts.costs for name, said in names.items()}

    return Sheet(
        "compare-costs", Grid("Time and cost", _columns(pair, ",.2f", "stage", "of it"), _beside(pair, values))
    )


def _settings(pair: Pair) -> Sheet:
    one, two = (deciding(facts.recipe) | {"name": None} for facts in (pair.first, pair.second))
    columns = [Column("setting"), *map(Column, pair.names)]
    return Sheet("compare-settings", Grid("Settings", columns, list(_differences(one, two))))


def _differences(one: Any, two: Any, path: str = "") -> Iterator[tuple[str, str | None, str | None]]:
    """Settings that differ, by their dotted path; what only one run has is one line."""
    if isinstance(one, dict) and isinstance(two, dict):
        for key in {**one, **two}:
            yield from _differences(one.get(key), two.get(key), f"{path}.{key}" if path else str(key))
    elif isinstance(one, list) and isinstance(two, list) and len(one) == len(two):
        for number, (first, second) in enumerate(zip(one, two, strict=True)):
            yield from _differences(first, second, f"{path}.{number}")
    elif one != two:
        yield path, _written(one), _written(two)


def _written(value: Any) -> str | None:
    """A setting, or the part of a section that says most."""
    if isinstance(value, dict) and value.get("model"):
        value = value["model"]
    if value is None or isinstance(value, str):
        return value
    text = orjson.dumps(value).decode()
    return text if len(text) <= LONGEST_SETTING else f"{text[: LONGEST_SETTING - 1]}…"
