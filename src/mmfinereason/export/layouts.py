"""Which files each format consists of: for which subsets, without which rows, how a row looks and what it must obey."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from mmfinereason.export import conformance, formats
from mmfinereason.export.asking import Ask, asking
from mmfinereason.export.rows import ExportRow
from mmfinereason.export.tokens import row_tokens
from mmfinereason.recipe import Recipe
from mmfinereason.recipe.export import Format

LeaveOut = Callable[[ExportRow], str | None]
"""Why a row may not go into a format, or None when it may."""


@dataclass(frozen=True)
class Layout:
    """One kind of file."""

    format: Format
    stem: str
    """Path below the format's folder with `{subset}` in it; parts add `-00000.parquet`."""
    rl: bool
    """Made from the RL subsets, or from all others; the dataset export takes both."""
    schema: pa.Schema
    make: Callable[[ExportRow, int], dict[str, Any]]
    """From a row and its position in the file's subset to the row as the trainer reads it."""
    leave_out: LeaveOut
    check: conformance.Check
    name_of: Callable[[conformance.Row], str]
    """The id a violation is reported with."""


def layouts(recipe: Recipe) -> list[Layout]:
    """The layouts of the formats a recipe asks for."""
    ask = asking(recipe.export)
    every = [
        _dataset(recipe),
        _llamafactory(recipe, ask.sft),
        _verl(recipe, ask.rl),
        _trl_sft(recipe, ask.sft),
        _trl_rl(recipe, ask.rl),
    ]
    return [layout for layout in every if layout.format in recipe.export.formats]


def _dataset(recipe: Recipe) -> Layout:
    settings = recipe.export
    return Layout(
        format="dataset",
        stem="{subset}/train",
        rl=False,
        schema=formats.dataset_schema(settings),
        make=lambda row, index: formats.dataset_row(row, settings),
        leave_out=lambda row: None,
        check=conformance.dataset_checks(settings),
        name_of=lambda row: f"{row[settings.column('source')]}/{row[settings.column('id')]}",
    )


def _llamafactory(recipe: Recipe, ask: Ask) -> Layout:
    return Layout(
        format="llamafactory",
        stem="{subset}/part",
        rl=False,
        schema=formats.LLAMAFACTORY,
        make=lambda row, index: formats.llamafactory_row(row, ask(row), recipe.export),
        leave_out=_sft_rule(recipe, ask),
        check=conformance.llamafactory_checks(recipe.export, recipe.distill.tokenizer),
        name_of=lambda row: str(row["id"]),
    )


def _verl(recipe: Recipe, ask: Ask) -> Layout:
    return Layout(
        format="verl",
        stem="{subset}/train",
        rl=True,
        schema=formats.VERL,
        make=lambda row, index: formats.verl_row(row, ask(row), index),
        leave_out=_rl_rule(recipe, ask),
        check=conformance.verl_checks(recipe.export, recipe.distill.tokenizer),
        name_of=lambda row: str(row["extra_info"]["id"]),
    )


def _trl_sft(recipe: Recipe, ask: Ask) -> Layout:
    return Layout(
        format="trl",
        stem="sft/{subset}/train",
        rl=False,
        schema=formats.TRL_SFT,
        make=lambda row, index: formats.trl_sft_row(row, ask(row), recipe.export),
        leave_out=_sft_rule(recipe, ask),
        check=conformance.trl_sft_checks(recipe.export, recipe.distill.tokenizer),
        name_of=lambda row: str(row["id"]),
    )


def _trl_rl(recipe: Recipe, ask: Ask) -> Layout:
    return Layout(
        format="trl",
        stem="rl/{subset}/train",
        rl=True,
        schema=formats.TRL_RL,
        make=lambda row, index: formats.trl_rl_row(row, ask(row)),
        leave_out=_rl_rule(recipe, ask),
        check=conformance.trl_rl_checks(recipe.export, recipe.distill.tokenizer),
        name_of=lambda row: str(row["id"]),
    )


def _sft_rule(recipe: Recipe, ask: Ask) -> LeaveOut:
    """A row needs a solution and must fit into the student's context."""
    settings = recipe.export

    def leave_out(row: ExportRow) -> str | None:
        if not row.answer_text.strip():
            return "it has no trace"
        target = formats.target(row, settings.variant)
        tokens = row_tokens(ask(row), target, row.width, row.height, settings.tokens, recipe.distill.tokenizer)
        return f"{tokens} tokens, cut-off {settings.tokens.cutoff}" if tokens > settings.tokens.cutoff else None

    return leave_out


def _rl_rule(recipe: Recipe, ask: Ask) -> LeaveOut:
    """A reward needs a reference, and a rollout needs room after its prompt."""
    settings = recipe.export

    def leave_out(row: ExportRow) -> str | None:
        if not row.fixed_answer or not row.answer:
            return "it has no reference answer to reward"
        tokens = row_tokens(ask(row), "", row.width, row.height, settings.tokens, recipe.distill.tokenizer)
        return (
            f"{tokens} tokens in the prompt, limit {settings.tokens.prompt}"
            if tokens > settings.tokens.prompt
            else None
        )

    return leave_out
