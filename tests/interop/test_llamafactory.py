"""LLaMA-Factory itself reads our export and our YAML, and trains a tiny Qwen3-VL for two steps on the CPU."""

import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml
from PIL import Image

from mmfinereason.export.tokens import row_tokens
from mmfinereason.recipe import load
from mmfinereason.train import check

from .conftest import environment

pytestmark = pytest.mark.interop


@pytest.fixture(scope="module")
def trained(mmfr, recipe):
    done = mmfr("sft", "llamafactory")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return Path(load(recipe).run_url) / "train" / "llamafactory-sft"


def test_it_trains_two_steps_with_packing_and_a_frozen_vision_tower(trained, ask, recipe):
    settings = yaml.safe_load((trained / "sft.yaml").read_text())
    assert settings["packing"] and settings["freeze_vision_tower"] and settings["template"] == "qwen3_vl"
    state = json.loads((trained / "output" / "trainer_state.json").read_text())
    losses = [entry["loss"] for entry in state["log_history"] if "loss" in entry]
    assert state["global_step"] == 2
    sequences = state["global_step"] * settings["gradient_accumulation_steps"] / state["epoch"]
    assert sequences < 28 / 2, "packs of several rows"
    assert len(losses) == 2 and all(0 < loss < 20 for loss in losses)
    assert ask("weights.py", load(recipe).train.sft.model, trained / "output") == ["language"]


def test_it_reads_every_row_whole_and_learns_the_trace_and_nothing_else(trained, ask, recipe):
    run = Path(load(recipe).run_url)
    exported = pq.read_table(run / "exports" / "llamafactory" / "sft").to_pylist()
    read = ask("llamafactory_rows.py", trained / "sft.yaml")
    assert len(read) == len(exported) > 10
    assert {row["images"] for row in read} == {1}
    lengths = {row["learnt"].removesuffix("<|im_end|>\n"): row["tokens"] for row in read}
    assert lengths.keys() == {row["conversations"][1]["value"] for row in exported}
    for row in exported:
        read_length = lengths[row["conversations"][1]["value"]]
        # the export allows 24 tokens for the template; the tiny tokenizer needs a few more for its words
        assert abs(counted(row, load(recipe)) - read_length) <= 8


def counted(row, recipe):
    prompt, target = (turn["value"].removeprefix("<image>") for turn in row["conversations"])
    with Image.open(io.BytesIO(row["images"][0]["bytes"])) as image:
        return row_tokens(prompt, target, *image.size, recipe.export.tokens, recipe.distill.tokenizer)


def test_the_recorded_keys_are_those_of_the_version_installed(ask, recipe, monkeypatch):
    for name, value in environment().items():
        monkeypatch.setenv(name, value)
    installed = check.llamafactory([], load(recipe).train.python)
    recorded = check.llamafactory([], None)
    assert installed.installed and not recorded.installed
    assert (recorded.version, recorded.keys) == (installed.version, installed.keys)


def test_a_key_it_does_not_know_is_refused_before_the_launch(mmfr, trained):
    done = mmfr("sft", "llamafactory", "--set", "train.sft.llamafactory.packings=true")
    assert done.returncode == 2
    assert "does not know: packings (did you mean packing?)" in done.stderr
