"""Run folders, tables, shards, manifests and journals: everything that is kept."""

from .files import Folder
from .manifest import Manifest, Plan, ShardStats
from .overview import StageStatus, overview
from .run import Run
from .table import Reject, Table, write_parquet

__all__ = [
    "Folder",
    "Manifest",
    "Plan",
    "Reject",
    "Run",
    "ShardStats",
    "StageStatus",
    "Table",
    "overview",
    "write_parquet",
]
