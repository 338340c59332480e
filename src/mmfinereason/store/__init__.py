"""Run folders, tables, shards, manifests and journals: everything that is kept."""

from .files import Folder
from .manifest import Manifest, Plan, ShardStats
from .run import Run
from .table import Reject, Table, write_parquet

__all__ = ["Folder", "Manifest", "Plan", "Reject", "Run", "ShardStats", "Table", "write_parquet"]
