"""The order of the stages, written once. Only this module and the command line know them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from mmfinereason.collect.sources import pin
from mmfinereason.collect.stage import collect
from mmfinereason.context import Context
from mmfinereason.execute import Progress, Silent
from mmfinereason.recipe import Recipe, dump
from mmfinereason.schema import UPSTREAM, Stage
from mmfinereason.store import Manifest, Run

STAGES: dict[Stage, Callable[[Context], Manifest | None]] = {
    Stage.COLLECT: collect,
}


def prepare(recipe: Recipe, *, progress: Progress | None = None, only: range | None = None) -> Context:
    """Open or make the run of a recipe, pin what it reads to exact revisions, and keep the resolved recipe beside it.

    Raises SourceError when a source cannot be found.
    """
    pinned = recipe.model_copy(update={"sources": [pin(source) for source in recipe.sources]})
    run = Run(pinned.run_url)
    run.save_recipe(dump(pinned))
    return Context(run, pinned, progress or Silent(), only)


def run(context: Context, stages: Sequence[Stage] | None = None) -> dict[Stage, Manifest | None]:
    """Bring stages up to date in their order; what is done is skipped. Returns the books of each."""
    wanted = [stage for stage in STAGES if stages is None or stage in stages]
    return {stage: STAGES[stage](context) for stage in wanted}


def redo(context: Context, stage: Stage) -> list[Stage]:
    """Forget a stage and everything made from it; returns what was forgotten. Journals stay."""
    stale = [one for one in Stage if one is stage or stage in _all_upstream(one)]
    for one in stale:
        context.table(one).clear()
    return stale


def _all_upstream(stage: Stage) -> set[Stage]:
    direct = UPSTREAM[stage]
    return set(direct).union(*(_all_upstream(one) for one in direct))
