"""Training and serving for real, on a model of 1.6 million parameters."""

from __future__ import annotations

import base64
import csv
import importlib.util
import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import LEARNING
from dots import dots
from runs import make_run, png, puzzles, rl_row, sft_row, trace

from mmfinereason.errors import TrainError
from mmfinereason.execute import Silent
from mmfinereason.models.reply import normalize

pytestmark = pytest.mark.train


class Stops(Silent):
    """A progress that fails after so many steps, as a crash would."""

    def __init__(self, after):
        self.left = after
        self.seen = []

    def shard(self, stats):
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt

    def live(self, figures):
        self.seen.append(dict(figures))


def small(tiny, folder, *, rows=24, progress=None, too_long="refuse", **settings):
    made = {**LEARNING, "max_steps": 6, "save_steps": 2, "global_batch": 4, **settings}
    train = {"sft": {"model": str(tiny), **made}, "local": {"micro_batch": 2, "threads": 1, "too_long": too_long}}
    made_rows = [sft_row(one) for one in dots(rows)]
    return make_run(folder, train, sft=made_rows, progress=progress, tokens={"cutoff": 512})


def lines(folder):
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


# --- rows -------------------------------------------------------------------------------------------------------------


def test_it_works_without_torchvision():
    assert importlib.util.find_spec("torchvision") is None


def test_lengths_are_exactly_what_the_trainer_sees_and_only_the_completion_is_learnt(tiny):
    import io

    from PIL import Image
    from trl.trainer.sft_trainer import DataCollatorForVisionLanguageModeling

    from mmfinereason.train.local.checkpoint import load_processor
    from mmfinereason.train.local.rows import length

    processor = load_processor(tiny, (32 * 32, 96 * 96), padding="right")
    collate = DataCollatorForVisionLanguageModeling(processor, completion_only_loss=True)
    for puzzle, size in zip(puzzles("bar_chart", 3) + puzzles("maze", 3), (60, 96, 128, 200, 300, 448), strict=True):
        row = sft_row(puzzle, size)
        images = [Image.open(io.BytesIO(one["bytes"])) for one in row["images"]]
        batch = collate([{**row, "images": images}])
        assert length(processor, row) == int(batch["attention_mask"].sum())
        learnt = batch["labels"][0][batch["labels"][0] != -100]
        assert processor.tokenizer.decode(learnt) == trace(puzzle) + "<|im_end|>\n"


def test_the_pixel_budget_bounds_an_images_tokens(tiny):
    from mmfinereason.train.local.checkpoint import load_processor

    assert load_processor(tiny, (32 * 32, 64 * 64)).image_tokens(640, 640) == 4
    assert load_processor(tiny, (128 * 128, 256 * 256)).image_tokens(32, 32) == 16


def test_over_long_rows_are_refused_by_name_and_left_out_by_name(tiny, tmp_path):
    from mmfinereason.train.local import sft

    rows = [sft_row(one) for one in dots(5)]
    rows[3]["completion"][0]["content"] = "<think>\n" + "very " * 600 + "\n</think>\n\n<answer>1</answer>"
    train = {"sft": {"model": str(tiny), **LEARNING, "max_steps": 1, "global_batch": 4}}
    with pytest.raises(TrainError, match=r"dots-0-3: \d+ tokens, limit 512"):
        sft(make_run(tmp_path / "a", train, sft=rows, tokens={"cutoff": 512}))
    train["local"] = {"too_long": "leave_out"}
    result = sft(make_run(tmp_path / "b", train, sft=rows, tokens={"cutoff": 512}))
    assert (result.rows, result.left_out) == (4, ["dots-0-3"])
    named = list(csv.DictReader((tmp_path / "b/train/trl-sft/left_out.csv").open()))
    assert [row["id"] for row in named] == ["dots-0-3"]


# --- SFT --------------------------------------------------------------------------------------------------------------


def test_the_loss_falls_and_figures_and_curves_are_kept(learnt):
    context, result = learnt
    assert result.steps == 50
    assert result.figures["loss_last"] < 0.2 * result.figures["loss_first"]
    folder = Path(context.run.folder.path("train/trl-sft"))
    assert sorted(path.name for path in folder.iterdir()) == [
        "checkpoints", "loss.png", "metrics.jsonl", "model", "result.json", "training.json",
    ]  # fmt: skip


