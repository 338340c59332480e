"""Scores that the paper published: its Table 3, and what is known of the size and training data of the models.

Source: arXiv 2601.21821, Tables 1, 3 and 5 and section 4; accuracies in %.
"""

from __future__ import annotations

from dataclasses import dataclass

MODELS = (
    "Gemini-2.5-Flash", "GPT5-mini-High", "Q3VL-8B-T", "Q3VL-30B-A3B-T", "Q3VL-32B-T", "MMR1-8B", "HoneyBee-8B",
    "OMR-7B", "MFR-2B", "MFR-4B", "MFR-8B",
)  # fmt: skip
"""The columns of Table 3. Q3VL: Qwen3-VL Thinking; OMR: OpenMMReasoner; MFR: MMFineReason."""

TABLE_3: dict[str, tuple[float, ...]] = {
    "MMMU": (77.7, 79.0, 74.1, 76.0, 78.1, 62.8, 63.1, 57.8, 54.8, 69.6, 71.3),
    "MathVista": (79.4, 79.1, 81.4, 81.9, 85.9, 75.3, 71.9, 79.5, 74.6, 82.2, 81.7),
    "MathVision": (64.3, 71.9, 62.7, 65.7, 70.2, 48.4, 37.4, 43.6, 45.3, 61.3, 67.1),
    "MathVerse": (77.7, 78.8, 77.7, 79.6, 82.6, 67.3, 60.9, 63.8, 69.2, 78.7, 81.5),
    "DynaMath": (75.9, 81.4, 73.2, 80.1, 82.0, 73.6, 69.4, 69.1, 71.4, 80.6, 83.4),
    "LogicVista": (67.3, 71.4, 65.1, 65.8, 70.9, 54.6, 47.8, 50.0, 53.8, 67.6, 68.5),
    "VisuLogic": (31.0, 27.2, 27.5, 26.6, 32.4, 25.4, 25.9, 24.4, 28.3, 29.8, 30.5),
    "ScienceQA": (97.1, 96.9, 94.8, 96.4, 97.2, 95.4, 95.2, 96.8, 94.4, 95.8, 97.5),
    "RealWorldQA": (76.0, 79.0, 73.5, 77.4, 78.4, 71.0, 70.5, 69.4, 68.2, 74.9, 75.6),
    "MMBench-EN": (87.0, 86.6, 85.3, 87.0, 89.5, 86.9, 87.4, 85.9, 84.5, 88.7, 88.9),
    "MMStar": (76.5, 74.1, 75.3, 75.5, 79.4, 69.3, 73.3, 69.0, 67.7, 72.8, 75.2),
    "AI2D": (88.7, 88.2, 84.9, 86.9, 88.9, 83.4, 86.0, 85.0, 82.5, 86.5, 87.9),
    "CharXiv reas.": (61.7, 68.6, 53.0, 56.6, 65.2, 48.8, 47.4, 46.1, 45.4, 58.1, 60.0),
    "CharXiv desc.": (90.1, 89.4, 85.9, 86.9, 90.2, 81.5, 75.8, 73.5, 74.3, 87.7, 90.8),
}
"""Rows of Table 3 in its order; `Benchmark.paper` names a row."""


@dataclass(frozen=True, slots=True)
class Trained:
    """A model whose training data has a known size."""

    parameters: float  # billions
    samples: int


TRAINED: dict[str, Trained] = {
    "MMR1-8B": Trained(8, 1_500_000),
    "HoneyBee-8B": Trained(8, 2_481_229),
    "OMR-7B": Trained(7, 874_357),
    "MFR-2B": Trained(2, 1_770_926),
    "MFR-4B": Trained(4, 1_770_926),
    "MFR-8B": Trained(8, 1_770_926),
}
"""For the picture: rows of training data by Table 1 and Figure 9."""


def score(model: str, row: str | None) -> float | None:
    """A published accuracy in %; None for a benchmark that is not in the table."""
    return TABLE_3[row][MODELS.index(model)] if row in TABLE_3 else None
