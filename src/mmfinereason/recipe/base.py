"""What all settings have in common: frozen, and an unknown key is an error."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Settings(BaseModel):
    """One strict model a stage. Every field is documented where it is declared with `Field(description=...)`."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
