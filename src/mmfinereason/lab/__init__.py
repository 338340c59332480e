"""The embedded default: puzzles with exact answers, and a model server that needs no network and no GPU."""
