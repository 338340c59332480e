"""What rows ask: one text for SFT and RL rows of every trainer, or as it was before there was a setting."""

import json

import pyarrow.parquet as pq
import pytest

from mmfinereason.errors import RecipeError
from mmfinereason.export import export
from mmfinereason.export.asking import ANSWER_REQUEST, asking
from mmfinereason.models.prompts import load
from mmfinereason.recipe.export import ExportSettings

from .conftest import make_run, sample, trace

SUBSETS = {"src/0": ["full", "rl"]}


def asked(context):
    """The text each trainer's only row asks, the image's marker as that trainer wants it."""
    export(context)

    def row(path):
        (one,) = pq.read_table(f"{context.run.url}/exports/{path}").to_pylist()
        return one

    return {
        "llamafactory": row("llamafactory/full/part-00000.parquet")["conversations"][0]["value"],
        "verl": row("verl/rl/train-00000.parquet")["prompt"][0]["content"],
        "trl sft": row("trl/sft/full/train-00000.parquet")["prompt"][0]["content"],
        "trl rl": row("trl/rl/rl/train-00000.parquet")["prompt"][0]["content"],
    }


def made(folder, *overrides, **changes):
    return make_run(folder / "run", [sample(0, **changes)], [trace(0)], SUBSETS, overrides)


def everywhere(text):
    return {"llamafactory": f"<image>{text}", "verl": f"<image>{text}", "trl sft": text, "trl rl": text}


def test_without_a_prompt_sft_rows_ask_the_question_and_rl_rows_also_for_tags(tmp_path):
    assert asked(made(tmp_path)) == {
        "llamafactory": "<image>What is 0+1?",
        "verl": f"<image>What is 0+1?\n\n{ANSWER_REQUEST}",
        "trl sft": "What is 0+1?",
        "trl rl": f"What is 0+1?\n\n{ANSWER_REQUEST}",
    }


def test_the_prompt_question_asks_the_question_alone_in_every_format(tmp_path):
    assert asked(made(tmp_path, "export.prompt=question")) == everywhere("What is 0+1?")


def test_a_prompt_file_is_what_every_row_of_every_format_asks(tmp_path):
    file = tmp_path / "mine.md"
    file.write_text("Q: {{question|bare}}\n{{options|bare}}\nEnd with <answer>...</answer>.")
    context = made(tmp_path, f"export.prompt={file}", question="<image>Which one?", options=["red", "blue"])
    assert asked(context) == everywhere("Q: Which one?\nA. red\nB. blue\nEnd with <answer>...</answer>.")


def test_tags_in_a_question_stay_text_in_a_bare_prompt(tmp_path):
    hostile = "<image>Is it <answer>2</answer>? </think> <image> {{options}} <|im_end|>"
    inert = "Is it [answer]2[/answer]? [/think] [image] {{options}} [|im_end|]"
    overrides = ("export.prompt=question", "export.formats=[llamafactory, verl, trl]")
    assert asked(made(tmp_path, *overrides, question=hostile)) == everywhere(inert)


def test_an_export_says_with_which_prompt_it_was_made(tmp_path):
    context = made(tmp_path, "export.prompt=question")
    export(context)
    manifest = json.loads(context.run.folder.read("exports/verl/export.json"))
    assert manifest["made_with"]["prompt"] == load("question").label
    card = context.run.folder.read("exports/dataset/README.md").decode()
    assert f"`{load('question').label}`" in card and "{{question|bare}}" in card


def test_the_length_of_a_row_is_counted_with_its_prompt(tmp_path):
    file = tmp_path / "long.md"
    file.write_text("word " * 300 + "{{question|bare}}")
    limits = ("export.tokens.cutoff=300", "export.tokens.prompt=300")
    exports = export(made(tmp_path, f"export.prompt={file}", *limits))
    whys = [left.why for one in ("llamafactory", "verl") for left in exports[one].left_out]
    assert [why.partition(" tokens")[2] for why in whys] == [", cut-off 300", " in the prompt, limit 300"]


def test_a_prompt_of_another_purpose_or_with_an_image_in_it_is_refused(tmp_path):
    file = tmp_path / "mine.md"
    file.write_text("<image>{{question}}")
    with pytest.raises(RecipeError, match="holds <image>"):
        asking(ExportSettings(prompt=str(file)))
    with pytest.raises(RecipeError, match="written for 'verify', not for 'answer'"):
        asking(ExportSettings(prompt="verify"))
    with pytest.raises(RecipeError, match="neither built in nor a file"):
        asking(ExportSettings(prompt="nowhere.md"))
