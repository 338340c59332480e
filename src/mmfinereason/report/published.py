"""What the paper says of the published datasets: its Tables 1 and 2 and the lengths in its section on composition.

Source: MMFineReason, arXiv 2601.21821. Values by source are in `paper_sources.py`.
"""

from __future__ import annotations

from mmfinereason.report.facts import Lengths
from mmfinereason.schema import NATURAL_CATEGORIES, STEM_CATEGORIES, Domain

LENGTHS = (
    Lengths("MMFineReason", "CoT", 1_770_926, 5_152_806_394, 2909.67, 2038, 2463.83, 239, 16316, 1321, 3569, 8207),
    Lengths("OpenMMReasoner", "CoT", 874_357, 590_096_263, 674.89, 180, 1477.53, 26, 16483, 102, 464, 3318),
    Lengths("HoneyBee", "CoT", 2_481_229, 2_636_405_079, 1062.54, 972, 428.00, 203, 7190, 745, 1298, 1931),
    Lengths("MMFineReason", "caption", 1_770_926, 1_079_313_259, 609.46, 582, 184.88, 1, 5187, 494, 688, 920),
    Lengths("HoneyBee", "caption", 1_439_921, 431_096_653, 299.39, 264, 157.99, 21, 2739, 201, 350, 598),
)
"""Table 1: token lengths with the Qwen3-VL tokenizer."""

DOMAIN_TOKENS = {
    Domain.PUZZLE.value: 4810,
    Domain.MATHEMATICS.value: 2950,
    Domain.SCIENCE.value: 2305,
    Domain.GENERAL.value: 1262,
}
"""Mean tokens of a trace, by domain."""

DOMAIN_SHARES = {
    Domain.MATHEMATICS.value: 0.794,
    Domain.SCIENCE.value: 0.138,
    Domain.PUZZLE.value: 0.046,
    Domain.GENERAL.value: 0.022,
}
"""Shares of the 1.8M (Figure 4)."""

_STEM = (869_959, 332_375, 107_276, 100_941, 76_683, 66_715, 57_569, 35_197, 34_386, 17_805, 10_963, 9_587, 9_421,
         6_718, 3_735)  # fmt: skip
_NATURAL = (5_307, 4_772, 3_789, 3_659, 2_900, 2_125, 1_969, 1_835, 1_460, 1_125, 325, 68)

CATEGORIES = dict(zip(STEM_CATEGORIES + NATURAL_CATEGORIES, _STEM + _NATURAL, strict=True))
"""Table 2: images by category; the order is that of `schema`."""
