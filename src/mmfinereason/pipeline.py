"""The order of the stages, written once. Only this module and the command line know them all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mmfinereason.collect.consult import consult
from mmfinereason.collect.gather import STAGED
from mmfinereason.collect.sources import mapping, pin
from mmfinereason.collect.stage import collect
from mmfinereason.context import Context
from mmfinereason.distill.captions import caption
from mmfinereason.distill.traces import distill
from mmfinereason.errors import RecipeError, SourceError
from mmfinereason.execute import Progress, Silent
from mmfinereason.export import export
from mmfinereason.lab.roles import served
from mmfinereason.models import prompts
from mmfinereason.models.asked import training_prompt
from mmfinereason.models.judge import PROMPTS
from mmfinereason.models.prompts import Prompt
from mmfinereason.recipe import Recipe, dump, load
from mmfinereason.recipe.models import RoleSettings
from mmfinereason.recipe.sources import SourceSettings
from mmfinereason.report import report
from mmfinereason.schema import UPSTREAM, Stage
from mmfinereason.select.probe import probe
from mmfinereason.select.subsets import select
from mmfinereason.select.verify import verify
from mmfinereason.store import Manifest, Run
from mmfinereason.store.run import RECIPE_FILE


@dataclass(frozen=True)
class Step:
    """One stage as the pipeline sees it."""

    work: Callable[[Context], Manifest | None]
    roles: tuple[str, ...] = ()
    """Model roles it talks to from its start on."""
    missing: Callable[[Recipe], str | None] = lambda recipe: None
    """Why a recipe goes without this stage; None when it does not."""


def _collect(context: Context) -> Manifest | None:
    return collect(context, _consult if context.recipe.models.cleaner else None)


def _consult(context: Context) -> None:
    """A simulated cleaner knows the staged rows, so its server starts when they are there."""
    with served(context, ["cleaner"], STAGED) as ready:
        consult(ready)


def _no_captions(recipe: Recipe) -> str | None:
    if not recipe.caption.enabled:
        return "the recipe switches captions off"
    return None if recipe.models.captioner else "the recipe names no captioner"


def _no_probe(recipe: Recipe) -> str | None:
    needs_prober = recipe.probe.asks and recipe.models.prober is None
    return "the recipe names no prober" if needs_prober else None


STEPS: dict[Stage, Step] = {
    Stage.COLLECT: Step(_collect),
    Stage.CAPTION: Step(caption, ("captioner",), _no_captions),
    Stage.DISTILL: Step(distill, ("teacher",)),
    Stage.VERIFY: Step(verify, ("judge",)),
    Stage.PROBE: Step(probe, ("prober", "judge"), _no_probe),
    Stage.SELECT: Step(select),
}


def prepare(recipe: Recipe, *, progress: Progress | None = None, only: range | None = None) -> Context:
    """Open or make the run of a recipe, and pin what it reads to exact revisions.

    The resolved recipe is kept beside the tables, by every stage that ran under it: one that is refused because its
    settings changed leaves the old one standing.

    Raises SourceError when a source cannot be found, RecipeError when there is none.
    """
    pinned = pin_sources(recipe)
    run = Run(pinned.run_url)
    if not run.folder.exists(RECIPE_FILE):
        run.save_recipe(dump(pinned))
    return Context(run, pinned, progress or Silent(), only)


def pin_sources(recipe: Recipe) -> Recipe:
    """The recipe with every source and benchmark at an exact revision.

    Raises SourceError, and RecipeError for a recipe without sources, from which nothing can be made.
    """
    if not recipe.sources:
        raise RecipeError(["the recipe names no sources"], "add `sources`, such as `sources: [{use: puzzles}]`")
    collecting = recipe.collect.model_copy(update={"benchmarks": [pin(one) for one in recipe.collect.benchmarks]})
    return recipe.model_copy(update={"sources": [pin(one) for one in recipe.sources], "collect": collecting})


def check(path: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """A recipe that can be used as far as can be told without reading data or asking a server.

    Raises RecipeError with every problem: settings, names of sources, prompts, a tokenizer that is missing.
    """
    recipe = load(path, overrides)
    problems = [problem for one in (*recipe.sources, *recipe.collect.benchmarks) if (problem := _unknown(one))]
    problems += _unusable_prompts(recipe)
    problems += _missing_recordings(recipe)
    tokenizer = recipe.distill.tokenizer.file
    if tokenizer is not None and not Path(tokenizer).is_file():
        problems.append(f"`distill.tokenizer.file` does not exist: {tokenizer}")
    if problems:
        raise RecipeError(problems)
    return recipe


def missing_files(recipe: Recipe) -> list[str]:
    """Local files and folders that sources name and that are not there yet: worth saying, not yet an error."""
    named = [one.path for one in (*recipe.sources, *recipe.collect.benchmarks) if one.path]
    local = [path for path in named if "://" not in path and not any(mark in path for mark in "*?[")]
    return [path for path in local if not Path(path).exists()]


def _unknown(settings: SourceSettings) -> str | None:
    try:
        mapping(settings)
    except SourceError as error:
        return error.message
    return None


def _roles(recipe: Recipe) -> dict[str, RoleSettings]:
    """Every model of a recipe by its place."""
    roles = {f"models.{name}": role for name, role in recipe.models.roles().items()}
    return roles | {f"evaluate.models.{name}": role for name, role in recipe.evaluate.models.items()}


def _missing_recordings(recipe: Recipe) -> list[str]:
    """A lab server that replays finds its file when it starts, or nothing it could say."""
    files = {place: role.lab.file for place, role in _roles(recipe).items() if role.lab and role.lab.file}
    return [
        f"`{place}.lab.file` does not exist: {file}"
        for place, file in files.items()
        if "://" not in file and not Path(file).exists()
    ]


def _unusable_prompts(recipe: Recipe) -> list[str]:
    """What is wrong with the recipe's own prompt files: to be told before a stage that comes earlier has been paid."""
    problems: list[str] = []
    for place, role in _roles(recipe).items():
        for file in role.prompt:
            try:
                prompt = prompts.load(file, _purpose(place, recipe))
            except RecipeError as error:
                problems += [f"`{place}.prompt`: {problem}" for problem in error.problems]
            else:
                problems += _unfindable(place, role, prompt)
    try:
        training_prompt(recipe.export)
    except RecipeError as error:
        problems += [f"`export.prompt`: {problem}" for problem in error.problems]
    return problems


