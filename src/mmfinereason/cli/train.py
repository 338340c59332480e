"""`mmfr train`: models from a run's exports, by LLaMA-Factory, veRL, or TRL on this machine."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from mmfinereason.cli.options import Overrides, RecipeFile
from mmfinereason.errors import TrainError

if TYPE_CHECKING:
    from mmfinereason.context import Context
    from mmfinereason.recipe import Recipe
    from mmfinereason.train.launch import Prepared
    from mmfinereason.train.local import TrainResult


class SftBackend(StrEnum):
    """Who fine-tunes."""

    llamafactory = "llamafactory"
    trl = "trl"


class RlBackend(StrEnum):
    """Who runs reinforcement learning."""

    verl = "verl"
    trl = "trl"


DryRun = Annotated[bool, typer.Option("--dry-run", help="Write and check the files; start nothing.")]


def sft(
    recipe: RecipeFile,
    backend: Annotated[SftBackend, typer.Option(help="Who trains.")] = SftBackend.llamafactory,
    set_: Overrides = None,
    dry_run: DryRun = False,
) -> None:
    """Fine-tune on the traces of an exported subset (section `train.sft`)."""
    from mmfinereason.recipe import load

    loaded = load(recipe, set_ or [])
    if backend is SftBackend.trl:
        from mmfinereason.train.local import sft as local_sft

        _local(loaded, local_sft, dry_run)
    else:
        from mmfinereason.train.launch import prepare_sft

        _framework(loaded, prepare_sft(loaded), dry_run)


def rl(
    recipe: RecipeFile,
    backend: Annotated[RlBackend, typer.Option(help="Who trains.")] = RlBackend.verl,
    set_: Overrides = None,
    dry_run: DryRun = False,
) -> None:
    """Train with GSPO on rows that have a reference answer (section `train.rl`)."""
    from mmfinereason.recipe import load

    loaded = load(recipe, set_ or [])
    if backend is RlBackend.trl:
        from mmfinereason.train.local import grpo

        _local(loaded, grpo, dry_run)
    else:
        from mmfinereason.train.launch import prepare_rl

        _framework(loaded, prepare_rl(loaded), dry_run)


def _framework(recipe: Recipe, prepared: Prepared, dry_run: bool) -> None:
    from mmfinereason.train.launch import start

    framework, data = prepared.framework, prepared.data
    known = "installed" if framework.installed else "not installed here: checked against the recorded version"
    typer.echo(f"rows       {data.rows:,} of subset {data.subset}")
    typer.echo(f"framework  {framework.name} {framework.version}, {known}")
    typer.echo(f"files      {prepared.folder}")
    if dry_run:
        typer.echo(f"start      bash {prepared.folder}/launch.sh")
    else:
        start(prepared, recipe.train.python)
        typer.echo(f"model      {prepared.folder}/output")


def _local(recipe: Recipe, train: Callable[[Context], TrainResult], dry_run: bool) -> None:
    from mmfinereason.cli.progress import progress
    from mmfinereason.context import Context
    from mmfinereason.store import Run

    if dry_run:
        raise TrainError("the local trainer writes no files to look at", "leave out --dry-run")
    with progress() as shown:
        result = train(Context(Run.open(recipe.run_url), recipe, shown))
    typer.echo(f"rows       {result.rows:,}, {len(result.left_out):,} left out")
    typer.echo(f"steps      {result.steps:,} in {result.seconds:,.0f} s")
    for name, value in result.figures.items():
        typer.echo(f"{name:<17}  {value:.4g}")
    typer.echo(f"model      {result.model}")
