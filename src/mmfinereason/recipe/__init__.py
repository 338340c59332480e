"""The recipe: every setting of a run, validated before anything starts."""

from .base import Operational, Settings, deciding
from .load import dump, dump_deciding, load, parse
from .root import Recipe

__all__ = ["Operational", "Recipe", "Settings", "deciding", "dump", "dump_deciding", "load", "parse"]
