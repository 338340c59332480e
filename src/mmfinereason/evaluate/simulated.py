"""Lab servers for an evaluation: simulated ones know its items, so any benchmark can be tried without a model."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from mmfinereason.evaluate.items import Benchmark, Item, lettered
from mmfinereason.lab.roles import Servers
from mmfinereason.recipe.models import RoleSettings

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
        servers = Servers(stack)
        if any(role.made_up for role in roles.values()):
            known = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "known.parquet"
            _write_known(benchmark, known)
            servers.known = str(known)
        yield {name: servers.role(role) for name, role in roles.items()}


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
