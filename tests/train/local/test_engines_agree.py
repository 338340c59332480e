"""The engine that needs no torch says what transformers says: the same logits, the same greedy replies."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmfinereason.lab.engines.base import Sampling, Wanted
from mmfinereason.lab.engines.numpy_engine.engine import NumpyEngine
from mmfinereason.lab.engines.numpy_engine.text import Cache

pytestmark = pytest.mark.train

SHAPES = {
    "tied": {},
    "untied": {"tie_word_embeddings": False},
    "patch 8": {"vision": {"patch_size": 8, "num_position_embeddings": 144}},
    "no groups": {"text": {"num_key_value_heads": 4, "num_hidden_layers": 2}},
    "deeper": {
        "text": {"num_hidden_layers": 4, "rms_norm_eps": 1e-5},
        "vision": {"depth": 3, "deepstack_visual_indexes": [0, 2], "num_heads": 2},
    },
    "wide heads": {
        "text": {
            "head_dim": 64,
            "rope_parameters": {"rope_type": "default", "rope_theta": 5e6, "mrope_section": [12, 10, 10]},
        }
    },
    "bf16": {"dtype": "bfloat16"},
}


@pytest.fixture(scope="module", params=SHAPES)
def folder(request, tiny, tmp_path_factory):
    return vary(tiny, tmp_path_factory.mktemp("shape"), SHAPES[request.param])


def vary(tiny: Path, folder: Path, change: dict) -> Path:
    """A checkpoint of another shape; its weights lie far enough apart for every part to matter."""
    import torch
    from transformers import Qwen3VLConfig, Qwen3VLForConditionalGeneration

    shutil.copytree(tiny, folder, dirs_exist_ok=True)
    config = json.loads((tiny / "config.json").read_text())
    config["text_config"] |= change.get("text", {})
    config["vision_config"] |= change.get("vision", {})
    config["tie_word_embeddings"] = change.get("tie_word_embeddings", True)
    torch.manual_seed(3)
    model = Qwen3VLForConditionalGeneration(Qwen3VLConfig(**config))
    with torch.no_grad():
        for weight in model.parameters():
            weight += torch.randn_like(weight) * 0.05
    model.generation_config.eos_token_id = None
    model.to(getattr(torch, change.get("dtype", "float32"))).save_pretrained(folder)
    reader = json.loads((folder / "preprocessor_config.json").read_text())
    reader["patch_size"] = config["vision_config"]["patch_size"]
    (folder / "preprocessor_config.json").write_text(json.dumps(reader))
    return folder


def picture(width, height):
    pixels = np.random.default_rng(width).integers(0, 255, (height // 8 + 1, width // 8 + 1, 3), dtype=np.uint8)
    return Image.fromarray(pixels).resize((width, height))


def want(text, *images, **sampling):
    parts = [{"type": "image"} for _ in images] + [{"type": "text", "text": text}]
    return Wanted([{"role": "user", "content": parts}], images, Sampling(temperature=0, **sampling))


BATCH = [
    want("How many red dots are there?", picture(96, 96), max_tokens=24),
    want("No picture, but digits 1234 and é ½ 你好.\n\n  It's <think> so", max_tokens=16),
    want("Which of the two is larger?", picture(64, 130), picture(200, 33), max_tokens=24),
    want("A big one.", picture(500, 400), max_tokens=12, repetition_penalty=1.2),
    want("Tiny", picture(20, 30), max_tokens=30),
]


@pytest.fixture(scope="module")
def both(folder):
    from mmfinereason.lab.engines.transformers_engine.engine import TransformersEngine

    return NumpyEngine(folder), TransformersEngine(folder, "cpu")


def test_prompts_and_their_lengths_are_the_same(both):
    ours, theirs = both
    for one in BATCH:
        assert ours.prompt(one) == theirs.prompt(one)
        assert ours.length(one) == theirs.length(one)
        ids = theirs._inputs([one])["input_ids"][0].tolist()
        assert ours._prompts.prompt(one).ids.tolist() == ids


def test_images_are_read_as_transformers_reads_them(both):
    ours, theirs = both
    for one in (picture(96, 96), picture(200, 33), picture(1000, 900)):
        expected = theirs._processor.image_processor([one], return_tensors="np")
        count, (_, *grid) = len(expected["pixel_values"]), expected["image_grid_thw"][0]
        frames = expected["pixel_values"].reshape(count, 3, 2, -1)
        assert ours._model.reader.grid(one) == tuple(grid)
        assert np.abs(ours._model.reader.patches(one) - frames[:, :, 0].reshape(count, -1)).max() < 1e-6


def test_logits_agree(both):
    import torch

    ours, theirs = both
    with torch.inference_mode():
        expected = theirs._model(**theirs._inputs(BATCH)).logits.float().numpy()
    prompts = [ours._prompts.prompt(one) for one in BATCH]
    hidden = ours._model.hidden(prompts, Cache(ours._model.config.text))
    for row, prompt in enumerate(prompts):
        count = len(prompt.ids)
        assert np.abs(ours._model.text.logits(hidden[row, :count]) - expected[row, -count:]).max() < 1e-4
    assert expected.std() > 0.5


def test_greedy_replies_are_the_same(both):
    ours, theirs = both
    replies = dict(ours.write(BATCH))
    assert replies == dict(theirs.write(BATCH))
    assert len({one.text for one in replies.values()}) >= 3
