"""What a run will ask of its models, and what that costs, before it is paid for.

The estimate rests on what is nearest to the truth: finished shards of the run itself, else a pilot on a few rows, else,
for the paper's own sources, the paper's figures. Each stage is judged by itself, so a run that is half done is planned
from its own rows where it has them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mmfinereason.context import Context
from mmfinereason.errors import EndpointError, RecipeError
from mmfinereason.lab.roles import CONCURRENCY
from mmfinereason.models.session import spent
from mmfinereason.planning import paper
from mmfinereason.planning.evidence import Evidence, evidence
from mmfinereason.planning.load import Fleet, Line, Load, Range, lines
from mmfinereason.planning.pilot import pilot, roles_of
from mmfinereason.recipe import Recipe
from mmfinereason.recipe.models import RoleSettings
from mmfinereason.recipe.sources import PUZZLES, PuzzleSettings, SourceSettings
from mmfinereason.schema import Stage

__all__ = ["Fleet", "Line", "PlanOf", "Range", "Terms", "plan"]

Basis = Literal["auto", "run", "pilot", "paper"]


@dataclass(frozen=True, slots=True)
class Terms:
    """How to plan."""

    basis: Basis = "auto"
    pilot: int = 20
    """Rows of the pilot."""
    rows: int | None = None
    """Rows of the sources, where nothing tells."""
    fleet: Fleet = field(default_factory=Fleet)


@dataclass(frozen=True, slots=True)
class PlanOf:
    """A plan: its lines, the total last; what it rests on, in sentences; and what the run has spent so far."""

    lines: tuple[Line, ...]
    grounds: tuple[str, ...]
    spent: dict[str, float]
    """By role and unit, `teacher.dollars` and so on."""


def plan(context: Context, terms: Terms) -> PlanOf:
    """Plan a run. Raises EndpointError, RecipeError, and what a pilot's stages raise."""
    if not context.recipe.sources:
        raise RecipeError(["the recipe names no sources"], "add `sources`: what a run costs depends on its rows")
    loads, grounds = _loads(context, terms)
    grounds += _silent(loads)
    roles = {name: _served(role) for name, role in context.recipe.models.roles().items()}
    if any(roles[one.role].made_up for one in loads) and not _from_paper(grounds):
        grounds.append("A lab server plays some roles: their tokens and times are made up.")
    return PlanOf(tuple(lines(loads, roles, terms.fleet)), tuple(grounds), spent(context.run))


def _silent(loads: list[Load]) -> list[str]:
    """A role that nobody asked has no interval: nothing was seen that could vary."""
    silent = [f"{one.stage.command}/{one.role}" for one in loads if not one.requests.any()]
    return [f"No row looked at asked {', '.join(silent)}: with more rows some may."] if silent else []


def _from_paper(grounds: list[str]) -> bool:
    return grounds[0].startswith("From the paper")


def _served(role: RoleSettings) -> RoleSettings:
    """A lab role with the concurrency that its server will get."""
    return role.at("http://127.0.0.1/v1", CONCURRENCY) if role.lab is not None else role


def _loads(context: Context, terms: Terms) -> tuple[list[Load], list[str]]:
    if terms.basis == "paper":
        return _paper(context.recipe, "")
    found = {} if terms.basis == "pilot" else _observed(context)
    asking = [stage for stage in Stage if roles_of(context.recipe, stage)]
    owed = [stage for stage in asking if stage not in found]
    if owed and terms.basis == "run":
        names = ", ".join(stage.command for stage in owed)
        raise RecipeError([f"the run has no finished shard of {names}"], "leave out --from run: a pilot tells the rest")
    rows, told = _rows(context, terms)
    loads = [load for one in found.values() for load in _scaled(context, one, rows)]
    grounds = [f"{stage.command}: {one.rows:,} rows that this run has finished." for stage, one in found.items()]
    if owed:
        try:
            piloted = _piloted(context, terms, owed)
        except EndpointError as error:
            if terms.basis == "auto" and not found and paper.covers(context.recipe):
                return _paper(context.recipe, f" ({error.message})")
            raise
        loads += [load for one in piloted for load in _scaled(context, one, rows)]
        names = ", ".join(stage.command for stage in owed)
        seen = max((one.rows for one in piloted), default=0)
        grounds.append(f"{names}: a pilot of {seen:,} rows, asked just now. Run it with more rows for narrower bounds.")
    order = list(Stage)
    return sorted(loads, key=lambda load: order.index(load.stage)), [*grounds, told]


