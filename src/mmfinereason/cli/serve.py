"""`mmfr serve`: a model server on this machine that plays every role of a run."""

from __future__ import annotations

import sys
from typing import Annotated

import typer


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
        str | None, typer.Option(help="A Qwen3-VL checkpoint on this machine that answers instead (extra `train`).")
    ] = None,
    batch: Annotated[int, typer.Option(min=1, help="With --model: replies written at once, at most.")] = 16,
    threads: Annotated[int | None, typer.Option(min=1, help="With --model: CPU threads.")] = None,
) -> None:
    """Play teacher, captioner, cleaner, judge, prober and student on loopback: simulated, or from recorded replies.

    With `--model` a real model answers, under the name of its folder.
    """
    import asyncio

    from mmfinereason.lab.chat import ROLES
    from mmfinereason.lab.launch import Launch, run
    from mmfinereason.lab.local import LocalOptions, name_of
    from mmfinereason.recipe.lab import Mode, lab_options

    mode: Mode = "replay" if replay else "simulated"
    paths = (*(known or ()), *(replay or ()))
    checkpoint = LocalOptions(model, batch=batch, threads=threads) if model else None
    launch = Launch(mode, lab_options(set_ or []), paths, port, log, minutes * 60, checkpoint)
    names = [name_of(model)] if model else [f"{mode}-{role}" for role in ROLES]

    def ready(url: str) -> None:
        typer.echo(url)
        print(f"models: {', '.join(names)}; Ctrl-C stops", file=sys.stderr)

    asyncio.run(run(launch, ready, wanted=lambda: True))
