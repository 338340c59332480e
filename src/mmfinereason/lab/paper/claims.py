"""The claims of the paper that a re-enactment looks at, each with its rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from mmfinereason.evaluate.statistics import Estimate
from mmfinereason.lab.paper.findings import (
    HARDLY,
    NEARLY,
    Comparison,
    Evidence,
    Finding,
    Outcome,
    above,
    below,
    decided,
)
from mmfinereason.lab.paper.recipe import ALONE, BREADTH, STEPS
from mmfinereason.recipe.ablate import UNTRAINED


def findings(evidence: Evidence, best: tuple[str, str] | None) -> list[Finding]:
    """Every claim with what this run says of it; `best` is the data and training that GSPO went on from."""
    return [
        *_less_is_more(evidence),
        _caption(evidence),
        *_resolution(evidence),
        _breadth(evidence),
        *_stages(evidence, best),
    ]


def _finding(
    claim: str,
    paper: str,
    rule: str,
    comparisons: Sequence[Comparison],
    decide: Callable[[Estimate], Outcome],
) -> Finding:
    return Finding(claim, paper, rule, tuple(comparisons), decided(comparisons, decide))


def _told_if_harmful(finding: Finding) -> Finding:
    """A change that was only to do no good, and did harm, held its claim for another reason."""
    return replace(finding, remark="It even costs accuracy here.") if _all_worse(finding.comparisons) else finding


def _all_worse(comparisons: Sequence[Comparison]) -> bool:
    return all(one.value is not None and one.value.high < 0 for one in comparisons)


def _less_is_more(evidence: Evidence) -> list[Finding]:
    paper = "The 123K rows of pass rate 0, 7 % of the data, train the 8B model to 73.3; all rows to 75.0 (Table 4)."
    return [
        _finding(
            "The hardest rows alone are nearly as good as all rows.",
            paper,
            f"With equal epochs, pass rate 0 is less than {100 * NEARLY:.0f} points below all rows.",
            [evidence.compare("zero/epochs", "full/epochs")],
            above(-NEARLY),
        ),
        _finding(
            "For equal work, the hardest rows are nearly as good as all rows.",
            paper,
            f"With equal optimizer steps, pass rate 0 is less than {100 * NEARLY:.0f} points below all rows.",
            [evidence.compare(f"zero/{STEPS}", f"full/{STEPS}")],
            above(-NEARLY),
        ),
        _finding(
            "Hard rows teach more than as many rows drawn at random.",
            "The paper selects by difficulty and does not report a random draw of the same size.",
            "Pass rate 0 is better than a random draw of its size, with equal epochs and with equal steps.",
            [evidence.compare(f"zero/{how}", f"random/{how}") for how in ("epochs", STEPS)],
            above(0),
        ),
        _finding(
            "Rows that the prober always gets right can be left out.",
            "The 586K rows whose pass rate is not 1 are the paper's second set.",
            f"Rows of pass rate below 1 are less than {100 * NEARLY:.0f} points below all rows, in both ways.",
            [evidence.compare(f"not-one/{how}", f"full/{how}") for how in ("epochs", STEPS)],
            above(-NEARLY),
        ),
    ]


def _caption(evidence: Evidence) -> Finding:
    finding = _finding(
        "A caption put before the trace adds almost nothing.",
        "Figure 8: with good traces, a caption before them hardly changes the average.",
        f"Captions before traces gain less than {100 * HARDLY:.0f} points with equal steps.",
        [evidence.compare(f"captions/{STEPS}", f"full/{STEPS}")],
        below(HARDLY),
    )
    return _told_if_harmful(finding)


def _resolution(evidence: Evidence) -> list[Finding]:
    higher = _finding(
        "A higher resolution than diagrams need hardly helps.",
        "Figure 8: above 768 x 768 pixels diagrams gain next to nothing; photographs do.",
        f"128 pixels a side gain less than {100 * HARDLY:.0f} points over 96.",
        [evidence.compare(f"fine/{STEPS}", f"full/{STEPS}")],
        below(HARDLY),
    )
    return [
        _told_if_harmful(higher),
        _finding(
            "A resolution below what diagrams need hurts.",
            "Figure 8 also has 256 x 256 pixels, below the knee.",
            f"64 pixels a side lose more than {100 * HARDLY:.0f} points against 96.",
            [evidence.compare(f"coarse/{STEPS}", f"full/{STEPS}")],
            below(-HARDLY),
        ),
    ]


def _breadth(evidence: Evidence) -> Finding:
    return _finding(
        "Breadth beats depth: no single sub-dataset trains as well as all together.",
        "Figure 9: single sub-datasets train to 66.4 to 73.6, broad ones best, geometry alone and puzzles alone worst.",
        "All sub-datasets together are better than each of them alone, with equal steps.",
        [evidence.compare(f"full/{BREADTH}", f"{name}/{BREADTH}") for name in ALONE],
        above(0),
    )


def _stages(evidence: Evidence, best: tuple[str, str] | None) -> list[Finding]:
    trained = "/".join(best) if best else f"full/{STEPS}"
    reinforced = f"{best[0]}/rl" if best else "full/rl"
    sft, rl = evidence.compare(trained, UNTRAINED), evidence.compare(reinforced, trained)
    paper = "8B: 67.6 before training, 75.0 after SFT, 75.7 after RL; on mathematics RL is unsteady (Table 4)."
    larger: Outcome = "not measured"
    if sft.value and rl.value:
        larger = (
            "held" if sft.value.low > rl.value.high else "did not hold" if sft.value.high < rl.value.low else "open"
        )
    return [
        _finding(
            "SFT on the traces teaches.",
            paper,
            "The best SFT, chosen on these very questions, is better than the model before it.",
            [sft],
            above(0),
        ),
        Finding(
            "SFT brings most of the gain.",
            paper,
            "The interval of SFT's gain lies wholly above that of GSPO's.",
            (sft, rl),
            larger,
        ),
        _finding(
            "RL still adds something.",
            paper,
            "GSPO is better than the SFT it starts from, which was chosen on these questions.",
            [rl],
            above(0),
        ),
    ]
