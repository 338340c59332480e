"""What a cell is to be: its recipe, and all that decides its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError

from mmfinereason.ablate.grid import Key, started_from
from mmfinereason.ablate.variants import Variant, fine_tuned_on, rl_subset
from mmfinereason.ablate.work import Order
from mmfinereason.context import Context
from mmfinereason.errors import RecipeError
from mmfinereason.recipe import Recipe, deciding
from mmfinereason.recipe.ablate import AblateSettings
from mmfinereason.recipe.evaluate import AboutModel
from mmfinereason.recipe.train import RlSettings, SftSettings, TrainSettings

S = TypeVar("S", SftSettings, RlSettings)


@dataclass(frozen=True)
class Plan:
    """A cell before it starts."""

    key: Key
    order: Order
    variant: Variant | None
    decides: dict[str, Any]
    """`training` and `evaluation`: all that decides the model, and what is asked of it."""


def plan_of(context: Context, key: Key, variant: Variant | None) -> Plan:
    """The plan of a cell; without a variant it is the model before training."""
    recipe = cell_recipe(context.recipe, key, variant, context.run.folder.path(key.folder))
    reinforces = variant is not None and context.recipe.ablate.training[key.training].reinforces
    settings = context.recipe.ablate
    order = Order(
        key,
        recipe,
        trains=variant is not None,
        reinforces=reinforces,
        backend=settings.backend,
        serve=settings.serve,
        rows=None if variant is None or reinforces else variant.rows,
    )
    decides = {"training": _training_decides(context, key, variant), "evaluation": _evaluation_decides(recipe)}
    return Plan(key, order, variant, decides)


def cell_recipe(recipe: Recipe, key: Key, variant: Variant | None, url: str) -> Recipe:
    """The recipe of one cell, whose run is its folder."""
    own = variant.recipe if variant else recipe
    evaluating = own.evaluate.model_copy(update={"models": {}, "folder": None, "about": _about(variant)})
    changes = {"run": url, "seed": key.seed, "evaluate": evaluating, "ablate": AblateSettings()}
    if variant:
        changes["train"] = training_of(recipe, key.training, own.train)
    return own.model_copy(update=changes)


def training_of(recipe: Recipe, name: str, base: TrainSettings | None = None) -> TrainSettings:
    """The `train` section with a training's settings. Raises RecipeError where they do not go together."""
    train, own = base or recipe.train, recipe.ablate.training[name]
    if not own.reinforces:
        return train.model_copy(update={"sft": _merged(train.sft, own.sft or {}, f"ablate.training.{name}.sft")})
    rl = _merged(train.rl, {**(own.rl or {}), "subset": rl_subset(recipe, name)}, f"ablate.training.{name}.rl")
    return train.model_copy(update={"rl": rl})


def _about(variant: Variant | None) -> dict[str, AboutModel]:
    return {"student": AboutModel(samples=variant.rows)} if variant and variant.rows else {}


def _training_decides(context: Context, key: Key, variant: Variant | None) -> dict[str, Any]:
    recipe = context.recipe
    if variant is None:
        return {"model": recipe.train.sft.model}
    train = training_of(recipe, key.training, variant.recipe.train)
    shared = {"data": variant.plan, "backend": recipe.ablate.backend, "local": deciding(train.local), "seed": key.seed}
    if not recipe.ablate.training[key.training].reinforces:
        return shared | {"data": fine_tuned_on(recipe, variant), "sft": deciding(train.sft)}
    before = started_from(recipe.ablate, key)
    return shared | {"rl": deciding(train.rl), "after": _training_decides(context, before, variant) if before else None}


def _evaluation_decides(recipe: Recipe) -> dict[str, Any]:
    settings = {name: one for name, one in deciding(recipe.evaluate).items() if name not in ("models", "about")}
    student = deciding(recipe.models.student) if recipe.models.student else None
    return settings | {"student": student, "judges": [deciding(judge) for judge in recipe.models.judge]}


def _merged(settings: S, changes: dict[str, Any], where: str) -> S:
    values = settings.model_dump()
    for name, value in changes.items():
        both = isinstance(value, dict) and isinstance(values.get(name), dict)
        values[name] = {**values[name], **value} if both else value
    try:
        return type(settings).model_validate(values)
    except ValidationError as error:
        raise RecipeError(
            [f"`{where}`: {one['msg'].removeprefix('Value error, ')}" for one in error.errors()]
        ) from error
