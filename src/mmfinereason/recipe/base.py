"""What all settings have in common: frozen, an unknown key is an error, and some of them cannot change a result."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict


class _Operational:
    """Marks a field that says how a stage runs, not what comes out of it."""


Operational = _Operational()
"""Put it in `Annotated[int, Operational]`: changing such a field never makes a finished table stale."""


def _without_secret(place: str) -> str:
    try:
        parts = urlsplit(place)
    except ValueError:
        return place
    if parts.scheme and parts.password:
        raise ValueError("must not hold a user name and key: storage takes them from the environment")
    return place


Place = Annotated[str, AfterValidator(_without_secret)]
"""A path or storage URL; one with a key in it is refused, since recipes are saved and shown."""


class Settings(BaseModel):
    """One strict model a stage. Every field is documented by the string under it."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


def deciding(settings: BaseModel) -> dict[str, Any]:
    """The settings that decide a result, as plain JSON values: operational fields are left out at every depth."""
    values: dict[str, Any] = {}
    for name, info in type(settings).model_fields.items():
        if not any(isinstance(mark, _Operational) for mark in info.metadata):
            values[name] = _plain(getattr(settings, name))
    return values


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return deciding(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        plain = [_plain(one) for one in value]
        return sorted(plain) if isinstance(value, set | frozenset) else plain
    return value
