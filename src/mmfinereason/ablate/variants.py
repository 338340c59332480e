"""A data variant as a run of its own: the run's tables linked in, selected and exported by the ordinary stages.

`RUN/ablate/data/<variant>/` holds links to the finished tables, `selection/` and `exports/`. Only the recipe differs:
the variant's subset has the conditions and the draw of the variant, and keeps its name, so that its draw goes by the
same tickets: what two variants of a subset can share, they share.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import orjson

from mmfinereason.context import Context
from mmfinereason.errors import MmfrError, RecipeError, StoreError
from mmfinereason.export import export
from mmfinereason.recipe import Recipe, deciding, dump
from mmfinereason.recipe.ablate import AblateSettings, DataVariant
from mmfinereason.recipe.export import Format
from mmfinereason.recipe.select import SubsetSettings
from mmfinereason.schema import Stage
from mmfinereason.select.subsets import plan, select
from mmfinereason.store import Run

FOLDER = "ablate/data"
BOOKS = "variant.json"
PIXELS = ("min_pixels", "max_pixels")
LINKED = (Stage.COLLECT, Stage.CAPTION, Stage.DISTILL, Stage.VERIFY, Stage.PROBE)


@dataclass(frozen=True)
class Variant:
    """A data variant that is ready to be trained on."""

    name: str
    recipe: Recipe
    """Of its run, its subset named for the trainer."""
    rows: int
    """Rows of its subset in the export."""
    plan: dict[str, Any]
    """All that decides its rows."""


def sized(context: Context) -> Context:
    """The same with every number of samples that is a subset's name as the number of its rows. Raises RecipeError."""
    settings = context.recipe.ablate
    named = {name: one.samples for name, one in settings.data.items() if isinstance(one.samples, str)}
    if not named:
        return context
    selection = context.table(Stage.SELECT).manifest()
    sizes = selection.figures if selection else {}
    problems = [
        f"`ablate.data.{name}.samples`: the run has no subset {subset}, or it has no rows"
        for name, subset in named.items()
        if not sizes.get(f"in {subset}")
    ]
    if problems:
        raise RecipeError(problems, "name a subset of select.subsets, or give a number")
    data = {
        name: one.model_copy(update={"samples": int(sizes[f"in {named[name]}"])}) if name in named else one
        for name, one in settings.data.items()
    }
    return replace(
        context, recipe=context.recipe.model_copy(update={"ablate": settings.model_copy(update={"data": data})})
    )


def check(context: Context) -> None:
    """Raises RecipeError for every subset, source and prompt that the run does not have."""
    recipe, problems = context.recipe, []
    there = {
        "subset": {one.name for one in recipe.select.subsets},
        "source": _values(context, Stage.COLLECT, "source"),
        "prompt": (labels := _values(context, Stage.DISTILL, "prompt")) | {_short(one) for one in labels},
    }
    for name, variant in recipe.ablate.data.items():
        asked = {"subset": [variant.subset], "source": variant.only + variant.without, "prompt": variant.prompts}
        for kind, values in asked.items():
            if strange := [one for one in values if one not in there[kind]]:
                known = ", ".join(sorted(there[kind])) or "none"
                problems.append(f"`ablate.data.{name}`: no {kind} {', '.join(strange)}; the run has {known}")
        if variant.subset in recipe.export.rl_subsets:
            problems.append(f"`ablate.data.{name}`: subset {variant.subset} is for RL (`export.rl_subsets`)")
        if variant.caption and context.table(Stage.CAPTION).manifest() is None:
            problems.append(f"`ablate.data.{name}`: the run has no captions")
    if problems:
        raise RecipeError(problems)


def prepare(context: Context, name: str) -> Variant:
    """Link, select and export a data variant; what is there and still fits is left as it is.

    Raises StoreError, ExportError, RecipeError as these stages do.
    """
    run = Run(f"{context.run.url}/{FOLDER}/{name}")
    recipe = recipe_of(context.recipe, name, run.url)
    overlay = Context(run, recipe)
    _link(context.run, run)
    wanted = {"select": deciding(recipe.select), "export": deciding(recipe.export), "seed": recipe.seed}
    wanted["tables"] = plan(overlay).upstream
    if not run.folder.exists(BOOKS) or orjson.loads(run.folder.read(BOOKS))["plan"] != wanted:
        rows = _make(overlay)
        run.folder.write(BOOKS, orjson.dumps({"plan": wanted, "rows": rows}, option=orjson.OPT_INDENT_2))
    rows = orjson.loads(run.folder.read(BOOKS))["rows"]
    return Variant(name, recipe, rows.get(recipe.train.sft.subset, 0), wanted)


def known_rows(context: Context, name: str, training: str | None = None) -> int | None:
    """Rows of a variant as it was last made, or those that a GSPO training learns from; None before."""
    path = f"{FOLDER}/{name}/{BOOKS}"
    if not context.run.folder.exists(path):
        return None
    rows: dict[str, int] = orjson.loads(context.run.folder.read(path))["rows"]
    settings = context.recipe.ablate
    reinforces = training is not None and settings.training[training].reinforces
    return rows.get(rl_subset(context.recipe, training or "") if reinforces else settings.data[name].subset, 0)


