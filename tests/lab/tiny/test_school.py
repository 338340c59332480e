"""A model can be built and taught here and now; needs the extra `train`."""

import json
from pathlib import Path

import pytest

from mmfinereason.lab.tiny.curriculum import BEFORE

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def taught(tmp_path_factory):
    pytest.importorskip("torch", reason="needs the extra `train`: make test-train")
    from mmfinereason.lab.tiny.curriculum import SHORT, train

    folder = tmp_path_factory.mktemp("taught")
    return train(folder, SHORT, seed=3)


def weights(folder):
    return (Path(folder) / "model.safetensors").read_bytes()


def test_every_term_leaves_a_model_and_the_loss_falls(taught):
    assert list(taught) == ["tiny-base", "tiny-prober", "tiny-teacher"]
    folder = taught["tiny-base"].parent
    losses = {name: json.loads((folder / name / "taught.json").read_text())["loss"] for name in BEFORE}
    assert losses["seeing"] < 5 and losses["tiny-teacher"] < losses["tiny-prober"]


def test_the_same_seed_gives_the_same_models_and_another_gives_others(taught, tmp_path):
    from mmfinereason.lab.tiny.curriculum import SHORT, train

    again, other = train(tmp_path / "again", SHORT, seed=3), train(tmp_path / "other", SHORT, seed=4)
    assert weights(again["tiny-teacher"]) == weights(taught["tiny-teacher"]) != weights(other["tiny-teacher"])


def test_what_is_there_is_not_taught_again(taught, monkeypatch):
    from mmfinereason.lab.tiny import curriculum, school

    monkeypatch.setattr(school, "_batches", lambda *_: pytest.fail("taught again"))
    folder = taught["tiny-base"].parent
    assert curriculum.train(folder, curriculum.SHORT, seed=3) == taught
