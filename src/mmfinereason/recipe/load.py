"""From a YAML text to a validated recipe, or to every problem in it at once, each with its line and a hint."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Union, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError

from mmfinereason.errors import RecipeError
from mmfinereason.recipe.base import deciding
from mmfinereason.recipe.root import Recipe
from mmfinereason.recipe.yaml_lines import Document

ROLES = ("teacher", "captioner", "cleaner", "judge", "prober", "student")


def load(path: str | Path, overrides: Sequence[str] = ()) -> Recipe:
    """Read a recipe file. `overrides` are `section.key=value` texts, as given with `--set`.

    Raises RecipeError with all problems.
    """
    file = Path(path)
    if not file.is_file():
        raise RecipeError([f"there is no recipe {str(path)!r}"], "mmfr init writes one to start from")
    try:
        text = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise RecipeError([f"{file.name} is not UTF-8 text: {error.reason} at byte {error.start}"]) from error
    except PermissionError as error:
        raise RecipeError([f"{file.name} may not be read: {error.strerror}"]) from error
    return parse(text, file.name, overrides)


def parse(text: str, name: str = "recipe", overrides: Sequence[str] = ()) -> Recipe:
    """Validate a recipe's text. Raises RecipeError with all problems."""
    document = Document(text, name)
    problems = list(document.problems)
    problems += [problem for override in overrides if (problem := _apply(document.values, override))]
    try:
        recipe = Recipe.model_validate(document.values)
    except ValidationError as error:
        found = sorted(error.errors(), key=lambda one: document.line(_in_text(document, one)))
        raise RecipeError(problems + [_sentence(document, one) for one in found]) from error
    if problems:
        raise RecipeError(problems)
    return recipe


def dump(recipe: Recipe) -> str:
    """The recipe as YAML with every default filled in."""
    return _as_yaml(recipe.model_dump(mode="json"))


def dump_deciding(recipe: Recipe) -> str:
    """What decides the result, as YAML: for readers elsewhere, whom endpoints and names of variables do not concern."""
    return _as_yaml(deciding(recipe))


def _as_yaml(values: dict[str, Any]) -> str:
    return yaml.safe_dump(values, sort_keys=False, allow_unicode=True, width=100)


def _apply(values: dict[str, Any], override: str) -> str | None:
    """Set one `a.b.c=value` in the raw values; returns a problem, or None."""
    path, equals, text = override.partition("=")
    keys = path.strip().split(".")
    if not equals or not all(keys):
        return f"--set {override}: write it as section.key=value"
    if keys[0] in ROLES:
        keys.insert(0, "models")
    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError):
        return f"--set {override}: the value is not valid YAML"
    target: Any = values
    for key in keys[:-1]:
        target = _step(target, key)
        if not isinstance(target, dict | list):
            return f"--set {override}: `{key}` {target}"
    if isinstance(target, list):
        return f"--set {override}: give the number of the list's entry"
    target[keys[-1]] = value
    return None


def _step(target: dict[str, Any] | list[Any], key: str) -> Any:
    """What stands under a key, or what is wrong with the key."""
    if isinstance(target, dict):
        inner = target.setdefault(key, {})
        return inner if isinstance(inner, dict | list) else "is not a section"
    if not key.isdigit() or int(key) >= len(target):
        return "is not the number of an entry"
    return target[int(key)]


def _sentence(document: Document, error: Any) -> str:
    path = _in_text(document, error)
    where = f"{document.name}:{document.line(path)}"
    dotted = ".".join(str(part) for part in path) or "recipe"
    if error["type"] == "extra_forbidden":
        return f"{where}: unknown key `{dotted}`{_did_you_mean(path)}"
    if error["type"] == "missing":
        return f"{where}: `{dotted}` is missing"
    message = str(error["msg"]).removeprefix("Value error, ")
    given = error.get("input")
    shown = f", not {given!r}" if isinstance(given, str | int | float | bool) and error["type"] != "value_error" else ""
    return f"{where}: `{dotted}`: {message[0].lower()}{message[1:]}{shown}"


def _in_text(document: Document, error: Any) -> tuple[str | int, ...]:
    """An error's path as the recipe spells it, without what pydantic adds to name a union's branch."""
    path: tuple[str | int, ...] = ()
    for part in error["loc"]:
        if (*path, part) in document.lines or isinstance(part, int) or part.isidentifier() or "-" in part:
            path = (*path, part)
    return path


def _did_you_mean(path: tuple[str | int, ...]) -> str:
    names = _fields_at(Recipe, path[:-1])
    close = difflib.get_close_matches(str(path[-1]), names, n=1, cutoff=0.6)
    if close:
        return f": did you mean `{close[0]}`?"
    return f"; known here: {', '.join(sorted(names))}" if names else ""


def _fields_at(model: type[BaseModel], path: tuple[str | int, ...]) -> list[str]:
    """Names of the settings that may stand at a path."""
    models = [model]
    for part in path:
        if isinstance(part, int):
            continue
        models = [
            inner
            for one in models
            if part in one.model_fields
            for inner in _models_in(one.model_fields[part].annotation)
        ]
    return [name for one in models for name in one.model_fields]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, types.UnionType, list, dict, tuple) or get_args(annotation):
        for argument in get_args(annotation):
            yield from _models_in(argument)
