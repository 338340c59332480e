"""Training on a run's exports. Kept empty: a cluster's workers import `mmfinereason.train.reward` and nothing else."""
