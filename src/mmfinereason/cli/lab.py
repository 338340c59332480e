"""`mmfr lab`: tiny models that are taught on this machine, and the paper re-enacted by them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class SizeName(StrEnum):
    """How large a re-enactment is."""

    small = "small"
    default = "default"
    large = "large"


def train_teacher(
    folder: Annotated[Path, typer.Argument(help="Where the models go.")] = Path("models"),
    seed: Annotated[int, typer.Option(help="The same seed gives the same models on one machine.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
    short: Annotated[bool, typer.Option("--short", help="Some seconds only: models that hardly learn.")] = False,
) -> None:
    """Teach the tiny vision-language models of the small world from scratch (extra `train`).

    Those that `mmfr lab paper` uses come with the package and were made by this command.
    """
    from mmfinereason.cli.progress import progress
    from mmfinereason.lab.tiny.curriculum import SHIPPED, SHORT, train

    with progress() as shown:
        made = train(folder, SHORT if short else SHIPPED, seed=seed, threads=threads, progress=shown)
    for name, path in made.items():
        typer.echo(f"{name:<13} {path}")


def paper(
    size: Annotated[
        SizeName, typer.Option(help="small: minutes; default: half an hour on two cores; large: a GPU.")
    ] = SizeName.default,
    out: Annotated[Path, typer.Option(help="Run folder.")] = Path("runs/lab-paper"),
    models: Annotated[
        Path | None, typer.Option(help="Folder of `mmfr lab train-teacher`, instead of the models of the package.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Trainings at a time, one CPU thread each.")] = 2,
    seed: Annotated[int, typer.Option(help="Seed of everything that is drawn.")] = 0,
) -> None:
    """Re-enact the paper with tiny real models on this machine, and say which of its findings held (extra `train`).

    Collect, caption, distil, verify, probe, select, train students on each subset, GSPO, evaluate, and one page of
    findings. The same command goes on after a stop.
    """
    from mmfinereason.cli.progress import progress
    from mmfinereason.lab.paper.run import reenact

    with progress() as shown:
        made = reenact(out, size.value, models=models, workers=workers, seed=seed, progress=shown)
    for finding in made.findings:
        typer.echo(f"{finding.outcome:<13} {' '.join([finding.claim, finding.remark]).rstrip()}")
    typer.echo(f"page          {made.page}")
