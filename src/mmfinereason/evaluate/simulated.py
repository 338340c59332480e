"""Lab servers for an evaluation: they know the benchmark's items, so any benchmark can be tried without a model."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mmfinereason.evaluate.items import Benchmark, Item, lettered
from mmfinereason.lab.launch import start
from mmfinereason.lab.roles import CONCURRENCY
from mmfinereason.recipe.lab import LabOptions
from mmfinereason.recipe.models import LabSettings, RoleSettings

_KNOWN = pa.schema(
    [
        ("id", pa.string()),
        ("question", pa.string()),
        ("answer", pa.string()),
        ("options", pa.list_(pa.string())),
        ("image_sha256", pa.string()),
        ("image_phash", pa.string()),
        ("extra", pa.string()),
    ]
)
"""The columns of a samples table by which the lab server knows rows."""


@contextmanager
def served(roles: Mapping[str, RoleSettings], benchmark: Benchmark) -> Iterator[dict[str, RoleSettings]]:
    """The roles with every lab role served by a running server that knows the benchmark."""
    with ExitStack() as stack:
        if not any(role.lab for role in roles.values()):
            yield dict(roles)
            return
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        known = folder / "known.parquet"
        _write_known(benchmark, known)
        servers = _Servers(stack, known)
        yield {name: servers.role(role) for name, role in roles.items()}


@dataclass
class _Servers:
    """Running lab servers; roles that ask for the same one share it."""

    stack: ExitStack
    known: Path
    urls: dict[str, str] = field(default_factory=dict)

    def role(self, role: RoleSettings) -> RoleSettings:
        if role.lab is None:
            return role
        kind = role.lab.model_dump_json()
        if kind not in self.urls:
            rows = role.lab.file if role.lab.mode == "replay" else self.known
            server = self.stack.enter_context(start(role.lab.mode, [rows] if rows else [], _options(role.lab)))
            self.urls[kind] = server.url
        return role.at(self.urls[kind], CONCURRENCY)


def _options(lab: LabSettings) -> LabOptions:
    return LabOptions.model_validate(lab.model_dump(exclude={"mode", "file"}))


def _write_known(benchmark: Benchmark, path: Path) -> None:
    from mmfinereason.lab.knowledge import hash_image

    rows = [
        {
            "id": item.id,
            "question": item.question if item.listed else f"{item.question}\n{lettered(item.options)}".rstrip(),
            "answer": item.reference,
            "options": list(item.options),
            "image_sha256": hashlib.sha256(item.image).hexdigest(),
            "image_phash": hash_image(item.image),
            "extra": item.extra,
        }
        for item in benchmark.items()
        if isinstance(item, Item)
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=_KNOWN), path)
