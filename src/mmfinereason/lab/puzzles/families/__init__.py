"""The families of puzzles, one module a subject."""
