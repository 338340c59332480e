"""Ablations: data variants x training settings x seeds, each trained and evaluated, and what they say together.

`ablate` works off the grid of a recipe; `read_cells` reads back what is there, and `arms` puts cells together over
their seeds, with every question's outcome under every seed for paired statistics.
"""

from mmfinereason.ablate.arms import Arm, Outcomes, arms, mean_difference
from mmfinereason.ablate.cells import Cell, Score, read_cells
from mmfinereason.ablate.run import ablate

__all__ = ["Arm", "Cell", "Outcomes", "Score", "ablate", "arms", "mean_difference", "read_cells"]
