"""Text rules: always on, deterministic, each edit recorded by name."""

from mmfinereason.collect.text.clean import RULES, CleanAnswer, CleanText, clean_answer, clean_question
from mmfinereason.collect.text.marker import IMAGE_MARKER, without_marker

__all__ = ["IMAGE_MARKER", "RULES", "CleanAnswer", "CleanText", "clean_answer", "clean_question", "without_marker"]