def _purpose(place: str, recipe: Recipe) -> str:
    purposes = {"models.teacher": "distill", "models.captioner": "caption", "models.cleaner": "clean"}
    return PROMPTS[recipe.verify.dialect] if place.startswith("models.judge") else purposes.get(place, "answer")


def _unfindable(place: str, role: RoleSettings, prompt: Prompt) -> list[str]:
    """A lab server knows a question in any text, but the other values of a prompt only by their blocks."""
    if not role.made_up or not prompt.bare or not place.startswith(("models.cleaner", "models.judge")):
        return []
    bare = ", ".join(f"{{{{{name}|bare}}}}" for name in sorted(prompt.bare))
    return [
        f"`{place}.prompt`: prompt {prompt.name!r} has {bare}, and a lab {place[7:]} finds its values by their blocks"
    ]


def run(context: Context, stages: Sequence[Stage] | None = None) -> dict[Stage, Manifest | None]:
    """Bring stages up to date in their order, all of them by default; what is done is skipped.

    A stage the recipe goes without is left out, unless it was asked for by name: then it says what it lacks.
    Returns the books of each.
    """
    books: dict[Stage, Manifest | None] = {}
    for stage, step in STEPS.items():
        if stages is None and (why := step.missing(context.recipe)):
            context.progress.say(f"{stage.command}: left out, {why}")
        elif stages is None and _waits(context, stage):
            context.progress.say(f"{stage.command}: waits for the shards of other machines")
        elif stages is None or stage in stages:
            books[stage] = _step(context, stage, step)
    return books


def _waits(context: Context, stage: Stage) -> bool:
    """Whether a stage needs tables whole that several machines still work on: select draws from all rows."""
    if stage is not Stage.SELECT or context.only is None:
        return False
    tables = [context.table(one) for one in UPSTREAM[stage]]
    return any(table.plan() is not None and table.manifest() is None for table in tables)


def _step(context: Context, stage: Stage, step: Step) -> Manifest | None:
    """One stage, with lab servers for its roles where there is work left for them."""
    nothing_known = stage is not Stage.COLLECT and context.table(Stage.COLLECT).manifest() is None
    if nothing_known or context.table(stage).manifest() is not None:
        return step.work(context)
    with served(context, step.roles, Stage.COLLECT.value) as ready:
        books = step.work(ready)
    context.run.save_recipe(dump(context.recipe))
    return books


def redo(context: Context, stage: Stage) -> list[Stage]:
    """Forget a stage and everything made from it; returns what was forgotten. Journals stay."""
    stale = [one for one in Stage if one is stage or stage in _all_upstream(one)]
    for one in stale:
        context.table(one).clear()
    return stale


def _all_upstream(stage: Stage) -> set[Stage]:
    direct = UPSTREAM[stage]
    return set(direct).union(*(_all_upstream(one) for one in direct))


def stage_named(name: str) -> Stage:
    """The stage a user means by `collect`, `distill`, ... Raises RecipeError with the names there are."""
    known = {stage.command: stage for stage in Stage}
    if name not in known:
        raise RecipeError([f"there is no stage {name!r}"], f"stages are {', '.join(known)}")
    return known[name]


@dataclass(frozen=True)
class Result:
    """What a whole run leaves behind."""

    books: dict[Stage, Manifest | None]
    paths: dict[str, str]
    """Where to look: exports by format, the report. A format no selected row goes into is left out."""
    subsets: dict[str, int]
    """Rows by subset."""


def run_all(context: Context) -> Result:
    """Every stage, the exports and the report. With `--shards` only the stages run: others may still owe theirs."""
    books = run(context)
    selection = context.table(Stage.SELECT).manifest()
    if selection is None:
        return Result(books, {}, {})
    written = {name: one for name, one in export(context).items() if any(one.rows.values())}
    paths = {str(name): f"{context.run.url}/{one.folder}" for name, one in written.items()}
    sizes = {name.removeprefix("in "): int(rows) for name, rows in selection.figures.items() if name.startswith("in ")}
    return Result(books, paths | {"report": report(context)}, sizes)