def _paper(recipe: Recipe, why: str) -> tuple[list[Load], list[str]]:
    grounds = [
        f"From the paper's figures, nobody was asked{why}.",
        f"The paper's: {paper.rows(recipe):,.0f} rows and the mean tokens of a trace by source (Table 6), "
        f"{paper.CAPTION_TOKENS:.0f} tokens a caption (Table 1).",
    ]
    grounds += [
        f"Assumed: {name} {one.mid:g} ({one.low:g} to {one.high:g}): {one.grounds}."
        for name, one in paper.ASSUMED.items()
    ]
    return paper.loads(recipe), grounds


def _observed(context: Context) -> dict[Stage, Evidence]:
    found = {stage: evidence(context.run, stage, roles_of(context.recipe, stage)) for stage in Stage}
    return {stage: one for stage, one in found.items() if one is not None and roles_of(context.recipe, stage)}


def _piloted(context: Context, terms: Terms, stages: list[Stage]) -> list[Evidence]:
    """What a pilot says; its rows count as raw ones where the run has not collected yet."""
    with pilot(context, terms.pilot, stages) as run:
        found = [evidence(run, stage, roles_of(context.recipe, stage)) for stage in stages]
        books = run.table(Stage.COLLECT).manifest()
    lost = sum(books.rejects.values()) if books else 0
    return [one if one.stage is Stage.COLLECT else one.with_lost(lost) for one in found if one is not None]


def _scaled(context: Context, one: Evidence, rows: float) -> list[Load]:
    """The loads of a run of so many rows; captions by distinct images where these are known."""
    total = rows
    samples = context.table(Stage.COLLECT)
    if one.stage is Stage.CAPTION and samples.manifest() is not None and one.images:
        images = {image for shard in samples.shards() for image in _images(context, shard)}
        total = len(images) * one.rows / one.images
    if one.stage is Stage.COLLECT and (done := samples.manifest()) is not None:
        total = done.rows + sum(done.rejects.values())
    return one.loads(total, seed=context.recipe.seed)


def _images(context: Context, shard: int) -> list[str]:
    images: list[str] = context.table(Stage.COLLECT).read(shard, ["image_sha256"]).column(0).unique().to_pylist()
    return images


def _rows(context: Context, terms: Terms) -> tuple[float, str]:
    """Rows of the whole run, and how that is known."""
    done = context.table(Stage.COLLECT).manifest()
    if done is not None:
        return done.rows, f"The run has {done.rows:,} samples."
    if terms.rows is not None:
        return terms.rows, f"{terms.rows:,} rows, as given with --rows."
    known = [count for one in context.recipe.sources if (count := _count(one)) is not None]
    if len(known) < len(context.recipe.sources):
        problem = "how many rows the sources have is not known before they are collected"
        raise RecipeError([problem], "mmfr collect RECIPE first (it asks no teacher), or give --rows N")
    return sum(known), f"{sum(known):,} raw rows, by the recipe and the paper; a pilot tells how many cleaning leaves."


def _count(source: SourceSettings) -> int | None:
    """Raw rows of a source, as far as it can be told without reading it."""
    drawn = (source.puzzles or PuzzleSettings()).count if source.use == PUZZLES else None
    known = drawn if drawn is not None else paper.rows_of(source.use)
    if known is None:
        return source.limit
    return round(min(known, source.limit or known) * (source.sample or 1.0))
