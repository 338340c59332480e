"""The recipe: every setting of a run, validated before anything starts."""