def test_what_is_finished_is_not_done_again(learnt):
    from mmfinereason.train.local import sft

    context, result = learnt
    assert sft(replace(context, progress=Stops(0))) == result


def test_a_stopped_training_goes_on_and_ends_like_one_that_was_not_stopped(tiny, tmp_path):
    from mmfinereason.train.local import sft

    whole = sft(small(tiny, tmp_path / "whole"))
    with pytest.raises(KeyboardInterrupt):
        sft(small(tiny, tmp_path / "parts", progress=Stops(5)))
    assert len(lines(tmp_path / "parts/train/trl-sft")) == 6  # the sixth was measured, then the crash came
    stopped = tmp_path / "parts/train/trl-sft/checkpoints"
    assert sorted(path.name for path in stopped.glob("checkpoint-*")) == ["checkpoint-2", "checkpoint-4"]
    progress = Stops(2)
    resumed = sft(small(tiny, tmp_path / "parts", progress=progress))
    assert progress.left == 0
    assert resumed.steps == whole.steps == 6
    ours, theirs = lines(tmp_path / "parts/train/trl-sft"), lines(tmp_path / "whole/train/trl-sft")
    assert [one["step"] for one in ours] == [1, 2, 3, 4, 5, 6]
    assert [one["loss"] for one in ours] == pytest.approx([one["loss"] for one in theirs], rel=1e-4)
    assert [one["tokens"] for one in ours] == [one["tokens"] for one in theirs]
    assert set(progress.seen[-1]) == {"loss", "token_accuracy", "tokens/s"}


def test_frozen_parts_stay_as_they_were_and_the_rest_learns(tiny, tmp_path):
    from safetensors.torch import load_file

    from mmfinereason.train.local import sft

    result = sft(small(tiny, tmp_path, freeze_vision=True, freeze_projector=True, max_steps=2))
    before, after = load_file(tiny / "model.safetensors"), load_file(f"{result.model}/model.safetensors")
    moved = {name for name in before if not before[name].equal(after[name])}
    assert moved and not any("visual" in name for name in moved)


def test_adapters_are_merged_into_a_whole_checkpoint(tiny, tmp_path):
    from safetensors.torch import load_file

    from mmfinereason.train.local import sft

    result = sft(small(tiny, tmp_path, lora={"rank": 4, "alpha": 8}, max_steps=2))
    before, after = load_file(tiny / "model.safetensors"), load_file(f"{result.model}/model.safetensors")
    assert before.keys() == after.keys()
    moved = {name for name in before if not before[name].equal(after[name])}
    assert moved and all("proj" in name and "language_model" in name for name in moved)


def test_nothing_is_sent_home(tiny, tmp_path, monkeypatch):
    import huggingface_hub.constants
    import huggingface_hub.utils._telemetry as telemetry

    from mmfinereason.train.local import sft

    sent = []
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_TELEMETRY", False)
    monkeypatch.setattr(telemetry, "_start_telemetry_thread", lambda: sent.append(1))
    sft(small(tiny, tmp_path, max_steps=1))
    assert not sent


# --- GSPO -------------------------------------------------------------------------------------------------------------


def test_the_clip_acts_from_the_second_update_of_a_generation_on(learnt, tmp_path):
    from mmfinereason.train.local import grpo

    _, base = learnt
    train = {
        "rl": {
            "model": base.model, "batch": 4, "updates": 2, "rollouts": 4, "steps": 2, "completion_tokens": 32,
            "learning_rate": 1e-4, "warmup_steps": 0,
        },
        "local": {"micro_batch": 8, "threads": 1},
    }  # fmt: skip
    progress = Stops(99)
    result = grpo(make_run(tmp_path, train, rl=[rl_row(one) for one in dots(8, most=2)], progress=progress))
    assert result.steps == 4
    made = lines(tmp_path / "train/trl-rl")
    assert [one["clipped"] for one in made[::2]] == [0.0, 0.0]
    assert max(one["clipped"] for one in made[1::2]) > 0
    assert 0 < made[0]["pass_rate"] < 1
    assert {"loss", "reward", "pass_rate", "clipped", "tokens/s"} <= set(progress.seen[-1])
    assert (tmp_path / "train/trl-rl/reward.png").exists()


