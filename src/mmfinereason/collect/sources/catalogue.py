"""The known sources, made from `catalogue.yaml` when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from mmfinereason.collect.sources.base import Map, Source
from mmfinereason.collect.sources.columns import by_columns
from mmfinereason.collect.sources.conversations import by_conversation
from mmfinereason.collect.sources.gameqa import map_gameqa
from mmfinereason.collect.sources.marks import MARKS, Mark
from mmfinereason.collect.sources.mmfinereason import by_published_rows
from mmfinereason.collect.sources.mmk12 import map_mmk12
from mmfinereason.collect.sources.puzzlevqa import map_puzzlevqa
from mmfinereason.collect.sources.visualsphinx import map_visualsphinx
from mmfinereason.collect.sources.zebra_cot import map_zebra_cot
from mmfinereason.recipe.sources import Columns
from mmfinereason.schema import Domain


@cache
def catalogue() -> dict[str, Source]:
    """All known sources by name."""
    text = files(__package__).joinpath("catalogue.yaml").read_text(encoding="utf-8")
    made = [_known(facts) for facts in yaml.safe_load(text)]
    return {known.name: known for known in made}


def find(name: str) -> Source | None:
    """The known source of this name or alias, whatever its case."""
    every = {alias.casefold(): known for known in catalogue().values() for alias in (known.name, *known.aliases)}
    return every.get(name.casefold())


def _known(facts: dict[str, Any]) -> Source:
    """A source from its catalogue entry."""
    return Source(
        map=LAYOUTS[facts.pop("layout")](facts),
        domain=Domain(facts.pop("domain")),
        hub_id=facts.pop("hub", None),
        aliases=tuple(facts.pop("aliases", ())),
        names=tuple(facts.pop("names", ())),
        **facts,
    )


def _mark(facts: dict[str, Any]) -> Mark | None:
    name = facts.pop("mark", None)
    return MARKS[name] if name else None


def _columns_layout(facts: dict[str, Any]) -> Map:
    return by_columns(Columns(**facts.pop("columns")), _mark(facts), open_unmarked=facts.pop("open_unmarked", False))


def _conversation_layout(facts: dict[str, Any]) -> Map:
    extra = tuple(facts.pop("extra", ()))
    return by_conversation(_mark(facts), open_unmarked=facts.pop("open_unmarked", False), extra=extra)


LAYOUTS: dict[str, Callable[[dict[str, Any]], Map]] = {
    "columns": _columns_layout,
    "conversation": _conversation_layout,
    "gameqa": lambda facts: map_gameqa,
    "mmk12": lambda facts: map_mmk12,
    "mmfinereason": lambda facts: by_published_rows(find),
    "puzzlevqa": lambda facts: map_puzzlevqa,
    "visualsphinx": lambda facts: map_visualsphinx,
    "zebra_cot": lambda facts: map_zebra_cot,
}
"""How a layout is made from its catalogue entry; each takes out of the entry what is its own."""
