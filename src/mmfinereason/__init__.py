"""A factory for multimodal reasoning datasets.

    import mmfinereason as mm

    result = mm.run("recipe.yaml")
    run = mm.open_run("runs/my-data")

Everything the command `mmfr` does is one call away; `docs/commands.md` names the call beside each command. A name is
imported when it is first used, so that importing the package costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

_HOMES = {
    "mmfinereason.recipe": ("Recipe", "dump", "load", "parse"),
    "mmfinereason.pipeline": ("check",),
    "mmfinereason.api.ablations": ("arms", "read_ablation", "run_ablation"),
    "mmfinereason.api.ahead": ("doctor", "plan", "sources"),
    "mmfinereason.planning": ("Fleet", "Terms"),
    "mmfinereason.api.jobs": ("redo_traces", "run", "run_stage", "write_exports"),
    "mmfinereason.api.lab": ("reenact_paper", "train_tiny_models"),
    "mmfinereason.api.runs": ("OpenRun", "diff", "explain", "open_run", "status", "suspects", "tables", "write_report"),
    "mmfinereason.api.scores": ("benchmarks", "evaluate_models"),
    "mmfinereason.api.training": ("prepare_training", "start_training", "train_here"),
    "mmfinereason.evaluate.compare": ("compare",),
    "mmfinereason.export.push": ("push",),
    "mmfinereason.recipe.json_schema": ("json_schema",),
    "mmfinereason.answers": ("agree", "extract_answer"),
    "mmfinereason.errors": ("MmfrError",),
}
"""Where each public name lives."""

_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}
__all__ = sorted(_HOME_OF)

if TYPE_CHECKING:
    from mmfinereason.answers import agree as agree
    from mmfinereason.answers import extract_answer as extract_answer
    from mmfinereason.api.ablations import arms as arms
    from mmfinereason.api.ablations import read_ablation as read_ablation
    from mmfinereason.api.ablations import run_ablation as run_ablation
    from mmfinereason.api.ahead import doctor as doctor
    from mmfinereason.api.ahead import plan as plan
    from mmfinereason.api.ahead import sources as sources
    from mmfinereason.api.jobs import redo_traces as redo_traces
    from mmfinereason.api.jobs import run as run
    from mmfinereason.api.jobs import run_stage as run_stage
    from mmfinereason.api.jobs import write_exports as write_exports
    from mmfinereason.api.lab import reenact_paper as reenact_paper
    from mmfinereason.api.lab import train_tiny_models as train_tiny_models
    from mmfinereason.api.runs import OpenRun as OpenRun
    from mmfinereason.api.runs import diff as diff
    from mmfinereason.api.runs import explain as explain
    from mmfinereason.api.runs import open_run as open_run
    from mmfinereason.api.runs import status as status
    from mmfinereason.api.runs import suspects as suspects
    from mmfinereason.api.runs import tables as tables
    from mmfinereason.api.runs import write_report as write_report
    from mmfinereason.api.scores import benchmarks as benchmarks
    from mmfinereason.api.scores import evaluate_models as evaluate_models
    from mmfinereason.api.training import prepare_training as prepare_training
    from mmfinereason.api.training import start_training as start_training
    from mmfinereason.api.training import train_here as train_here
    from mmfinereason.errors import MmfrError as MmfrError
    from mmfinereason.evaluate.compare import compare as compare
    from mmfinereason.export.push import push as push
    from mmfinereason.pipeline import check as check
    from mmfinereason.planning import Fleet as Fleet
    from mmfinereason.planning import Terms as Terms
    from mmfinereason.recipe import Recipe as Recipe
    from mmfinereason.recipe import dump as dump
    from mmfinereason.recipe import load as load
    from mmfinereason.recipe import parse as parse
    from mmfinereason.recipe.json_schema import json_schema as json_schema


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib import metadata

        return metadata.version("mmfinereason")
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return [*globals(), *__all__]
