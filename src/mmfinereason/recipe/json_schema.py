"""The recipe's JSON Schema, for editors.

Pydantic writes it from the models. What it cannot know are the short forms a recipe may use, since validators turn them
into the long ones before the models see them; they are added here, and a test holds all recipes of the project to the
result.
"""

from __future__ import annotations

import json
from typing import Any

from mmfinereason.recipe.root import Recipe
from mmfinereason.recipe.select import PRESETS


def json_schema() -> str:
    """The schema as JSON text, draft 2020-12."""
    schema = Recipe.model_json_schema()
    kinds = schema["$defs"]
    role, models = kinds["RoleSettings"], kinds["ModelsSettings"]
    models["properties"]["judge"] = _or(models["properties"]["judge"], {"$ref": "#/$defs/RoleSettings"})
    role["properties"]["lab"] = _or(role["properties"]["lab"], {"const": "simulated"})
    role["properties"]["prompt"] = _or(role["properties"]["prompt"], {"type": "string"})
    role["required"].remove("model")  # a lab role names its own
    for section, field, short in (
        ("SelectSettings", "subsets", {"enum": list(PRESETS)}),
        ("EvaluateSettings", "benchmarks", {"type": "string"}),
    ):
        many = kinds[section]["properties"][field]
        many["items"] = _or(many["items"], short)
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema"} | schema, indent=2)


def _or(long: dict[str, Any], short: dict[str, Any]) -> dict[str, Any]:
    """Either form, with the long one's description and default where they were."""
    kept: dict[str, Any] = {name: long[name] for name in ("description", "default") if name in long}
    return {**kept, "anyOf": [{name: one for name, one in long.items() if name not in kept}, short]}
