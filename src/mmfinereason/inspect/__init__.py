"""Looks into a run: the whole life of one row, and what changed between two runs."""

from mmfinereason.inspect.diff import Change, Diff, diff
from mmfinereason.inspect.explain import explain
from mmfinereason.inspect.find import find
from mmfinereason.inspect.life import Life, Section
from mmfinereason.inspect.suspects import Suspect, suspects

__all__ = ["Change", "Diff", "Life", "Section", "Suspect", "diff", "explain", "find", "suspects"]
