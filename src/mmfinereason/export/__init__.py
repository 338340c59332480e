"""Files that trainers and the hub take, every row of them checked against the reader's own rules."""

from .rows import ExportRow, export_rows
from .stage import Export, export

__all__ = ["Export", "ExportRow", "export", "export_rows"]