def recipe_of(recipe: Recipe, name: str, url: str) -> Recipe:
    """The recipe of a data variant's run."""
    settings, variant = recipe.ablate, recipe.ablate.data[name]
    subsets = [_subset(one, variant) if one.name == variant.subset else one for one in recipe.select.subsets]
    rl = _rl_subsets(recipe)
    pixels = {name: value for name in PIXELS if (value := getattr(variant, name)) is not None}
    exporting = recipe.export.model_copy(
        update={
            "formats": _formats(settings, reinforces=bool(rl)),
            "subsets": [variant.subset, *rl],
            "variant": "caption" if variant.caption else recipe.export.variant,
            "tokens": recipe.export.tokens.model_copy(update=pixels),
        }
    )
    training = recipe.train.sft.model_copy(update={"subset": variant.subset})
    evaluating = recipe.evaluate.model_copy(update=pixels)
    changes = {
        "run": url,
        "select": recipe.select.model_copy(update={"subsets": subsets}),
        "export": exporting,
        "train": recipe.train.model_copy(update={"sft": training}),
        "evaluate": evaluating,
        "ablate": AblateSettings(),
    }
    return recipe.model_copy(update=changes)


def _subset(subset: SubsetSettings, variant: DataVariant) -> SubsetSettings:
    """The subset with a variant's conditions and draw; its name, and so its tickets, stay."""
    conditions = [f"({subset.rule})", *_conditions(variant)]
    changes: dict[str, Any] = {"rule": " AND ".join(conditions)} if len(conditions) > 1 else {}
    if variant.samples is not None:
        changes |= {"draw": "uniform", "size": variant.samples, "share": None, "tokens": None}
    return subset.model_copy(update=changes)


def _conditions(variant: DataVariant) -> Iterable[str]:
    if variant.only:
        yield f"source IN ({_quoted(variant.only)})"
    if variant.without:
        yield f"source NOT IN ({_quoted(variant.without)})"
    if variant.prompts:
        yield "(" + " OR ".join(_written_with(prompt) for prompt in variant.prompts) + ")"


def _written_with(prompt: str) -> str:
    return f"prompt = {_quoted([prompt])}" if "@" in prompt else f"starts_with(prompt, {_quoted([prompt + '@'])})"


def _quoted(values: Iterable[str]) -> str:
    return ", ".join("'" + value.replace("'", "''") + "'" for value in values)


def _rl_subsets(recipe: Recipe) -> list[str]:
    """The subsets that GSPO of this grid learns from."""
    wanted = [rl_subset(recipe, name) for name, training in recipe.ablate.training.items() if training.reinforces]
    return list(dict.fromkeys(wanted))


def rl_subset(recipe: Recipe, training: str) -> str:
    """The subset that a GSPO training learns from. Raises RecipeError where it cannot be told."""
    there = [one.name for one in recipe.select.subsets if one.name in recipe.export.rl_subsets]
    wanted = recipe.ablate.training[training].subset or recipe.train.rl.subset
    if wanted is None and len(there) == 1:
        return there[0]
    if wanted not in there:
        said = f"no subset {wanted} for RL" if wanted else "say which `subset` it learns from"
        raise RecipeError([f"`ablate.training.{training}`: {said}; there is {', '.join(there) or 'none'}"])
    return wanted


def fine_tuned_on(recipe: Recipe, variant: Variant) -> dict[str, Any]:
    """What decides the rows of SFT: that GSPO's are exported beside them changes nothing."""
    alone = {"subsets": [variant.recipe.train.sft.subset], "formats": _formats(recipe.ablate, reinforces=False)}
    return variant.plan | {"export": variant.plan["export"] | alone}


def _formats(settings: AblateSettings, *, reinforces: bool) -> list[Format]:
    if settings.backend == "trl":
        return ["trl"]
    return ["llamafactory", "verl"] if reinforces else ["llamafactory"]


def _make(overlay: Context) -> dict[str, int]:
    """Select and export anew; returns rows by subset."""
    overlay.table(Stage.SELECT).clear()
    overlay.run.save_recipe(dump(overlay.recipe))
    select(overlay)
    exports = export(overlay)
    return {name: count for one in exports.values() for name, count in one.rows.items()}


def _link(run: Run, overlay: Run) -> None:
    """Links to the run's tables, relative, so that the run may be moved as a whole."""
    if not run.folder.local:
        raise StoreError(f"{run.url} is not on a local disk: an ablation links tables", "copy the run folder first")
    target = Path(overlay.folder.root)
    target.mkdir(parents=True, exist_ok=True)
    up = Path(*[".."] * len(Path(FOLDER, "variant").parts))
    for stage in LINKED:
        link = target / stage.value
        if link.is_symlink():
            link.unlink()
        if run.table(stage).manifest() is not None:
            link.symlink_to(up / stage.value)


def _values(context: Context, stage: Stage, column: str) -> set[str]:
    table = context.table(stage)
    if table.manifest() is None:
        raise MmfrError(f"the run's {stage.value} are not finished", f"mmfr {stage.command} RECIPE")
    return {value for shard in table.shards() for value in table.read(shard, [column])[column].unique().to_pylist()} - {
        None
    }


def _short(label: str) -> str:
    """`distill` of `distill@1a2b3c4d`."""
    return str(label).partition("@")[0]
