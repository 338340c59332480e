"""A tiny model, and one that has learnt a little, made once for all tests."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1])]


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    torch = pytest.importorskip("torch", reason="needs the extra `train`: make test-train")
    torch.set_num_threads(1)
    from tiny_model import build_tiny_qwen3vl

    return build_tiny_qwen3vl(tmp_path_factory.mktemp("tiny"))


LEARNING = {
    "global_batch": 8,
    "max_steps": 50,
    "learning_rate": 3e-3,
    "freeze_vision": False,
    "freeze_projector": False,
}


def short(puzzle):
    return f"<think>\nI count {puzzle.answer}.\n</think>\n\n<answer>{puzzle.answer}</answer>"


@pytest.fixture(scope="session")
def learnt(tiny, tmp_path_factory):
    """The result and the context of a short SFT on dots: the form is learnt, the counting only guessed."""
    from dots import dots
    from runs import make_run, sft_row

    from mmfinereason.train.local import sft

    folder = tmp_path_factory.mktemp("learnt")
    train = {"sft": {"model": str(tiny), **LEARNING}, "local": {"threads": 1, "micro_batch": 8}}
    rows = [sft_row(one, target=short(one)) for one in dots(200, most=2)]
    context = make_run(folder, train, sft=rows)
    return context, sft(context)
