"""The small world: puzzles on three by three cells that a model of a million parameters can learn to solve.

What stands in a scene is said row by row and cell by cell in few words. The steps are a plan, the work with its running
results, and a check by another way.
"""
