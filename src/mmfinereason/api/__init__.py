"""What the command line does, as typed functions that neither print nor exit; `mmfinereason` itself offers them all.

Commands that take a recipe are in `jobs`, commands that look at a finished or unfinished run in `runs`, models on
benchmarks in `scores`. They only join what other modules do.
"""
