"""`mmfr evaluate`, `mmfr compare` and `mmfr benchmarks`: scores of models on benchmarks, and models side by side."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mmfinereason.cli.options import Overrides, RecipeFile
from mmfinereason.errors import MmfrError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mmfinereason.evaluate import Result

WIDE = 200
"""Columns of a table in a file or a pipe."""

Only = Annotated[list[str] | None, typer.Option("--model", help="Only this model of the recipe. May be repeated.")]
On = Annotated[
    list[str] | None,
    typer.Option("--benchmark", help="This benchmark instead of the recipe's: `MMStar`. May be repeated."),
]


def evaluate(
    recipe: RecipeFile,
    set_: Overrides = None,
    model: Only = None,
    benchmark: On = None,
    train_run: Annotated[
        str | None, typer.Option(help="Warn when a benchmark's items are in the data of this training run.")
    ] = None,
    redo: Annotated[bool, typer.Option(help="Replace results that were made with other settings.")] = False,
    by: Annotated[bool, typer.Option(help="Print accuracy by category, subject and so on.")] = False,
) -> None:
    """Evaluate models.student and the recipe's evaluate.models on benchmarks, and keep every item.

    Results lie in RUN/evaluations/MODEL/BENCHMARK: result.json, items.parquet. The same command goes on after a stop.
    """
    from mmfinereason.api.scores import evaluate_models
    from mmfinereason.cli.progress import progress
    from mmfinereason.recipe import load

    loaded = load(recipe, set_ or [])
    with progress() as shown:
        results = evaluate_models(
            loaded, only=model or (), on=benchmark or (), train_run=train_run, redo=redo, progress=shown
        )
    _print_results(results)
    if by:
        _print_labels(results)
    for sentence in (one for result in results for one in remarks(result)):
        print(sentence, file=sys.stderr)
    if owed := sum(result.owed for result in results):
        raise MmfrError(f"{owed} requests brought no reply", "run the same command again: only these are asked")


def _print_results(results: Sequence[Result]) -> None:
    rows = []
    for one in results:
        beside = [f"{name.replace('_', ' ')} {estimate}" for name, estimate in one.beside.items()]
        cells = [one.model, one.benchmark, "\n".join([str(one.score), *beside]), f"{one.questions:,}"]
        judged = one.judged / one.items
        rest = [f"{one.truncated:.1%}", f"{one.outcomes['undecided']:,}", f"{judged:.1%}", f"{one.tokens.mean:,.0f}"]
        rows.append([*cells, *rest])
    heading = ["model", "benchmark", "accuracy", "questions", "cut off", "undecided", "judged", "tokens"]
    _print_table("accuracy in %, with 95 % interval", heading, rows, left=2)


def _print_labels(results: Sequence[Result]) -> None:
    for one in results:
        for label, values in one.by.items():
            rows = [[value, str(estimate), f"{estimate.n:,}"] for value, estimate in values.items()]
            _print_table(f"{one.model} on {one.benchmark}, by {label}", [label, "accuracy", "questions"], rows)


def _print_table(title: str, heading: Sequence[str], rows: Sequence[Sequence[str]], left: int = 1) -> None:
    """A table on stdout, as wide as it needs to be where nobody's terminal bounds it."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    table = Table(title=title, title_justify="left", header_style="bold", box=box.SIMPLE_HEAD)
    for i, name in enumerate(heading):
        table.add_column(name, justify="left" if i < left else "right")
    for row in rows:
        table.add_row(*row)
    console = Console()
    (console if console.is_terminal else Console(width=WIDE)).print(table)


def remarks(result: Result) -> list[str]:
    """What must be known to read a result, each in a sentence."""
    name = f"{result.model} on {result.benchmark}"
    said = []
    if result.simulated:
        said.append(f"{name}: simulated replies; the number shows that the path works and nothing else")
    if result.outcomes["undecided"]:
        undecided, judge = result.outcomes["undecided"], result.settings["verifier"]["judges"]
        hint = "" if judge else "; a judge under models.judge would decide them"
        said.append(f"{name}: {undecided} undecided replies count as wrong{hint}")
    if result.truncated:
        count, limit = result.outcomes["truncated"], result.settings["model"]["max_tokens"]
        said.append(f"{name}: {count} replies were cut off at {limit} tokens and count as wrong")
    for reason, ids in result.left_out.items():
        said.append(f"{name}: {len(ids)} items left out ({reason}): {', '.join(ids[:5])}{'...' * (len(ids) > 5)}")
    asked = result.items + sum(len(ids) for ids in result.left_out.values())
    if result.expected is not None and asked != result.expected:
        said.append(f"{name}: the file has {asked:,} items, the published one {result.expected:,}")
    if result.overlap and result.overlap.items:
        without = result.overlap.score_without
        rest = f"; without them {without}" if without else ""
        said.append(
            f"{name}: WARNING: {result.overlap.items} items are in the training run {result.overlap.run}{rest}\n"
            + "\n".join(f"  {example}" for example in result.overlap.examples)
        )
    if result.overlap and result.overlap.suspected:
        said.append(
            f"{name}: {result.overlap.suspected} items are suspected: the training run {result.overlap.run} has"
            " pictures like theirs, but no question that shows them to be the same; look at them, since drawings that"
            " differ in little seem alike\n" + "\n".join(f"  {suspicion}" for suspicion in result.overlap.suspicions)
        )
    return said


def benchmarks() -> None:
    """List the benchmarks that are known by name, and whether their files are there."""
    from mmfinereason.evaluate.registry import known, lmu_data

    rows = [
        [
            name,
            one.file,
            "yes" if (lmu_data() / one.file).is_file() else "no",
            f"{one.items:,}" if one.items else "",
            one.rule,
        ]
        for name, one in known().items()
    ]
    _print_table(f"files are looked for in {lmu_data()}", ["name", "file", "there", "items", "rule"], rows, left=3)


def compare(
    results: Annotated[
        list[str],
        typer.Argument(help="Folders RUN/evaluations/MODEL; `NAME=FOLDER` renames. The first is the baseline."),
    ],
    reference: Annotated[
        str, typer.Option(help="Columns of the paper's Table 3: `all`, `none`, or names such as `MFR-8B,OMR-7B`.")
    ] = "all",
    markdown: Annotated[Path | None, typer.Option(help="Also write the tables to this Markdown file.")] = None,
    csv: Annotated[Path | None, typer.Option(help="Also write them to this CSV file.")] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Draw score against training samples (PNG, SVG), where sizes are known.")
    ] = None,
) -> None:
    """Set models side by side: scores, paired differences to the first, and the paper's published columns."""
    from mmfinereason.evaluate import show
    from mmfinereason.evaluate.compare import compare as side_by_side

    comparison = side_by_side(results, reference)
    for title, rows in show.tables(comparison):
        _print_table(title, rows[0], rows[1:])
    for remark in comparison.remarks:
        print(remark, file=sys.stderr)
    for path, text in ((markdown, show.as_markdown), (csv, show.as_csv)):
        if path is not None:
            path.write_text(text(comparison), encoding="utf-8")
            typer.echo(f"wrote {path}")
    if picture is not None:
        from mmfinereason.evaluate.picture import draw

        for sentence in draw(comparison, picture):
            print(sentence, file=sys.stderr)
        typer.echo(f"wrote {picture}")
