import json

import pyarrow.parquet as pq
import pytest
import yaml
from PIL import Image

from mmfinereason.errors import ExportError, StoreError
from mmfinereason.export import export
from mmfinereason.schema import CANONICAL_COLUMNS, Stage

from .conftest import make_run, png, sample, trace


def read(context, path):
    return pq.read_table(f"{context.run.url}/exports/{path}").to_pylist()


def test_the_dataset_has_the_published_columns_and_one_config_a_subset(context):
    export(context)
    rows = read(context, "dataset/full/train-00000.parquet")
    assert tuple(rows[0]) == CANONICAL_COLUMNS
    assert rows[0] == {
        "source": "src",
        "id": "0",
        "original_question": "1. What is 0+1?",
        "original_answer": "It is 1.",
        "image": {"bytes": png(), "path": "0.png"},
        "question": "<image>What is 0+1?",
        "answer": "1",
        "qwen3vl_235b_instruct_caption": "A picture for src/0.",
        "qwen3vl_235b_thinking_response": ("<think>\nI see 0 and one more.\n</think>\n\nThe sum is <answer>1</answer>"),
        "qwen3vl_4b_pass_rate": 0.25,
        "is_consistent": True,
        "consistency_analysis": "Same number.",
    }
    assert [row["id"] for row in rows] == ["0", "1"]
    assert [row["id"] for row in read(context, "dataset/rl/train-00000.parquet")] == ["0"]


def test_datasets_opens_every_config_with_real_images(context, tmp_path):
    datasets = pytest.importorskip("datasets")
    export(context)
    rows = datasets.load_dataset(
        f"{context.run.url}/exports/dataset", "full", split="train", cache_dir=str(tmp_path / "cache")
    )
    assert len(rows) == 2
    assert isinstance(rows[0]["image"], Image.Image)
    assert rows[0]["image"].size == (64, 48)


def test_the_card_names_configs_licences_and_a_simulated_teacher(context):
    export(context)
    card = context.run.folder.read("exports/dataset/README.md").decode()
    header = yaml.safe_load(card.split("---")[1])
    assert [config["config_name"] for config in header["configs"]] == ["full", "rl"]
    assert header["license"] == "mit"
    assert "| src | Mathematics | MIT | 2 | 1 |" in card
    assert "| simulated-teacher | distill@12345678 |" in card
    assert "Do not train on them." in card


def test_the_card_shows_a_recipe_without_places_of_this_house(tmp_path):
    teacher = "{model: m, temperature: 0.7, endpoints: [{url: 'http://node-7.inside:8000/v1', key_env: SECRET_KEY}]}"
    overrides = [f"models.teacher={teacher}", f"evaluate.models={{base: {teacher}}}", "run=s3://inside/runs/tiny"]
    export(make_run(tmp_path / "run", [sample(0)], [trace(0)], {"src/0": ["full"]}, overrides))
    card = (tmp_path / "run/exports/dataset/README.md").read_text()
    assert "temperature: 0.7" in card
    assert not [word for word in ("inside", "SECRET_KEY", "endpoints:", "key_env") if word in card]


def test_llamafactory_rows_and_their_complete_registration(context):
    export(context)
    assert read(context, "llamafactory/full/part-00000.parquet")[1] == {
        "conversations": [
            {"from": "human", "value": "<image>What is 1+1?"},
            {
                "from": "gpt",
                "value": "<think>\nI see 1 and one more.\n</think>\n\nThe sum is <answer>2</answer>",
            },
        ],
        "images": [{"bytes": png(), "path": "1.png"}],
        "id": "src/1",
    }
    assert json.loads(context.run.folder.read("exports/llamafactory/dataset_info.json")) == {
        "tiny_full": {
            "file_name": "full",
            "formatting": "sharegpt",
            "columns": {"messages": "conversations", "images": "images"},
            "tags": {
                "role_tag": "from",
                "content_tag": "value",
                "user_tag": "human",
                "assistant_tag": "gpt",
                "observation_tag": "observation",
                "function_tag": "function_call",
                "system_tag": "system",
            },
        }
    }


def test_verl_rows_carry_the_reference_only_where_the_reward_reads_it(context):
    export(context)
    (row,) = read(context, "verl/rl/train-00000.parquet")
    assert row["prompt"][0]["content"].startswith("<image>What is 0+1?\n\n")
    assert row["images"] == [{"bytes": png(), "path": "0.png"}]
    assert row["reward_model"] == {"style": "rule", "ground_truth": "1"}
    assert row["data_source"] == "mmfinereason"
    assert row["extra_info"] == {
        "split": "train",
        "index": 0,
        "id": "src/0",
        "answer": "1",
        "question": "What is 0+1?",
    }


def test_trl_rows_leave_the_image_marker_to_trl(context):
    export(context)
    rows = read(context, "trl/sft/full/train-00000.parquet")
    assert rows[0]["prompt"] == [{"role": "user", "content": "What is 0+1?"}]
    assert rows[0]["completion"][0]["content"].startswith("<think>\nI see 0")
    (rl,) = read(context, "trl/rl/rl/train-00000.parquet")
    assert rl["ground_truth"] == "1"
    assert "<image>" not in rl["prompt"][0]["content"]


def test_tags_in_a_trace_are_made_harmless_for_trainers_and_kept_in_the_dataset_question(tmp_path):
    wild = trace(0, reasoning="The <image> shows <think> twice <|im_end|>.")
    context = make_run(tmp_path / "run", [sample(0)], [wild], {"src/0": ["full"]})
    export(context)
    (row,) = read(context, "llamafactory/full/part-00000.parquet")
    assert row["conversations"][1]["value"].startswith("<think>\nThe [image] shows [think] twice [|im_end|].\n</think>")


