"""`mmfr serve`: a model server on this machine that plays every role of a run."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

REAL = "With a real model"


class Engine(StrEnum):
    """What runs a checkpoint."""

    auto = "auto"
    numpy = "numpy"
    transformers = "transformers"


def serve(
    known: Annotated[
        list[str] | None, typer.Argument(help="Parquet files or folders, such as runs/NAME/samples, with known rows.")
    ] = None,
    replay: Annotated[
        list[str] | None, typer.Option(help="Give back the recorded replies of this file. May be repeated.")
    ] = None,
    port: Annotated[int, typer.Option(help="Port on loopback; 0 takes a free one.")] = 8010,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="An option of the server: `latency=1`, `faults.reset=0.02`. May be repeated."),
    ] = None,
    log: Annotated[str | None, typer.Option(help="Append one JSON line a request to this file.")] = None,
    minutes: Annotated[float, typer.Option(help="Stop after this time.")] = 24 * 60.0,
    model: Annotated[
        str | None, typer.Option(help="A Qwen3-VL checkpoint that answers instead.", rich_help_panel=REAL)
    ] = None,
    engine: Annotated[
        Engine,
        typer.Option(help="numpy for small dense models, transformers (extra `train`) for any.", rich_help_panel=REAL),
    ] = Engine.auto,
    batch: Annotated[int, typer.Option(min=1, help="Replies written at once, at most.", rich_help_panel=REAL)] = 32,
    threads: Annotated[int | None, typer.Option(min=1, help="CPU threads.", rich_help_panel=REAL)] = None,
) -> None:
    """Play teacher, captioner, cleaner, judge, prober and student on loopback: simulated, or from recorded replies.

    With `--model` a real model answers, under the name of its folder.
    """
    import asyncio

    from mmfinereason.lab.chat import ROLES
    from mmfinereason.lab.launch import Launch, run
    from mmfinereason.lab.local import LocalOptions
    from mmfinereason.recipe.lab import Mode, lab_options

    checkpoint = LocalOptions(model, batch=batch, threads=threads, engine=engine.value) if model else None
    mode: Mode = "local" if checkpoint else "replay" if replay else "simulated"
    paths = (*(known or ()), *(replay or ()))
    launch = Launch(mode, lab_options(set_ or []), paths, port, log, minutes * 60, checkpoint)
    names = [checkpoint.called] if checkpoint else [f"{mode}-{role}" for role in ROLES]

    def ready(url: str) -> None:
        typer.echo(url)
        print(f"models: {', '.join(names)}; Ctrl-C stops", file=sys.stderr)

    asyncio.run(run(launch, ready, wanted=lambda: True))
