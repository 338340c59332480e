"""Which commands there are, and how their errors reach the user."""

from __future__ import annotations

import errno
import functools
import sys
from collections.abc import Callable

import typer

from mmfinereason.cli.ablate import ablate
from mmfinereason.cli.check import check
from mmfinereason.cli.collect import collect
from mmfinereason.cli.distill import caption, distill
from mmfinereason.cli.doctor import doctor
from mmfinereason.cli.evaluate import benchmarks, compare, evaluate
from mmfinereason.cli.explain import diff, explain, tables
from mmfinereason.cli.export import export, push
from mmfinereason.cli.init import init
from mmfinereason.cli.lab import paper, train_teacher
from mmfinereason.cli.plan import plan
from mmfinereason.cli.report import report
from mmfinereason.cli.run import run
from mmfinereason.cli.schema import schema
from mmfinereason.cli.select import probe, select, verify
from mmfinereason.cli.serve import serve
from mmfinereason.cli.sources import sources
from mmfinereason.cli.status import status
from mmfinereason.cli.train import rl, sft
from mmfinereason.errors import BudgetReached, MmfrError

app = typer.Typer(
    name="mmfr",
    help="A factory for multimodal reasoning datasets.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)


STORAGE = {
    errno.EACCES: "choose a folder that you may write to (`run` in the recipe)",
    errno.EPERM: "choose a folder that you may write to (`run` in the recipe)",
    errno.EROFS: "choose a folder that you may write to (`run` in the recipe)",
    errno.ENOTDIR: "a part of this path is a file; choose another folder (`run` in the recipe)",
    errno.EISDIR: "this is a folder where a file is wanted",
    errno.ENOSPC: "make room on the disk and run the same command again: what is done is kept",
    errno.EDQUOT: "make room on the disk and run the same command again: what is done is kept",
}
"""What to do about faults of the disk; any other OSError is a fault of this program."""


def guarded(command: Callable[..., None]) -> Callable[..., None]:
    """The command with errors as sentences on stderr: exit 2 for errors, 3 for a spent budget, 130 for Ctrl-C."""

    @functools.wraps(command)
    def run(*args: object, **kwargs: object) -> None:
        try:
            command(*args, **kwargs)
        except BudgetReached as error:
            _leave(f"stopped: {error}", 3)
        except MmfrError as error:
            _leave(f"error: {error}", 2)
        except OSError as error:
            if error.errno not in STORAGE:
                raise
            _leave(f"error: {error.strerror}: {error.filename or 'the run folder'}\n  next: {STORAGE[error.errno]}", 2)
        except KeyboardInterrupt:
            _leave("stopped; the same command goes on from here", 130)

    return run


def _leave(message: str, code: int) -> None:
    print(message, file=sys.stderr)
    raise typer.Exit(code)


for one in (
    init,
    check,
    schema,
    run,
    collect,
    caption,
    distill,
    verify,
    probe,
    select,
    export,
    report,
    push,
    explain,
    diff,
    tables,
    status,
    serve,
):
    app.command()(guarded(one))
for scoring in (evaluate, compare, benchmarks, ablate):
    app.command()(guarded(scoring))
for ahead in (plan, doctor, sources):
    app.command()(guarded(ahead))
train = typer.Typer(help="Train a model on a run's exports.", no_args_is_help=True)
app.add_typer(train, name="train")
for training in (sft, rl):
    train.command()(guarded(training))
lab = typer.Typer(help="Tiny real models on this machine, and the paper re-enacted by them.", no_args_is_help=True)
app.add_typer(lab, name="lab")
for playing in (paper, train_teacher):
    lab.command()(guarded(playing))
