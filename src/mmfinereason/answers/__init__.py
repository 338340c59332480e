"""Is it right? Decides whether two answers agree, and finds the answer in a reply.

Pure: no network, no pyarrow, light enough to import as a cluster's reward function. `agree` says *equal* only when it
is sure, *different* only when it understood both sides, and *undecided* otherwise; a judge model takes over from there.
`METHODS` is the closed list of ways in which a verdict is reached.
"""

from mmfinereason.answers.cascade import agree
from mmfinereason.answers.extract import Extracted, extract_answer, extract_reference
from mmfinereason.answers.options import parse_options
from mmfinereason.answers.symbolic import SymbolicWorker
from mmfinereason.answers.verdict import METHODS, Outcome, Tolerance, Verdict

__all__ = [
    "METHODS",
    "Extracted",
    "Outcome",
    "SymbolicWorker",
    "Tolerance",
    "Verdict",
    "agree",
    "extract_answer",
    "extract_reference",
    "parse_options",
]
