"""Honest scores: any model on any benchmark, every item kept, and several models side by side.

`evaluate` asks one model one benchmark and writes its table and result; `compare` sets results side by side.
"""

from mmfinereason.evaluate.items import Benchmark, Item, LeftOut
from mmfinereason.evaluate.result import Result, load
from mmfinereason.evaluate.run import Overlaps, evaluate, models, results_folder

__all__ = ["Benchmark", "Item", "LeftOut", "Overlaps", "Result", "evaluate", "load", "models", "results_folder"]