# --- serving ----------------------------------------------------------------------------------------------------------


def test_a_trained_model_answers_the_openai_client(learnt):
    import openai

    from mmfinereason.lab.launch import start
    from mmfinereason.lab.local import LocalOptions

    _, result = learnt
    puzzle = dots(1, seed=5, most=2)[0]
    url = "data:image/png;base64," + base64.b64encode(png(puzzle.draw())).decode()
    content = [{"type": "image_url", "image_url": {"url": url}}, *sft_row(puzzle)["prompt"]]
    content[1] = {"type": "text", "text": content[1]["content"]}

    with start(model=LocalOptions(result.model, threads=1, batch=8)) as server:
        client = openai.OpenAI(base_url=server.url, api_key="none", max_retries=0)
        (model,) = [one.id for one in client.models.list()]

        def ask(**options):
            chat = [{"role": "user", "content": content}]
            return client.chat.completions.create(model=model, messages=chat, **({"max_tokens": 64} | options))

        greedy = ask(temperature=0, n=2, extra_body={"repetition_penalty": 1.0, "top_k": -1})
        said = [normalize(one.message.model_dump(), one.finish_reason) for one in greedy.choices]
        assert said[0] == said[1]
        assert said[0].shape == "reasoning" and said[0].answer_text in ("<answer>1</answer>", "<answer>2</answer>")
        assert greedy.usage.completion_tokens > greedy.usage.completion_tokens_details.reasoning_tokens > 0

        cut = ask(temperature=0, max_tokens=4).choices[0]
        assert (cut.finish_reason, cut.message.content) == ("length", None)

        def texts(seed):
            return [one.message.model_dump() for one in ask(temperature=1.5, n=2, seed=seed).choices]

        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(texts, range(8)))
        assert together[:2] == [texts(seed) for seed in range(2)]
        assert len({json.dumps(one) for choices in together for one in choices}) > 4


def test_draws_follow_the_models_probabilities():
    torch = pytest.importorskip("torch")
    from mmfinereason.lab.engines.base import Sampling
    from mmfinereason.lab.engines.transformers_engine.sampling import Draw

    scores = torch.tensor([0.5, 0.3, 0.15, 0.05]).log().repeat(4000, 1)
    prompt = torch.ones(4000, 1, dtype=torch.long)
    draw = Draw([Sampling(seed=number) for number in range(4000)], prompt)
    drawn = draw(torch.zeros(4000, 1, dtype=torch.long), scores).argmax(dim=1).bincount(minlength=4) / 4000
    assert drawn.tolist() == pytest.approx([0.5, 0.3, 0.15, 0.05], abs=0.03)
    narrow = Draw([Sampling(seed=number, top_p=0.7) for number in range(4000)], prompt)
    assert narrow(torch.zeros(4000, 1, dtype=torch.long), scores).argmax(dim=1).max() == 1
    few = Draw([Sampling(seed=number, top_k=3) for number in range(4000)], prompt)
    assert few(torch.zeros(4000, 1, dtype=torch.long), scores).argmax(dim=1).max() == 2


def test_the_penalty_is_that_of_transformers():
    torch = pytest.importorskip("torch")
    from transformers import RepetitionPenaltyLogitsProcessor

    from mmfinereason.lab.engines.base import Sampling
    from mmfinereason.lab.engines.transformers_engine.sampling import Draw

    ids, scores = torch.tensor([[1, 2, 2]]), torch.tensor([[0.5, 1.0, -1.0, 2.0]])
    draw = Draw([Sampling(temperature=0, repetition_penalty=1.3)], torch.ones(1, 2, dtype=torch.long))
    assert draw(ids, scores).equal(RepetitionPenaltyLogitsProcessor(1.3)(ids, scores))
