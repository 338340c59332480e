import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mmfinereason.errors import TrainError
from mmfinereason.recipe.train import HardwareSettings
from mmfinereason.train.batches import activation_bytes, fitting, split, state_bytes
from mmfinereason.train.shape import PAPER_MODELS, shape_of

SIZES = st.integers(1, 2048)


@given(SIZES, st.integers(1, 512), st.integers(1, 64))
def test_the_global_batch_is_exact_or_refused(batch, devices, most):
    if batch % devices:
        with pytest.raises(TrainError, match=f"global batch of {batch} cannot be split equally over {devices} GPUs"):
            split(batch, devices, most)
        return
    one = split(batch, devices, most)
    assert one.devices * one.per_device * one.accumulation == batch
    assert 1 <= one.per_device <= most


@given(SIZES, st.integers(1, 512))
def test_the_advice_of_a_refusal_works(batch, devices):
    assume(batch % devices)
    with pytest.raises(TrainError) as refusal:
        split(batch, devices, 8)
    fewer, more = (int(word) for word in refusal.value.next_step.replace(",", "").split() if word.isdigit())
    assert split(batch, fewer, 8) and split(more, devices, 8)


@given(st.floats(1e9, 1e11), st.floats(1e6, 1e11), st.floats(1, 1000))
def test_what_is_said_to_fit_fits(state, activations, memory):
    hardware = HardwareSettings(memory_gb=memory)
    try:
        count = fitting(hardware, state, activations, "")
    except TrainError:
        assert state + activations > 0.899 * memory * 1e9
    else:
        assert state + count * activations <= memory * 1e9


@pytest.mark.parametrize("name", ["2B", "4B", "8B"])
def test_the_paper_models_fit_on_its_eight_gpus_at_full_length(name):
    shape = shape_of(f"Qwen/Qwen3-VL-{name}-Instruct")
    state = state_bytes(shape, 8, zero=2)
    assert fitting(HardwareSettings(), state, activation_bytes(shape, 32_768, fused_loss=True), "") >= 1


def test_zero_three_and_adapters_need_less():
    shape = PAPER_MODELS["Qwen3-VL-8B"]
    assert state_bytes(shape, 8, zero=3) < state_bytes(shape, 8, zero=2) < state_bytes(shape, 1, zero=2)
    assert state_bytes(shape, 8, zero=2, trained=0.01) < state_bytes(shape, 8, zero=2)


def test_a_shape_is_read_from_a_checkpoint(tmp_path):
    text = {"hidden_size": 2560, "num_hidden_layers": 36, "intermediate_size": 9728, "vocab_size": 151_936}
    text |= {"num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128}
    config = {"text_config": text, "vision_config": {"depth": 24, "hidden_size": 1024}, "tie_word_embeddings": True}
    (tmp_path / "config.json").write_text(json.dumps(config))
    read, known = shape_of(str(tmp_path)), PAPER_MODELS["Qwen3-VL-4B"]
    assert (read.hidden, read.layers, read.intermediate, read.vocabulary) == (2560, 36, 9728, 151_936)
    assert read.parameters == pytest.approx(known.parameters, rel=0.05)


def test_an_unknown_model_has_no_shape(tmp_path):
    assert shape_of("someone/else") is None
    (tmp_path / "config.json").write_text("{}")
    assert shape_of(str(tmp_path)) is None
