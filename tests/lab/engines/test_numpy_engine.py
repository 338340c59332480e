"""The engine that needs no torch: what it writes depends on what is asked, and on nothing else."""

import importlib.util
import json
import shutil

import numpy as np
import pytest

from mmfinereason.errors import TrainError
from mmfinereason.lab import engines
from mmfinereason.lab.engines.base import Sampling
from mmfinereason.lab.engines.numpy_engine import weights
from mmfinereason.lab.engines.numpy_engine.engine import NumpyEngine
from mmfinereason.lab.engines.numpy_engine.sampling import Dice, draw


@pytest.fixture(scope="module")
def engine(checkpoint):
    return NumpyEngine(checkpoint)


def write(engine, *wanted, **options):
    done = dict(engine.write(wanted, **options))
    return [done[number] for number in sorted(done)]


def test_a_greedy_reply_is_the_same_again_and_anew(engine, checkpoint, want, picture):
    asked = want("how many dots", picture(), temperature=0, max_tokens=20)
    assert write(engine, asked) == write(engine, asked) == write(NumpyEngine(checkpoint), asked)


def test_a_seeded_reply_is_the_same_alone_and_in_company(engine, want, picture):
    asked = [
        want("red" * (n % 5), *[picture(24 + 8 * n, 40, n)] * (n % 3), seed=n, max_tokens=5 + 3 * n, top_p=0.9)
        for n in range(12)
    ]
    together = write(engine, *asked)
    assert together == [write(engine, one)[0] for one in asked]
    assert len({one.text for one in together}) == 12


def test_a_reply_that_joins_later_is_the_same(engine, want, picture):
    asked = [want("dots", picture(), seed=n, max_tokens=10 + n) for n in range(6)]
    coming = [[one] for one in asked[1:]]
    seen = []

    def later(busy):
        seen.append(busy)
        return coming.pop() if coming and len(seen) % 2 else []

    done = dict(engine.write(asked[:1], later))
    assert [done[0], *(done[number] for number in range(5, 0, -1))] == write(engine, *asked)
    assert max(seen) > 2


def test_replies_come_when_they_are_done(engine, want):
    asked = [want("dots", temperature=0, max_tokens=limit) for limit in (9, 2, 5)]
    assert [number for number, _ in engine.write(asked)] == [1, 2, 0]


def test_replies_without_a_seed_differ(engine, want):
    first, second = write(engine, *[want("dots", max_tokens=20)] * 2)
    assert first.text != second.text


def test_the_picture_shows_in_the_reply(engine, want, picture):
    replies = write(engine, *(want("dots", picture(seed=n), temperature=0, max_tokens=12) for n in range(6)))
    assert len({one.text for one in replies}) > 1


def test_the_limit_cuts_a_reply_off(engine, want):
    (reply,) = write(engine, want("dots", temperature=0, max_tokens=3))
    assert reply.tokens == 3 and reply.cut_off


def test_prompt_and_reply_together_fit_the_context(engine, want):
    asked = want("d" * 200, seed=1, top_k=5)
    (reply,) = write(engine, asked)
    assert reply.prompt_tokens == engine.length(asked) < engine.context
    assert reply.tokens <= engine.context - reply.prompt_tokens


def test_a_long_prompt_is_read_as_one_in_pieces(engine, want, monkeypatch):
    from mmfinereason.lab.engines.numpy_engine import model

    asked = want("how many dots are red " * 4, temperature=0, max_tokens=8)
    whole = write(engine, asked)
    monkeypatch.setattr(model, "STRETCH", 7)
    engine._model._reads = model.Kept(model.KEPT)
    assert write(engine, asked) == whole


def test_an_end_token_ends_the_reply_and_is_not_said(engine, want, monkeypatch):
    asked = want("dots", temperature=0, max_tokens=9)
    (whole,) = write(engine, asked)
    ids = engine._prompts.ids(whole.text)
    monkeypatch.setattr(engine._prompts, "ends", frozenset({ids[0]}))
    (reply,) = write(engine, asked)
    assert (reply.text, reply.tokens, reply.cut_off) == ("", 1, False)


def test_lengths_count_the_tokens_of_images(engine, want, picture):
    with_image = want("dots", picture(64, 32), temperature=0, max_tokens=1)
    assert engine.length(with_image) == engine.length(want("dots")) + 2 + 4 * 2  # begin and end, 16 pixels a token
    assert write(engine, with_image)[0].prompt_tokens == engine.length(with_image)


def test_a_place_too_many_for_an_image_is_refused(engine, want):
    with pytest.raises(ValueError, match="1 places for 0 images"):
        write(engine, want("see <|image_pad|>"))


def test_an_image_that_is_a_line_is_refused(engine, want, picture):
    with pytest.raises(ValueError, match="times as long as wide"):
        engine.length(want("dots", picture(1000, 2)))


def test_16_bits_are_read_exactly(checkpoint):
    read = weights.read(checkpoint)["model.language_model.norm.weight"]
    assert read.dtype == np.float32 and np.all(read.view(np.uint32) & 0xFFFF == 0) and 0.5 < read.mean() < 1.5


def test_draws_follow_the_models_probabilities():
    def shares(**options):
        scores = np.tile(np.log(np.array([0.5, 0.3, 0.15, 0.05], np.float32)), (4000, 1))
        dice = [Dice(Sampling(seed=number, **options), np.array([0]), 4) for number in range(4000)]
        return np.bincount(draw(scores, dice), minlength=4) / 4000

    assert shares() == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.03)
    assert shares(top_p=0.7) == pytest.approx([0.625, 0.375, 0, 0], abs=0.03)
    assert shares(top_k=3) == pytest.approx([0.526, 0.316, 0.158, 0], abs=0.03)
    assert shares(temperature=0)[0] == 1


def test_the_penalty_divides_what_is_positive_and_multiplies_the_rest():
    scores = np.array([[1.2, -1.0, 1.0, -1.2]], np.float32)
    dice = [Dice(Sampling(temperature=0, repetition_penalty=1.3), np.array([0, 1]), 4)]
    assert draw(scores, dice).tolist() == [2]
    assert draw(np.array([[1.2, -1.0, 1.0, -1.2]], np.float32), dice).tolist() == [0]  # now 2 was used as well


@pytest.mark.parametrize(
    ("part", "change", "said"),
    [
        ("text_config", {"hidden_act": "relu"}, "activation 'relu'"),
        ("text_config", {"rope_parameters": {"rope_type": "yarn"}}, "rotary type 'yarn'"),
    ],
)
def test_what_is_not_computed_is_refused_by_name(checkpoint, tmp_path, part, change, said):
    folder = tmp_path / "other"
    shutil.copytree(checkpoint, folder)
    config = json.loads((folder / "config.json").read_text())
    config[part] |= change
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(TrainError, match=said):
        NumpyEngine(folder)


def test_small_dense_models_are_run_by_numpy(checkpoint, monkeypatch):
    assert engines.chosen(checkpoint, "cpu") == "numpy"
    if importlib.util.find_spec("torch"):
        monkeypatch.setattr(engines, "SMALL", 1000)
        assert engines.chosen(checkpoint, "cpu") == "transformers"
