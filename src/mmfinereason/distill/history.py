"""What was redone in a finished traces table, and with which settings: part of the plan of the table from then on.

A redo asks again for some traces with other settings and leaves the rest, so no single recipe describes the table any
more. The list kept here does; tables made from the traces see a new fingerprint and are made anew.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

import orjson

from mmfinereason.store import Plan, Table

_FILE = "redone.json"


@dataclass(frozen=True, slots=True)
class Redo:
    """One redo."""

    classes: tuple[str, ...]
    settings: dict[str, Any]
    """What traces were asked for with."""
    finished: bool = False


def history(table: Table) -> list[Redo]:
    """All redos of a table, oldest first; the last may be unfinished."""
    path = f"{table.name}/{_FILE}"
    if not table.folder.exists(path):
        return []
    return [
        Redo(tuple(one["classes"]), one["settings"], one["finished"]) for one in orjson.loads(table.folder.read(path))
    ]


def remember(table: Table, redos: list[Redo]) -> None:
    table.folder.write(f"{table.name}/{_FILE}", orjson.dumps([asdict(one) for one in redos]))


def redone(table: Table, plan: Plan) -> Plan:
    """The plan of a table, with what was redone in it."""
    return amended(plan, history(table))


def amended(plan: Plan, redos: list[Redo]) -> Plan:
    """A plan with redos in it."""
    if not redos:
        return plan
    done = [{"classes": list(one.classes), "settings": one.settings} for one in redos]
    return replace(plan, settings=plan.settings | {"redone": done})