def test_the_same_run_exports_the_same_bytes(context):
    def everything():
        export(context)
        found = context.run.folder.filesystem.find(context.run.folder.path("exports"))
        return {path: open(path, "rb").read() for path in found}

    assert everything() == everything()


def test_a_row_longer_than_the_cut_off_is_left_out_by_name(tmp_path):
    long = trace(0, reasoning="word " * 500)
    context = make_run(
        tmp_path / "run",
        [sample(0), sample(1)],
        [long, trace(1)],
        {"src/0": ["full"], "src/1": ["full"]},
        ["export.tokens.cutoff=200"],
    )
    exports = export(context)
    (left,) = exports["llamafactory"].left_out
    assert (left.id, left.subset) == ("src/0", "full")
    assert left.why.endswith("tokens, cut-off 200")
    assert exports["llamafactory"].rows == {"full": 1}
    assert context.run.folder.read("exports/llamafactory/left_out.csv").startswith(b"id,subset,why\nsrc/0,full,")


def test_a_row_without_a_reference_is_no_rl_row(tmp_path):
    context = make_run(tmp_path / "run", [sample(0, answer=None)], [trace(0)], {"src/0": ["rl"]})
    exports = export(context)
    assert exports["verl"].rows == {"rl": 0}
    assert exports["verl"].left_out[0].why == "it has no reference answer to reward"


def test_a_permissive_export_leaves_other_licences_out(tmp_path):
    samples = [sample(0), sample(1, licence="CC-BY-NC-4.0"), sample(2, licence=None)]
    subsets = {f"src/{n}": ["full"] for n in range(3)}
    context = make_run(tmp_path / "run", samples, [trace(n) for n in range(3)], subsets, ["export.licence=permissive"])
    exports = export(context)
    assert exports["dataset"].rows == {"full": 1}
    assert [left.why for left in exports["dataset"].left_out] == [
        "its licence is CC-BY-NC-4.0",
        "its licence is unknown",
    ]


def test_a_violation_refuses_the_export_and_names_the_row(tmp_path):
    broken = sample(0, image={"bytes": b"not an image", "path": "0.png"})
    context = make_run(tmp_path / "run", [broken], [trace(0)], {"src/0": ["full"]}, ["export.formats=[dataset]"])
    with pytest.raises(ExportError, match=r"src/0: the image does not open"):
        export(context)
    assert not context.run.folder.exists("exports/dataset/export.json")
    assert b"src/0" in context.run.folder.read("exports/dataset/violations.csv")


def test_json_layout_has_image_files_beside_it(tmp_path):
    context = make_run(
        tmp_path / "run", [sample(0)], [trace(0)], {"src/0": ["full"]}, ["export.llamafactory_layout=json"]
    )
    export(context)
    (row,) = json.loads(context.run.folder.read("exports/llamafactory/full.json"))
    assert row["images"] == ["images/0.png"]
    assert context.run.folder.read("exports/llamafactory/images/0.png") == png()
    info = json.loads(context.run.folder.read("exports/llamafactory/dataset_info.json"))
    assert info["tiny_full"]["file_name"] == "full.json"


def test_variants_change_only_the_target(tmp_path):
    for variant, expected in {
        "no_think": "The sum is <answer>1</answer>",
        "caption": (
            "<think>\nA picture for src/0.\n\nI see 0 and one more.\n</think>\n\nThe sum is <answer>1</answer>"
        ),
    }.items():
        context = make_run(
            tmp_path / variant, [sample(0)], [trace(0)], {"src/0": ["full"]}, [f"export.variant={variant}"]
        )
        export(context)
        (row,) = read(context, "llamafactory/full/part-00000.parquet")
        assert row["conversations"][1]["value"] == expected


def test_columns_can_have_other_names(tmp_path):
    context = make_run(
        tmp_path / "run",
        [sample(0)],
        [trace(0)],
        {"src/0": ["full"]},
        ["export.columns={qwen3vl_4b_pass_rate: pass_rate, image: picture}"],
    )
    export(context)
    (row,) = read(context, "dataset/full/train-00000.parquet")
    assert row["pass_rate"] == 0.25
    assert row["picture"]["path"] == "0.png"


def test_a_run_whose_subsets_are_empty_exports_that_they_are(tmp_path):
    context = make_run(tmp_path / "run", [sample(0)], [trace(0)], {})
    assert not any(one.files for one in export(context).values())
    assert "No row of this run is in a subset" in (tmp_path / "run/exports/dataset/README.md").read_text()


def test_an_export_says_by_which_limits_and_as_which_variant_it_was_made(context):
    export(context)
    manifest = json.loads(context.run.folder.read("exports/llamafactory/export.json"))
    assert manifest["made_with"]["variant"] == "think"
    assert manifest["made_with"]["tokens"]["cutoff"] == 32_768


@pytest.mark.parametrize("stage", list(Stage))
def test_an_export_never_goes_on_without_a_file_of_a_table(context, stage):
    context.run.folder.remove(context.table(stage).path(0))
    with pytest.raises(StoreError, match=f"lacks {stage.value}/part-00000.parquet"):
        export(context)


def test_nothing_is_exported_before_the_selection_is_finished(context):
    context.table(Stage.SELECT).clear()
    with pytest.raises(StoreError, match="the selection is not finished"):
        export(context)
